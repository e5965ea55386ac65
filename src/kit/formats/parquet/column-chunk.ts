// One leaf column as a Parquet column chunk: a dictionary page where one pays, then data pages. Yields to the event loop between
// pages, so a long file does not hold up heartbeats. Task threads.
//
// A page is a Thrift header and a compressed body: repetition levels, definition levels (each with its length, in runs), values.
// Data page version 1, which every reader reads; pages begin at rows.
import { systemClock, yieldToEventLoop } from '../../../base/clock.ts'
import { MIB } from '../../../base/units.ts'
import { ByteWriter } from './byte-writer.ts'
import { compressPage, type ParquetCodec } from './codec.ts'
import type { Leaf } from './leaf.ts'
import { type Bounds, boundsOf, type Dictionary, dictionaryOf, writeIndexes, writePlain } from './page-values.ts'
import { bitWidthOf, writeRun, writeRunLengths } from './run-lengths.ts'
import { i32, struct, thriftBytes } from './thrift.ts'

const DATA_PAGE = 0
const DICTIONARY_PAGE = 2
const PLAIN = 0
const RLE = 3
const RLE_DICTIONARY = 8
const PAGE_ENTRIES = 20_000
const PAGE_BYTES = MIB
/** The event loop gets a turn after this long. */
const TURN_MS = 10

export interface ColumnChunk {
  readonly leaf: Leaf
  readonly path: readonly string[]
  readonly encodings: readonly number[]
  readonly values: number
  readonly nulls: number
  readonly bounds: Bounds | null
  readonly bytes: number
  readonly compressedBytes: number
  readonly dictionaryOffset: number | null
  readonly dataOffset: number
}

/** Where a file's bytes go, and how many went. */
export class FileOutput {
  readonly #write: (bytes: Uint8Array) => Promise<void>
  #turnEndsMs = systemClock.monotonicMs() + TURN_MS
  offset = 0

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes)
    this.offset += bytes.length
  }

  /** Lets timers and sockets of this thread run once in a while. */
  async rest(): Promise<void> {
    if (systemClock.monotonicMs() < this.#turnEndsMs) return
    await yieldToEventLoop()
    this.#turnEndsMs = systemClock.monotonicMs() + TURN_MS
  }
}

export async function writeColumnChunk(
  output: FileOutput,
  leaf: Leaf,
  path: readonly string[],
  codec: ParquetCodec,
): Promise<ColumnChunk> {
  const start = output.offset
  let bytes = 0
  let dictionaryOffset: number | null = null
  const dictionary = dictionaryOf(leaf)
  await output.rest()
  if (dictionary !== null) {
    dictionaryOffset = start
    bytes += await writePage(output, codec, dictionary.plain, size => [
      [1, i32(DICTIONARY_PAGE)],
      [2, i32(size.whole)],
      [3, i32(size.compressed)],
      [7, struct([1, i32(dictionary.count)], [2, i32(PLAIN)])],
    ])
  }
  const dataOffset = output.offset
  bytes += await writeDataPages(output, leaf, codec, dictionary)
  return {
    leaf,
    path,
    encodings: dictionary === null ? [PLAIN, RLE] : [PLAIN, RLE, RLE_DICTIONARY],
    values: leaf.entries,
    nulls: leaf.nulls,
    bounds: boundsOf(leaf),
    bytes,
    compressedBytes: output.offset - start,
    dictionaryOffset,
    dataOffset,
  }
}

async function writeDataPages(
  output: FileOutput,
  leaf: Leaf,
  codec: ParquetCodec,
  dictionary: Dictionary | null,
): Promise<number> {
  const perEntry = dictionary === null ? Math.max(1, leaf.bytes / Math.max(1, leaf.entries)) : 2
  const pageEntries = Math.max(1, Math.min(PAGE_ENTRIES, Math.floor(PAGE_BYTES / perEntry)))
  let bytes = 0
  let value = 0
  let offset = 0
  for (let entry = 0; entry < leaf.entries; ) {
    const end = pageEnd(leaf, entry, pageEntries)
    const valueEnd = value + definedIn(leaf, entry, end)
    const body = new ByteWriter(64 * 1024)
    writeLevels(body, leaf, entry, end, valueEnd - value)
    if (dictionary !== null) writeIndexes(body, dictionary, value, valueEnd)
    else offset = writePlain(body, leaf, value, valueEnd, offset)
    const entries = end - entry
    bytes += await writePage(output, codec, body.bytes(), size => [
      [1, i32(DATA_PAGE)],
      [2, i32(size.whole)],
      [3, i32(size.compressed)],
      [5, struct([1, i32(entries)], [2, i32(dictionary === null ? PLAIN : RLE_DICTIONARY)], [3, i32(RLE)], [4, i32(RLE)])],
    ])
    entry = end
    value = valueEnd
    await output.rest()
  }
  return bytes
}

function pageEnd(leaf: Leaf, start: number, entries: number): number {
  let end = Math.min(start + entries, leaf.entries)
  while (end < leaf.entries && leaf.repAt(end) !== 0) end++
  return end
}

function definedIn(leaf: Leaf, start: number, end: number): number {
  const defs = leaf.defs()
  if (defs === null) return end - start
  let defined = 0
  for (let i = start; i < end; i++) if (defs[i] === leaf.maxDef) defined++
  return defined
}

function writeLevels(body: ByteWriter, leaf: Leaf, start: number, end: number, defined: number): void {
  if (leaf.maxRep > 0) {
    const at = body.reserve(4)
    writeRunLengths(body, leaf.reps(), start, end, bitWidthOf(leaf.maxRep))
    body.setUint32(at, body.length - at - 4)
  }
  if (leaf.maxDef > 0) {
    const at = body.reserve(4)
    const defs = leaf.defs()
    const width = bitWidthOf(leaf.maxDef)
    if (defs === null || defined === end - start) writeRun(body, leaf.maxDef, end - start, width)
    else writeRunLengths(body, defs, start, end, width)
    body.setUint32(at, body.length - at - 4)
  }
}

/** Returns the page's size before compression, header included. */
async function writePage(
  output: FileOutput,
  codec: ParquetCodec,
  body: Buffer,
  header: (size: { whole: number; compressed: number }) => Parameters<typeof thriftBytes>[0],
): Promise<number> {
  const compressed = await compressPage(codec, body)
  const head = thriftBytes(header({ whole: body.length, compressed: compressed.length }))
  await output.write(head)
  await output.write(compressed)
  return head.length + body.length
}
