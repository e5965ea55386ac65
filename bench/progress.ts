// Follows what a connector has put out: lines of a file that grows, end offsets of a topic, rows of finished Parquet files, records that
// Java says were put. Main thread of the benches.
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { parquetMetadata } from 'hyparquet'
import { offsets, type WireConnection } from '../scripts/kafka/wire.ts'
import { type Contender, ofConnector } from './contender.ts'
import { linesOfFile } from './topic.ts'

const POLL_MS = 10
/** Where each look costs the worker some of its time: a percent of the shortest runs. */
const METRICS_POLL_MS = 50
/** Metrics are asked for less often: the worker makes them. */
const BEGUN_POLL_MS = 25
const FOOTER_BYTES_MAX = 1 << 16
const STALL_MS = 90_000

export interface Progress {
  count(): Promise<number>
  /** Records seen when the work begins, where that is earlier than the first output. */
  begun?(): Promise<number>
  /** POLL_MS where not said otherwise */
  readonly pollMs?: number
  close(): void
}

/** Counts the lines of a file as it grows; reads every byte once. */
export function fileProgress(file: string): Progress {
  const chunk = Buffer.allocUnsafe(1 << 20)
  let fd = -1
  let position = 0
  let lines = 0
  return {
    async count() {
      try {
        if (fd < 0) fd = openSync(file, 'r')
      } catch {
        return 0 // not there yet
      }
      for (
        let read = readSync(fd, chunk, 0, chunk.length, position);
        read > 0;
        read = readSync(fd, chunk, 0, chunk.length, position)
      ) {
        position += read
        for (let at = chunk.indexOf(10); at >= 0 && at < read; at = chunk.indexOf(10, at + 1)) lines++
      }
      return lines
    },
    close() {
      if (fd >= 0) closeSync(fd)
    },
  }
}

/** Sums the end offsets of a topic that starts empty. */
export function topicProgress(connection: WireConnection, topic: string): Progress {
  return {
    count: async () => (await offsets(connection, topic)).reduce((sum, end) => sum + end, 0),
    close() {},
  }
}

const PUT_TOTAL = 'kafka_connect_sink_task_metrics_sink_record_send_total'

/** Records that the worker has put to its tasks, by its own metrics. */
export function putProgress(contender: Contender, connector: string): Progress {
  return {
    count: async () => ofConnector(await contender.metrics(), PUT_TOTAL, connector).reduce((sum, value) => sum + value, 0),
    pollMs: METRICS_POLL_MS,
    close() {},
  }
}

/** Rows of the Parquet files that stand in the folder; a file that is there is finished. Begins with the first record put. */
export function parquetProgress(folder: string, contender: Contender, connector: string): Progress {
  const known = new Set<string>()
  let rows = 0
  return {
    begun: putProgress(contender, connector).count,
    async count() {
      for (const file of finishedParquet(folder)) {
        if (known.has(file)) continue
        known.add(file)
        rows += rowsOf(file)
      }
      return rows
    },
    close() {},
  }
}

/** From the footer. */
function rowsOf(file: string): number {
  const fd = openSync(file, 'r')
  const { size } = fstatSync(fd)
  const tail = new ArrayBuffer(Math.min(size, FOOTER_BYTES_MAX))
  readSync(fd, new Uint8Array(tail), 0, tail.byteLength, size - tail.byteLength)
  closeSync(fd)
  return Number(parquetMetadata(tail).num_rows)
}

function finishedParquet(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return names.filter(name => name.endsWith('.parquet') && !/(^|\/)\./.test(name)).map(name => join(folder, name))
  } catch {
    return [] // not there yet
  }
}

export interface Timing {
  /** records after those that were out when the clock started */
  readonly records: number
  readonly seconds: number
  /** from the call to the start of the clock */
  readonly firstSeconds: number
}

/** Waits until `expected` are out. The clock starts when `from` are seen; what was out by then is not counted. */
export async function follow(progress: Progress, expected: number, alive: () => boolean, from = 1): Promise<Timing> {
  const called = performance.now()
  let started = 0
  let startCount = 0
  let last = 0
  let lastChange = called
  for (;;) {
    const count = started === 0 && progress.begun !== undefined ? await progress.begun() : await progress.count()
    const now = performance.now()
    if (count >= from && started === 0) {
      started = now
      startCount = count
      if (progress.begun !== undefined) continue
    }
    if (count > last) lastChange = now
    last = count
    if (count > expected) throw new Error(`${count} records are out where ${expected} were expected`)
    if (count === expected)
      return { records: count - startCount, seconds: (now - started) / 1000, firstSeconds: (started - called) / 1000 }
    if (!alive() || now - lastChange > STALL_MS) throw new Error(`stuck at ${count} of ${expected} records`)
    await delay(started === 0 && progress.begun !== undefined ? BEGUN_POLL_MS : (progress.pollMs ?? POLL_MS))
  }
}

/** Waits until the condition holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = STALL_MS): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; !(await holds()); await delay(POLL_MS))
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
}

/** Lines, bytes, and the sum of the checksums of the lines: their order does not matter. */
export function factsOfFile(file: string): Record<string, number> {
  const facts = { rows: 0, bytes: 0, sum: 0 }
  for (const line of linesOfFile(file)) {
    facts.rows++
    facts.bytes += line.length + 1
    facts.sum = (facts.sum + crc32(line)) % Number.MAX_SAFE_INTEGER
  }
  return facts
}
