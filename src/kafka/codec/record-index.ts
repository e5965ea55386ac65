// The hot loop of reading: finds where each record's key, value and headers lie, into typed arrays, without an object per record.
// Any thread; used by partition-records.ts.
//
// record  => length(varint) attributes(int8) timestamp_delta(varlong) offset_delta(varint) key_length(varint) key
//            value_length(varint) value headers_count(varint) headers*                     (KIP-98; varints are zigzag)
// The length of a key or value is -1 for null. Headers are read by readHeaders, when someone asks.
import type { RecordIndex } from '../types.ts'

/** Bytes of the shortest record: what a batch claims to hold can be checked against what it has room for. */
export const RECORD_BYTES_MIN = 7
/** What one record weighs in the index. */
export const INDEX_BYTES_PER_RECORD = 2 * 8 + 6 * 4

/** Grows with the largest batch seen, and is used again for every batch: what leaves here are copies of the right size. */
export class IndexScratch {
  count = 0
  offsets = new Float64Array(0)
  timestamps = new Float64Array(0)
  keyStart = new Int32Array(0)
  keyLength = new Int32Array(0)
  valueStart = new Int32Array(0)
  valueLength = new Int32Array(0)
  headersStart = new Int32Array(0)
  headersEnd = new Int32Array(0)

  /** Room for `more` records behind those there are. */
  reserve(more: number): void {
    const needed = this.count + more
    if (needed <= this.offsets.length) return
    const size = Math.max(needed, 2 * this.offsets.length, 1024)
    this.offsets = enlarged(this.offsets, new Float64Array(size))
    this.timestamps = enlarged(this.timestamps, new Float64Array(size))
    this.keyStart = enlarged(this.keyStart, new Int32Array(size))
    this.keyLength = enlarged(this.keyLength, new Int32Array(size))
    this.valueStart = enlarged(this.valueStart, new Int32Array(size))
    this.valueLength = enlarged(this.valueLength, new Int32Array(size))
    this.headersStart = enlarged(this.headersStart, new Int32Array(size))
    this.headersEnd = enlarged(this.headersEnd, new Int32Array(size))
  }

  /** Forgets those of the records from `first` on that lie before an offset: a fetch may begin in the middle of a batch. */
  dropBefore(offset: number, first: number): void {
    let keep = first
    while (keep < this.count && this.offsets[keep]! < offset) keep++
    if (keep === first) return
    for (const column of this.#columns()) column.copyWithin(first, keep, this.count)
    this.count -= keep - first
  }

  /**
   * Copies the records out, into one piece of memory, and empties the scratch.
   * @param memory with room for INDEX_BYTES_PER_RECORD each; made where not given
   */
  take(memory = new ArrayBuffer(this.count * INDEX_BYTES_PER_RECORD)): RecordIndex {
    const { count } = this
    const floats = (column: Float64Array, at: number): Float64Array => {
      const copy = new Float64Array(memory, at * 8 * count, count)
      copy.set(column.subarray(0, count))
      return copy
    }
    const ints = (column: Int32Array, at: number): Int32Array => {
      const copy = new Int32Array(memory, (16 + at * 4) * count, count)
      copy.set(column.subarray(0, count))
      return copy
    }
    this.count = 0
    return {
      count,
      offsets: floats(this.offsets, 0),
      timestamps: floats(this.timestamps, 1),
      keyStart: ints(this.keyStart, 0),
      keyLength: ints(this.keyLength, 1),
      valueStart: ints(this.valueStart, 2),
      valueLength: ints(this.valueLength, 3),
      headersStart: ints(this.headersStart, 4),
      headersEnd: ints(this.headersEnd, 5),
    }
  }

  #columns(): (Float64Array | Int32Array)[] {
    const { offsets, timestamps, keyStart, keyLength, valueStart, valueLength, headersStart, headersEnd } = this
    return [offsets, timestamps, keyStart, keyLength, valueStart, valueLength, headersStart, headersEnd]
  }
}

function enlarged<A extends Float64Array | Int32Array>(from: A, into: A): A {
  into.set(from)
  return into
}

/** Where a varint of more than one byte ended: a second result without an object. */
let restEnd = 0

