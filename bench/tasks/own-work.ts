// Work of the bench's own connectors: a sink that only counts, and a source of several tasks that makes its lines in memory (FileStreamSource
// has one task, whatever tasks.max says). Main thread of bench:tasks.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTopic, deleteTopic } from '../../scripts/kafka/wire.ts'
import { JSON_VALUES, STRING, sinkKeys, twoTransforms, type Work } from '../peer/outputs.ts'
import { topicProgress } from '../progress.ts'

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export const ownPlugins = async (): Promise<Record<string, string>> => ({
  'plugin.path': [fileOf('blackhole-sink.ts'), fileOf('line-source.ts')].join(','),
})

/** Records are counted as they are put. */
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

/** Each task makes its share of as many lines as the input has, of about its size, as records one by one. */
export const linesToTopic: Work = async ({ bench, input, part, connector, tasks }) => {
  await createTopic(bench.connection, connector, { partitions: input.partitions })
  return {
    config: {
      'connector.class': 'io.sluice.bench.LineSourceConnector',
      'tasks.max': String(tasks),
      topic: connector,
      lines: String(input.size[part]),
      'line.bytes': String(Math.round(input.bytesPerRecord)),
      'key.converter': STRING,
      'value.converter': STRING,
    },
    progress: topicProgress(bench.connection, connector),
    facts: async () => ({ rows: input.size[part] }),
    remove: () => deleteTopic(bench.connection, connector),
  }
}
