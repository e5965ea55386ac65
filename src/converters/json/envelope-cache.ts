// D11: the bytes of an envelope around its payload are the same for every record of a producer, so they are compared instead of
// parsed: same bytes, same Schema object. Works for both orders of the keys and for any whitespace. Task threads.
import type { Schema } from '../../data/schema.ts'
import { latin1Slice } from '../text-slices.ts'

export interface Envelope {
  /** bytes before the payload: `{"schema":{...},"payload":` or `{"payload":` */
  readonly head: Buffer
  /** bytes after it: `}` or `,"schema":{...}}` */
  readonly tail: Buffer
  /** null: the producer writes without schemas */
  readonly schema: Schema | null
}

/** Of all envelopes kept: one can be as large as a message. */
const BYTES_MAX = 16 << 20
/** Envelopes of one mark, which are compared one by one. */
const BUCKET_MAX = 16

export class EnvelopeCache {
  readonly #limit: number
  /** buckets by mark; least recently added first */
  readonly #byMark = new Map<string, Envelope[]>()
  #size = 0
  #bytes = 0
  #last: Envelope | null = null

  /** @param limit at most so many envelopes are kept */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The envelope around the payload of the document in [start, end), if it was met before. */
  find(buffer: Buffer, start: number, end: number): Envelope | undefined {
    const last = this.#last
    if (last !== null && fits(last, buffer, start, end)) return last
    const mark = markOf(buffer, start, end)
    const bucket = mark === null ? undefined : this.#byMark.get(mark)
    const found = bucket?.find(envelope => fits(envelope, buffer, start, end))
    if (found !== undefined) this.#last = found
    return found
  }

  /** Takes the envelope of the document in [start, end). The bytes are copied. */
  add(buffer: Buffer, start: number, end: number, payloadStart: number, payloadEnd: number, schema: Schema | null): void {
    if (this.#limit <= 0) return
    const envelope = {
      head: Buffer.from(buffer.subarray(start, payloadStart)),
      tail: Buffer.from(buffer.subarray(payloadEnd, end)),
      schema,
    }
    const mark = markOf(buffer, start, end)
    if (mark === null) return
    const bucket = this.#byMark.get(mark) ?? []
    bucket.push(envelope)
    this.#byMark.delete(mark)
    this.#byMark.set(mark, bucket)
    this.#size++
    this.#bytes += bytesOf(envelope)
    this.#last = envelope
    if (bucket.length > BUCKET_MAX) this.#dropFirst(mark, bucket)
    while (this.#size > this.#limit || this.#bytes > BYTES_MAX) this.#dropOldest()
  }

  #dropOldest(): void {
    for (const [mark, bucket] of this.#byMark) {
      this.#dropFirst(mark, bucket)
      return
    }
  }

  #dropFirst(mark: string, bucket: Envelope[]): void {
    const dropped = bucket.shift()
    if (dropped === undefined) return
    this.#size--
    this.#bytes -= bytesOf(dropped)
    if (bucket.length === 0) this.#byMark.delete(mark)
  }
}

/** What an envelope costs: its bytes, and its mark, which is at most as long. */
const bytesOf = ({ head, tail }: Envelope): number => 2 * (head.length + tail.length)

/** Whether the document in [start, end) is a payload in this envelope. */
export function fits(envelope: Envelope, buffer: Buffer, start: number, end: number): boolean {
  const { head, tail } = envelope
  const payloadStart = start + head.length
  const payloadEnd = end - tail.length
  return (
    payloadStart < payloadEnd &&
    buffer.compare(head, 0, head.length, start, payloadStart) === 0 &&
    (tail.length === 1 ? buffer[payloadEnd] === tail[0] : buffer.compare(tail, 0, tail.length, payloadEnd, end) === 0)
  )
}

/** The same text for all documents in one envelope, whatever their payload; other envelopes may share it. Null: no envelope. */
function markOf(buffer: Buffer, start: number, end: number): string | null {
  const bytes = buffer.subarray(start, end)
  const payload = bytes.indexOf('"payload"')
  const schema = bytes.indexOf('"schema"')
  if (payload < 0 || schema < 0) return null
  // Both keys are in every envelope; what a payload or a schema contains can only shorten the mark.
  if (schema < payload) return latin1Slice(bytes, 0, payload)
  return latin1Slice(bytes, bytes.lastIndexOf('"schema"'), bytes.length)
}
