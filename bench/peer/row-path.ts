// The same work by the row path: has it become slower since there is a column path? Main thread of the peer bench.
import { fileURLToPath } from 'node:url'
import type { Work } from './outputs.ts'

export const rowPathPlugin = async (): Promise<Record<string, string>> => ({
  'plugin.path': fileURLToPath(new URL('row-path-transform.ts', import.meta.url)),
})

/** The work with a last transform that is only for records. */
export const byRows =
  (work: Work): Work =>
  async place => {
    const output = await work(place)
    const { transforms } = output.config
    return {
      ...output,
      config: {
        ...output.config,
        transforms: transforms === undefined ? 'rows' : `${transforms},rows`,
        'transforms.rows.type': 'io.sluice.bench.RowPath',
      },
    }
  }
