// The blackhole as work of a contender: records are counted as they are put. Main thread of bench:tasks.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { JSON_VALUES, sinkKeys, twoTransforms, type Work } from '../peer/outputs.ts'

export const blackholePlugin = async (): Promise<Record<string, string>> => ({
  'plugin.path': fileURLToPath(new URL('blackhole-sink.ts', import.meta.url)),
})

export const jsonToBlackhole: Work = async place => {
  const file = join(place.bench.folder, `${place.connector}.count`)
  writeFileSync(file, Buffer.alloc(8 * place.tasks))
  const count = () => {
    const bytes = readFileSync(file)
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).reduce((a, b) => a + b, 0)
  }
  return {
    config: {
      'connector.class': 'io.sluice.bench.BlackholeSinkConnector',
      ...sinkKeys(place),
      ...JSON_VALUES,
      ...twoTransforms(place),
      'count.file': file,
    },
    progress: { count: async () => count(), close() {} },
    facts: async () => ({ rows: count() }),
    remove: async () => rmSync(file),
  }
}
