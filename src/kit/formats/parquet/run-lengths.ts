// Parquet's hybrid of run lengths and bit packing, for levels and dictionary indexes. Hot: free functions over typed arrays.
// Task threads.
//
// A run is LEB128(count << 1) and the value in ceil(width / 8) bytes, or LEB128(groups << 1 | 1) and groups of eight values packed
// from the low bits up. Only the last group may be padded.
import type { ByteWriter } from './byte-writer.ts'

/** Runs shorter than this cost less packed. */
const RUN_MIN = 8

export const bitWidthOf = (max: number): number => 32 - Math.clz32(max)

/** @param width of the largest value; up to 16 */
export function writeRunLengths(
  writer: ByteWriter,
  values: Uint8Array | Uint16Array,
  start: number,
  end: number,
  width: number,
): void {
  let packFrom = start
  let i = start
  while (i < end) {
    const value = values[i]!
    let runEnd = i + 1
    while (runEnd < end && values[runEnd] === value) runEnd++
    if (runEnd - i < RUN_MIN) {
      i = runEnd
      continue
    }
    // A packed group begun before the run is filled up from it.
    const borrowed = (8 - ((i - packFrom) % 8)) % 8
    if (runEnd - i - borrowed >= RUN_MIN) {
      writePacked(writer, values, packFrom, i + borrowed, width)
      writeRun(writer, value, runEnd - i - borrowed, width)
      packFrom = runEnd
    }
    i = runEnd
  }
  writePacked(writer, values, packFrom, end, width)
}

/** One run of one value. */
export function writeRun(writer: ByteWriter, value: number, count: number, width: number): void {
  writer.varint(count * 2)
  if (width > 0) writer.uint8(value & 255)
  if (width > 8) writer.uint8(value >>> 8)
}

function writePacked(writer: ByteWriter, values: Uint8Array | Uint16Array, start: number, end: number, width: number): void {
  if (start === end) return
  const groups = Math.ceil((end - start) / 8)
  writer.varint(groups * 2 + 1)
  const at = writer.reserve(groups * width)
  const out = writer.bytes()
  let position = at
  let bits = 0
  let held = 0
  for (let i = start; i < end; i++) {
    bits |= values[i]! << held
    held += width
    while (held >= 8) {
      out[position++] = bits & 255
      bits >>>= 8
      held -= 8
    }
  }
  if (held > 0) out[position++] = bits & 255
  out.fill(0, position, at + groups * width)
}
