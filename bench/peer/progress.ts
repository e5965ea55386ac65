// Follows what a connector has put out: lines of a file that grows, or end offsets of a topic. Main thread of the peer bench.
import { closeSync, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { offsets, type WireConnection } from '../../scripts/kafka/wire.ts'

const POLL_MS = 10
const STALL_MS = 60_000

export interface Progress {
  count(): Promise<number>
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

export interface Timing {
  /** records between the first sight of output and the last record */
  readonly records: number
  readonly seconds: number
  /** from the call to the first sight of output */
  readonly firstSeconds: number
}

/** Waits until `expected` are out. The clock starts when the first are seen; what was out by then is not counted. */
export async function follow(progress: Progress, expected: number, alive: () => boolean): Promise<Timing> {
  const called = performance.now()
  let started = 0
  let startCount = 0
  let last = 0
  let lastChange = called
  for (;;) {
    const count = await progress.count()
    const now = performance.now()
    if (count > 0 && started === 0) {
      started = now
      startCount = count
    }
    if (count > last) lastChange = now
    last = count
    if (count > expected) throw new Error(`${count} records are out where ${expected} were expected`)
    if (count === expected)
      return { records: count - startCount, seconds: (now - started) / 1000, firstSeconds: (started - called) / 1000 }
    if (!alive() || now - lastChange > STALL_MS) throw new Error(`stuck at ${count} of ${expected} records`)
    await delay(POLL_MS)
  }
}

export interface Content {
  readonly lines: number
  readonly bytes: number
  /** sum of the checksums of the lines: their order does not matter */
  readonly sum: number
}

export function contentOf(file: string): Content {
  const fd = openSync(file, 'r')
  const chunk = Buffer.allocUnsafe(4 << 20)
  let kept = 0
  let lines = 0
  let bytes = 0
  let sum = 0
  for (
    let read = readSync(fd, chunk, kept, chunk.length - kept, null);
    read > 0;
    read = readSync(fd, chunk, kept, chunk.length - kept, null)
  ) {
    bytes += read
    const end = kept + read
    let start = 0
    for (let at = chunk.indexOf(10); at >= 0 && at < end; at = chunk.indexOf(10, start)) {
      sum = (sum + crc32(chunk.subarray(start, at))) % Number.MAX_SAFE_INTEGER
      lines++
      start = at + 1
    }
    kept = end - start
    chunk.copyWithin(0, start, end)
  }
  closeSync(fd)
  return { lines, bytes, sum }
}
