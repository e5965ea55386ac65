// What a worker is asked to do: the connector config, how its output is followed, and what is known of it afterwards. Main thread of the
// benches against Java.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createTopic, deleteTopic } from '../../scripts/kafka/wire.ts'
import { query } from '../../scripts/quickstart/lake.ts'
import type { Contender } from '../contender.ts'
import { factsOfFile, fileProgress, type Progress, parquetProgress, putProgress, topicProgress, until } from '../progress.ts'
import type { Bench, Input, Part } from './input.ts'

export interface Place {
  readonly bench: Bench
  readonly contender: Contender
  readonly input: Input
  readonly part: Part
  /** its name; also that of the output */
  readonly connector: string
  readonly tasks: number
}

/** Counts and sums that tell whether two outputs hold the same. */
export type Facts = Readonly<Record<string, number | string>>

export interface Output {
  readonly config: Record<string, string>
  readonly progress: Progress
  /** of a server that the output goes to; its CPU is told apart */
  readonly serverPid?: number
  /** all that was put is where readers see it; absent: it is when progress is at its end */
  settled?(): Promise<void>
  facts(): Promise<Facts>
  remove(): Promise<void>
}

export type Work = (place: Place) => Promise<Output>

export const STRING = 'org.apache.kafka.connect.storage.StringConverter'
export const JSON_VALUES = {
  'key.converter': STRING,
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

/** The offset and a constant are added, a text is blanked. */
export const twoTransforms = ({ input }: Place): Record<string, string> => ({
  transforms: 'insert,mask',
  'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.insert.offset.field': 'position',
  'transforms.insert.static.field': 'source',
  'transforms.insert.static.value': 'peer',
  'transforms.mask.type': 'org.apache.kafka.connect.transforms.MaskField$Value',
  'transforms.mask.fields': input.dataset.maskedField,
})

export const sinkKeys = ({ input, part, tasks }: Place): Record<string, string> => ({
  'tasks.max': String(tasks),
  topics: input.topic[part],
})

const fileSink =
  (keys: (place: Place) => Record<string, string>): Work =>
  async place => {
    const file = join(place.bench.folder, `${place.connector}.out`)
    return {
      config: {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        ...sinkKeys(place),
        ...keys(place),
        file,
      },
      progress: fileProgress(file),
      facts: async () => factsOfFile(file),
      remove: async () => rmSync(file),
    }
  }

export const jsonToFile = fileSink(place => ({ ...JSON_VALUES, ...twoTransforms(place) }))
export const stringToFile = fileSink(() => ({ 'key.converter': STRING, 'value.converter': STRING }))

export const fileToTopic: Work = async ({ bench, input, part, connector }) => {
  await createTopic(bench.connection, connector, { partitions: input.partitions })
  return {
    config: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      topic: connector,
      file: input.file[part],
      'key.converter': STRING,
      'value.converter': STRING,
    },
    progress: topicProgress(bench.connection, connector),
    facts: async () => ({ rows: input.size[part] }),
    remove: () => deleteTopic(bench.connection, connector),
  }
}

// ---- Parquet

const ROWS_PER_FILE_MAX = 250_000
/** Of values, as columns hold them: a JSON record less its names and punctuation. */
const FILE_BYTES_MAX = 16 * 2 ** 20
/** Open files of all partitions together: less than a task may hold, which would finish some of them early. */
const OPEN_BYTES_MAX = 32 * 2 ** 20
const NAMES_BYTES = 70

/** Files of one size, so that the last of each partition is full when the last record is in: no end waits for a clock. */
export function rowsPerFile({ input, part }: Pick<Place, 'input' | 'part'>): number {
  const rows = input.size[part] / input.partitions
  const bytesMax = Math.min(FILE_BYTES_MAX, OPEN_BYTES_MAX / input.partitions)
  let files = Math.ceil(rows / Math.min(ROWS_PER_FILE_MAX, bytesMax / (input.bytesPerRecord - NAMES_BYTES)))
  while (rows % files !== 0) files++
  return rows / files
}

