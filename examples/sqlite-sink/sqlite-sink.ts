// SqliteSink: a row for every record, in a table named after its topic. A row's key is topic partition and offset, so a record that is put twice
// is one row. The transaction of a put ends before its offsets are committed. Task threads; every task has its own connection.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  type Check,
  type ConfigOf,
  DataError,
  defineConfig,
  defineSink,
  nonEmpty,
  RetriableError,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
} from 'sluice'
import { jsonText } from 'sluice/kit'
import { fieldOf } from './fields.ts'

const RESERVED = ['kafka_partition', 'kafka_offset', 'kafka_time', 'key', 'value']
const BUSY_MS_MAX = 5_000

const columnNames: Check = (_name, value) => {
  const bad = (value as readonly string[] | null)?.find(
    one => !/^[A-Za-z_]\w*$/.test(one) || RESERVED.includes(one.toLowerCase()),
  )
  return bad === undefined ? null : `${bad} cannot be a column: letters, digits and _, and none of ${RESERVED.join(', ')}`
}

const config = defineConfig({
  'db.path': { type: 'string', importance: 'high', doc: 'The database file; it is made when it is not there.', check: nonEmpty },
  columns: {
    type: 'list',
    default: [],
    importance: 'medium',
    doc: 'Fields of the value that get a column of their own name, besides the column `value`, which has all of it as JSON.',
    check: columnNames,
  },
})

type Config = ConfigOf<typeof config>

/** A name in SQL text. */
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

class SqliteSinkTask implements SinkTask<Config> {
  #database: DatabaseSync | null = null
  #columns: readonly string[] = []
  #context: SinkTaskContext | null = null
  /** by topic */
  readonly #inserts = new Map<string, StatementSync>()

  start(config: Config, context: SinkTaskContext): void {
    this.#columns = config.columns
    this.#context = context
    this.#database = new DatabaseSync(config['db.path'], { timeout: BUSY_MS_MAX })
    this.#database.exec('PRAGMA journal_mode = WAL')
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return
    const rows: [topic: string, row: SQLInputValue[]][] = []
    for (const record of records) {
      try {
        rows.push([record.topic, this.#rowOf(record)])
      } catch (error) {
        const reporter = this.#context?.errantRecordReporter
        if (!(error instanceof DataError) || reporter == null) throw error
        await reporter.report(record, error)
      }
    }
    this.#write(rows)
  }

  stop(): void {
    this.#database?.close()
  }

  #write(rows: readonly [string, SQLInputValue[]][]): void {
    const database = this.#database
    if (database === null) return
    try {
      database.exec('BEGIN IMMEDIATE')
      for (const [topic, row] of rows) this.#insertInto(database, topic).run(...row)
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      // another task or program holds the database: the same records come again
      if (/database is locked/.test(String(error))) throw new RetriableError(`the database is busy: ${String(error)}`)
      throw error
    }
  }

  #insertInto(database: DatabaseSync, topic: string): StatementSync {
    const known = this.#inserts.get(topic)
    if (known !== undefined) return known
    const own = this.#columns.map(quoted)
    const table = quoted(topic)
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${table} (kafka_partition INTEGER, kafka_offset INTEGER, kafka_time INTEGER, "key" TEXT, "value" TEXT${own.map(name => `, ${name}`).join('')}, PRIMARY KEY (kafka_partition, kafka_offset)) WITHOUT ROWID`,
    )
    const marks = Array(RESERVED.length + own.length).fill('?')
    const names = [...RESERVED.map(quoted), ...own]
    const insert = database.prepare(`INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${marks.join(', ')})`)
    this.#inserts.set(topic, insert)
    return insert
  }

  /** @throws DataError for a value that has no form in a table */
  #rowOf(record: SinkRecord): SQLInputValue[] {
    const row: SQLInputValue[] = [
      record.originalKafkaPartition,
      record.originalKafkaOffset,
      record.timestamp,
      record.key === null ? null : jsonText(record.key, record.keySchema, 'NUMERIC'),
      record.value === null ? null : jsonText(record.value, record.valueSchema, 'NUMERIC'),
    ]
    for (const name of this.#columns) row.push(record.value === null ? null : columnValue(name, fieldOf(record.value, name)))
    return row
  }
}

function columnValue(name: string, value: unknown): SQLInputValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return value
    case 'boolean':
      return value ? 1 : 0
    default:
      if (value === null || Buffer.isBuffer(value)) return value
      throw new DataError(
        `field ${name} holds a ${Array.isArray(value) ? 'list' : typeof value}: only single values fit into a column`,
      )
  }
}

export const sqliteSink = defineSink({
  className: 'io.sluice.examples.SqliteSinkConnector',
  config,
  task: () => new SqliteSinkTask(),
  previewTarget: config => record => ({ path: config['db.path'], table: record.topic }),
})
