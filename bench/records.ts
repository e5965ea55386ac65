// The records of the benches, as JSON lines of a file: generated ones of 7 fields, padded to a size, or real flights of the npm package
// vega-datasets. The same for the same arguments.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { query } from '../scripts/quickstart/lake.ts'

export interface Dataset {
  /** in names of results: 'generated 150 B', 'flights' */
  readonly title: string
  /** how many records there are */
  readonly most: number
  /** the field that MaskField blanks: a text */
  readonly maskedField: string
  /** SQL over a table of the records: must be the same whoever wrote the table */
  readonly sums: Readonly<Record<string, string>>
  /** Writes records [from, from + size) to the file, one a line. */
  write(file: string, from: number, size: number): Promise<void>
}

const COUNTRIES = ['DE', 'US', 'FR', 'JP', 'BR', 'IN', 'GB', 'PL']
const WORDS = ['order', 'parcel', 'window', 'river', 'seven', 'quiet', 'copper', 'monday', 'ticket', 'garden', 'signal', 'paper']

/** A 7-field JSON object of about 150 bytes; an eighth field of words where more bytes are wanted. */
export function recordAt(i: number, bytes: number): string {
  // a cheap hash, so that neighbours differ and compression does not flatter anybody
  let mixed = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 0
  // always with a fraction: Iceberg's sink takes a column's type from the first record, and would cut the others
  const amount = ((mixed % 1_000_000) / 100).toFixed(2)
  const user = (mixed >>> 7) % 50_000
  const time = 1_700_000_000_000 + i * 37
  const country = COUNTRIES[mixed & 7]
  const active = (mixed & 64) === 0
  let text = `{"id":${i},"user":"user-${user}","email":"user-${user}@customers.example.com","country":"${country}","amount":${amount},"time":${time},"active":${active}`
  const noteAt = bytes - text.length - 12
  if (noteAt < 20) return `${text}}`
  text += ',"note":"'
  while (text.length < bytes - 2) {
    mixed = (Math.imul(mixed, 1_664_525) + 1_013_904_223) >>> 0
    text += `${WORDS[(mixed >>> 8) % WORDS.length]} ${mixed >>> 20} `
  }
  return `${text.slice(0, bytes - 2)}"}`
}

function* linesOf(from: number, size: number, bytes: number): Generator<string> {
  for (let i = from; i < from + size; i++) yield `${recordAt(i, bytes)}\n`
}

export function generated(bytes: number): Dataset {
  return {
    title: `${bytes} B`,
    most: Number.MAX_SAFE_INTEGER,
    maskedField: 'email',
    // of doubles in cents: a sum of doubles depends on their order
    sums: { ids: 'sum(id)', cents: 'sum(round(amount * 100)::hugeint)', times: 'sum(time)', active: 'count_if(active)' },
    write: (file, from, size) => pipeline(Readable.from(linesOf(from, size, bytes)), createWriteStream(file)),
  }
}

const FLIGHTS = fileURLToPath(new URL('../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url))

/** 3 million flights of 2001: date, delay, distance, origin, destination; 96 bytes. */
export const flights: Dataset = {
  title: 'flights',
  most: 3_000_000,
  maskedField: 'origin',
  sums: {
    delays: 'sum(delay)',
    distances: 'sum(distance)',
    dates: 'count(distinct date)',
    destinations: 'count(distinct destination)',
  },
  async write(file, from, size) {
    const text = (path: string) => `'${path.replaceAll("'", "''")}'`
    const rows = `select strftime(date, '%Y-%m-%dT%H:%M:%S') as date, delay, distance, origin, destination from ${text(FLIGHTS)} limit ${size} offset ${from}`
    await query(`copy (${rows}) to ${text(file)} (format json)`)
  },
}
