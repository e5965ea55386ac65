// The records of a source task that are on their way, in order, by source partition: an offset may be committed once its record and
// all before it in the same source partition are acknowledged. Task thread. Java: SubmittedRecords.
import type { OffsetEntry, OffsetMap } from '../actor/messages.ts'

/** A record on its way, or several that are acknowledged as one. */
export interface Submission {
  /** of the last of them */
  offset: OffsetMap
  isAcked: boolean
}

interface Line {
  readonly partition: OffsetMap
  queue: Submission[]
  head: number
  /** offset of the last record of the acknowledged head that was not taken yet */
  committable: OffsetMap | null
}

export class Submitted {
  readonly #lines = new Map<string, Line>()
  #lastPartition: OffsetMap | null = null
  #lastLine: Line | null = null

  /** Notes a record before it is sent; `ack` is called with the result. */
  submit(partition: OffsetMap, offset: OffsetMap): Submission {
    const submission: Submission = { offset, isAcked: false }
    this.#lineOf(partition).queue.push(submission)
    return submission
  }

  ack(submission: Submission): void {
    submission.isAcked = true
  }

  /** The offsets that may be committed now and were not taken before. */
  take(): OffsetEntry[] {
    const entries: OffsetEntry[] = []
    for (const line of this.#lines.values()) {
      this.#advance(line)
      if (line.committable === null) continue
      entries.push({ partition: line.partition, offset: line.committable })
      line.committable = null
    }
    return entries
  }

  /** Puts offsets back whose flush failed, unless later ones have come. */
  putBack(entries: readonly OffsetEntry[]): void {
    for (const { partition, offset } of entries) {
      const line = this.#lineOf(partition)
      line.committable ??= offset
    }
  }

  #advance(line: Line): void {
    const { queue } = line
    let head = line.head
    while (head < queue.length && queue[head]?.isAcked) head++
    if (head > line.head) line.committable = queue[head - 1]?.offset ?? null
    line.head = head
    if (head > 1_024 && head * 2 > queue.length) {
      line.queue = queue.slice(head)
      line.head = 0
    }
  }

  #lineOf(partition: OffsetMap): Line {
    // Tasks hand out the same map object for record after record.
    if (partition === this.#lastPartition && this.#lastLine !== null) return this.#lastLine
    const key = partitionKey(partition)
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { partition, queue: [], head: 0, committable: null }
      this.#lines.set(key, line)
    }
    this.#lastPartition = partition
    this.#lastLine = line
    return line
  }
}

/** Equal maps give equal keys, whatever their order. */
function partitionKey(partition: OffsetMap): string {
  const entries = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return JSON.stringify(entries, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
