// What is read of a RawBatch record by record: headers, and copies of key and value. Any thread; task/chain.ts calls it for each record.
//
// headers => count(varint) { key_length(varint) key(utf8) value_length(varint, -1 for null) value }*
import { DataError } from '../../base/errors.ts'
import type { RawBatch, RawHeader } from '../types.ts'

const NO_HEADERS: readonly RawHeader[] = Object.freeze([])

/** Headers of record `i`, values as views of the batch's buffer. @throws DataError naming topic, partition and offset */
export function readHeaders(batch: RawBatch, i: number): readonly RawHeader[] {
  const { buffer, index } = batch
  const at = index.headersStart[i]!
  return buffer[at] === 0 ? NO_HEADERS : decodeHeaders(batch, i, at, index.headersEnd[i]!)
}

function decodeHeaders(batch: RawBatch, i: number, start: number, end: number): readonly RawHeader[] {
  const { buffer } = batch
  let at = start
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 35 && at < end; shift += 7) {
      const byte = buffer[at++]!
      value |= (byte & 127) << shift
      if (byte < 128) return (value >>> 1) ^ -(value & 1)
    }
    throw damaged(batch, i)
  }
  const count = varint()
  if (count < 0 || count * 2 > end - at) throw damaged(batch, i)
  const headers: RawHeader[] = []
  for (let n = 0; n < count; n++) {
    const keyLength = varint()
    if (keyLength < 0 || keyLength > end - at) throw damaged(batch, i)
    const key = buffer.toString('utf8', at, at + keyLength)
    at += keyLength
    const valueLength = varint()
    if (valueLength < -1 || valueLength > end - at) throw damaged(batch, i)
    headers.push({ key, value: valueLength < 0 ? null : buffer.subarray(at, at + valueLength) })
    if (valueLength > 0) at += valueLength
  }
  return headers
}

function damaged({ topic, partition, index }: RawBatch, i: number): DataError {
  return new DataError(
    `the headers of the record at offset ${index.offsets[i]} of ${topic}-${partition} do not keep to the format`,
  )
}

/** A view of the record's key, null where it has none. */
export function readKey({ buffer, index }: RawBatch, i: number): Buffer | null {
  const length = index.keyLength[i]!
  return length < 0 ? null : buffer.subarray(index.keyStart[i]!, index.keyStart[i]! + length)
}

/** A view of the record's value, null for a tombstone. */
export function readValue({ buffer, index }: RawBatch, i: number): Buffer | null {
  const length = index.valueLength[i]!
  return length < 0 ? null : buffer.subarray(index.valueStart[i]!, index.valueStart[i]! + length)
}