/** Count and sums of the Parquet files below a folder, as DuckDB reads them. */
async function factsOfParquet({ input }: Place, folder: string, more: Record<string, string> = {}): Promise<Facts> {
  const columns = Object.entries({ rows: 'count(*)', ...input.dataset.sums, ...more }).map(
    ([name, sql]) => `(${sql})::varchar as "${name}"`,
  )
  const files = join(folder, '**', '*.parquet').replaceAll("'", "''")
  const [row = {}] = await query(`select ${columns.join(', ')} from read_parquet('${files}', union_by_name = true)`)
  return row as Facts
}

export const lakeKeys = (place: Place): Record<string, string> => ({
  ...sinkKeys(place),
  ...JSON_VALUES,
  ...twoTransforms(place),
  'topics.dir': '',
  'format.class': 'parquet',
  'parquet.codec': 'snappy',
  'flush.size': String(rowsPerFile(place)),
})

/** What the two transforms must have left in the table. */
export async function factsOfLake(place: Place, folder: string): Promise<Facts> {
  const { input, part } = place
  const more = {
    masked: `count_if("${input.dataset.maskedField}" = '')`,
    positions: 'sum(position)',
    sources: "count_if(source = 'peer')",
  }
  const { masked, positions, sources, ...facts } = await factsOfParquet(place, folder, more)
  const perPartition = input.size[part] / input.partitions
  const wanted = `${input.size[part]} ${(input.partitions * perPartition * (perPartition - 1)) / 2} ${input.size[part]}`
  const found = `${masked} ${positions} ${sources}`
  if (found !== wanted) throw new Error(`masked, sum of offsets, constants: ${found}, must be ${wanted}`)
  return facts
}

export const jsonToLake: Work = async place => {
  const folder = join(place.bench.folder, place.connector)
  return {
    config: { 'connector.class': 'io.sluice.connect.lake.LakeSinkConnector', ...lakeKeys(place), 'store.url': folder },
    progress: parquetProgress(folder, place.contender, place.connector),
    facts: () => factsOfLake(place, folder),
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

/** Iceberg's own sink, without transforms: catalog and tables in a directory. */
export const jsonToIceberg: Work = async place => {
  const { bench, contender, connector, input, part } = place
  const warehouse = join(bench.folder, connector)
  const table = join(warehouse, 'bench', 'records')
  const control = `${connector}-control`
  await createTopic(bench.connection, control)
  return {
    config: {
      'connector.class': 'org.apache.iceberg.connect.IcebergSinkConnector',
      ...sinkKeys(place),
      ...JSON_VALUES,
      'iceberg.tables': 'bench.records',
      'iceberg.tables.auto-create-enabled': 'true',
      'iceberg.tables.auto-create-props.write.parquet.compression-codec': 'snappy',
      'iceberg.catalog.type': 'hadoop',
      'iceberg.catalog.warehouse': `file://${warehouse}`,
      'iceberg.control.topic': control,
      'iceberg.control.commit.interval-ms': '10000',
      'iceberg.kafka.bootstrap.servers': bench.bootstrap,
    },
    // its files are seen only by each commit: records put are counted, which leaves out its last file
    progress: putProgress(contender, connector),
    settled: () => until('all records in the Iceberg table', () => icebergRows(table) === input.size[part]),
    facts: () => factsOfParquet(place, join(table, 'data')),
    async remove() {
      await deleteTopic(bench.connection, control)
      rmSync(warehouse, { recursive: true })
    },
  }
}

/** `total-records` of the table's newest snapshot; 0 before there is one. */
function icebergRows(table: string): number {
  const metadata = join(table, 'metadata')
  const version = versionOf(metadata)
  if (version === null) return 0
  const { snapshots = [], 'current-snapshot-id': current } = JSON.parse(
    // ids are longer than a double holds: as texts
    readFileSync(join(metadata, `v${version}.metadata.json`), 'utf8').replace(/("[\w-]*snapshot-id" ?: ?)(-?\d+)/g, '$1"$2"'),
  ) as { snapshots?: { 'snapshot-id': string; summary: Record<string, string> }[]; 'current-snapshot-id'?: string }
  const snapshot = snapshots.find(one => one['snapshot-id'] === current)
  return Number(snapshot?.summary['total-records'] ?? 0)
}

/** null before there is one, and for the moment in which Hadoop's catalog, at a commit, has deleted the old file and not renamed the new. */
function versionOf(metadata: string): string | null {
  try {
    return readFileSync(join(metadata, 'version-hint.text'), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