/** The value of a varint whose first byte is `x`, zigzag not undone. Two bytes are the rule; small, so that V8 inlines it. */
function varintRest(b: Buffer, p: number, x: number): number {
  const y = b[p]!
  if (y > 127) return varintTail(b, p + 1, (x & 127) | ((y & 127) << 7))
  restEnd = p + 1
  return (x & 127) | (y << 7)
}

function varintTail(b: Buffer, p: number, v: number): number {
  let y = b[p++]!
  v |= (y & 127) << 14
  if (y > 127) {
    y = b[p++]!
    v |= (y & 127) << 21
    if (y > 127) {
      y = b[p++]!
      v |= y << 28
      // Bits beyond 32 are no varint. An end beyond every record makes the caller see it.
      if (!(y < 16)) p = Number.POSITIVE_INFINITY
    }
  }
  restEnd = p
  return v
}

/** The same for a varlong, zigzag undone. */
function varlongRest(b: Buffer, p: number, x: number): number {
  const y = b[p]!
  if (y > 127) return varlongTail(b, p + 1, (x & 127) | ((y & 127) << 7))
  restEnd = p + 1
  const v = (x & 127) | (y << 7)
  return (v >>> 1) ^ -(v & 1)
}

/** A number, rounded beyond 2^53. */
function varlongTail(b: Buffer, p: number, v: number): number {
  let big = 0n
  for (let shift = 14; ; shift += 7) {
    const y = b[p++]
    if (y === undefined || shift > 63) {
      restEnd = Number.POSITIVE_INFINITY
      return 0
    }
    if (shift < 46) v += (y & 127) * 2 ** shift
    else {
      if (big === 0n) big = BigInt(v)
      big |= BigInt(y & 127) << BigInt(shift)
    }
    if (y < 128) break
  }
  restEnd = p
  if (big !== 0n) return Number(BigInt.asIntN(64, (big >> 1n) ^ -(big & 1n)))
  return v % 2 === 0 ? v / 2 : -(v + 1) / 2
}

/**
 * Indexes `count` records that lie in [at, end) of `b`, behind those the scratch holds.
 * @returns -1, or which record (from 0) does not keep to the format: then the scratch holds nothing new
 */
export function indexRecords(
  s: IndexScratch,
  b: Buffer,
  at: number,
  end: number,
  count: number,
  baseOffset: number,
  baseTimestamp: number,
): number {
  s.reserve(count)
  const { offsets, timestamps, keyStart, keyLength, valueStart, valueLength, headersStart, headersEnd } = s
  let p = at
  let previous = -1
  for (let i = 0, n = s.count; i < count; i++, n++) {
    let x = b[p++]!
    if (x > 127) {
      x = varintRest(b, p, x)
      p = restEnd
    }
    const recordEnd = p + ((x >>> 1) ^ -(x & 1))
    if (!(recordEnd <= end)) return i
    // One byte of attributes, of which none is used.
    x = b[++p]!
    p++
    let delta = (x >>> 1) ^ -(x & 1)
    if (x > 127) {
      delta = varlongRest(b, p, x)
      p = restEnd
    }
    timestamps[n] = baseTimestamp + delta
    x = b[p++]!
    if (x > 127) {
      x = varintRest(b, p, x)
      p = restEnd
    }
    delta = (x >>> 1) ^ -(x & 1)
    // Offsets that do not rise would make the position go back.
    if (delta <= previous) return i
    previous = delta
    offsets[n] = baseOffset + delta
    x = b[p++]!
    if (x > 127) {
      x = varintRest(b, p, x)
      p = restEnd
    }
    keyStart[n] = p
    keyLength[n] = x = (x >>> 1) ^ -(x & 1)
    if (x > 0) p += x
    else if (x < -1) return i
    x = b[p++]!
    if (x > 127) {
      x = varintRest(b, p, x)
      p = restEnd
    }
    valueStart[n] = p
    valueLength[n] = x = (x >>> 1) ^ -(x & 1)
    if (x > 0) p += x
    else if (x < -1) return i
    // One check for all of the above: reads beyond the buffer give undefined, and every wrong length ends up here.
    if (!(p < recordEnd)) return i
    headersStart[n] = p
    headersEnd[n] = recordEnd
    p = recordEnd
  }
  if (p !== end) return count
  s.count += count
  return -1
}
