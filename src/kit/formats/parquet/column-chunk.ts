// One leaf column as a Parquet column chunk: a dictionary page where one pays, then data pages. Yields to the event loop between
// pages, so a long file does not hold up heartbeats. Task threads.
//
// A page is a Thrift header and a compressed body: repetition levels, definition levels (each with its length, in runs), values.
// Of data pages of version 2 the levels stand uncompressed before the values, without their lengths. Pages begin at rows.
import { systemClock, yieldToEventLoop } from '../../../base/clock.ts'
import { KIB, MIB } from '../../../base/units.ts'
import { type Bounds, boundsOf, chunkExtremes, pageExtremes } from './bounds.ts'
import { ByteWriter } from './byte-writer.ts'
import { compressPage, type ParquetCodec } from './codec.ts'
import type { Leaf } from './leaf.ts'
import type { LeafType } from './leaf-type.ts'
import { columnIndex, type PagePlace, type PageStatistics } from './page-index.ts'
import { type Dictionary, dictionaryOf, writeIndexes, writePlain } from './page-values.ts'
import { bitWidthOf, writeRun, writeRunLengths } from './run-lengths.ts'
import { bool, i32, struct, type ThriftFields, thriftBytes } from './thrift.ts'

const DATA_PAGE = 0
const DICTIONARY_PAGE = 2
const DATA_PAGE_V2 = 3
const PLAIN = 0
const RLE = 3
const RLE_DICTIONARY = 8
const PAGE_ENTRIES = 20_000
const PAGE_BYTES = MIB
const BODY_BYTES = 64 * KIB
const NO_BYTES = Buffer.alloc(0)
/** The event loop gets a turn after this long. */
const TURN_MS = 10

export interface PageOptions {
  readonly codec: ParquetCodec
  /** of data pages */
  readonly version: 1 | 2
}

export interface ColumnChunk {
  readonly type: LeafType
  readonly path: readonly string[]
  readonly encodings: readonly number[]
  readonly values: number
  readonly nulls: number
  readonly bounds: Bounds | null
  readonly bytes: number
  readonly compressedBytes: number
  readonly dictionaryOffset: number | null
  readonly dataOffset: number
  /** of its data, in order */
  readonly pages: readonly PagePlace[]
  /** as it is written; null: the column's pages have no bounds */
  readonly columnIndex: Uint8Array | null
}

/** Where a file's bytes go, and how many went. */
export class FileOutput {
  readonly #write: (bytes: Uint8Array) => Promise<void>
  #turnEndsMs = systemClock.monotonicMs() + TURN_MS
  /** in the file */
  offset: number

  constructor(write: (bytes: Uint8Array) => Promise<void>, offset: number) {
    this.#write = write
    this.offset = offset
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
  options: PageOptions,
): Promise<ColumnChunk> {
  const start = output.offset
  let bytes = 0
  let dictionaryOffset: number | null = null
  const dictionary = dictionaryOf(leaf)
  await output.rest()
  if (dictionary !== null) {
    dictionaryOffset = start
    bytes += await writePage(output, options.codec, NO_BYTES, dictionary.plain, (whole, compressed) => [
      [1, i32(DICTIONARY_PAGE)],
      [2, i32(whole)],
      [3, i32(compressed)],
      [7, struct([1, i32(dictionary.count)], [2, i32(PLAIN)])],
    ])
  }
  const dataOffset = output.offset
  const written = await writeDataPages(output, leaf, options, dictionary)
  bytes += written.bytes
  const extremes = chunkExtremes(
    leaf,
    written.statistics.map(page => page.extremes),
  )
  const statistics =
    written.statistics.length === 1 ? written.statistics.map(page => ({ ...page, extremes })) : written.statistics
  return {
    type: leaf.type,
    path,
    encodings: dictionary === null ? [PLAIN, RLE] : [PLAIN, RLE, RLE_DICTIONARY],
    values: leaf.entries,
    nulls: leaf.nulls,
    bounds: extremes && boundsOf(extremes, leaf.type.physical),
    bytes,
    compressedBytes: output.offset - start,
    dictionaryOffset,
    dataOffset,
    pages: written.pages,
    columnIndex: columnIndex(statistics, leaf.type.physical),
  }
}

interface DataPages {
  /** before compression */
  readonly bytes: number
  readonly pages: readonly PagePlace[]
  readonly statistics: readonly PageStatistics[]
}

interface Page {
  readonly leaf: Leaf
  /** entries [start, end), of which so many have a value */
  readonly start: number
  readonly end: number
  readonly defined: number
  readonly encoding: number
}

async function writeDataPages(
  output: FileOutput,
  leaf: Leaf,
  { codec, version }: PageOptions,
  dictionary: Dictionary | null,
): Promise<DataPages> {
  const perEntry = dictionary === null ? Math.max(1, leaf.bytes / Math.max(1, leaf.entries)) : 2
  const pageEntries = Math.max(1, Math.min(PAGE_ENTRIES, Math.floor(PAGE_BYTES / perEntry)))
  const encoding = dictionary === null ? PLAIN : RLE_DICTIONARY
  const write = version === 1 ? writeDataPage : writeDataPageV2
  let body = new ByteWriter(BODY_BYTES)
  let bytes = 0
  let value = 0
  let offset = 0
  let firstRow = 0
  const pages: PagePlace[] = []
  const statistics: PageStatistics[] = []
  const extremesOf = pageExtremes(leaf)
  for (let start = 0; start < leaf.entries; ) {
    const end = pageEnd(leaf, start, pageEntries)
    const defined = definedIn(leaf, start, end)
    const from = value
    const at = output.offset
    const writeValues = (): void => {
      if (dictionary !== null) writeIndexes(body, dictionary, from, from + defined)
      else offset = writePlain(body, leaf, from, from + defined, offset)
    }
    bytes += await write(output, codec, body, { leaf, start, end, defined, encoding }, writeValues)
    pages.push({ offset: at, bytes: output.offset - at, firstRow })
    statistics.push({ defined, nulls: end - start - defined, extremes: extremesOf?.(from, from + defined) ?? null })
    firstRow += rowsIn(leaf, start, end)
    start = end
    value += defined
    // What was handed over as it is belongs to the output now.
    if (codec === 'none') body = new ByteWriter(BODY_BYTES)
    else body.clear()
    await output.rest()
  }
  return { bytes, pages, statistics }
}

/** Version 1: repetition and definition levels, each behind its length, and values, compressed together. */
function writeDataPage(output: FileOutput, codec: ParquetCodec, body: ByteWriter, page: Page, writeValues: () => void) {
  const { leaf, start, end, encoding } = page
  for (const write of [writeRepetitions, writeDefinitions]) {
    if ((write === writeRepetitions ? leaf.maxRep : leaf.maxDef) === 0) continue
    const at = body.reserve(4)
    write(body, page)
    body.setUint32(at, body.length - at - 4)
  }
  writeValues()
  return writePage(output, codec, NO_BYTES, body.bytes(), (whole, compressed) => [
    [1, i32(DATA_PAGE)],
    [2, i32(whole)],
    [3, i32(compressed)],
    [5, struct([1, i32(end - start)], [2, i32(encoding)], [3, i32(RLE)], [4, i32(RLE)])],
  ])
}

/** Version 2: the levels stand before the values as they are; the header knows their lengths. */
function writeDataPageV2(output: FileOutput, codec: ParquetCodec, body: ByteWriter, page: Page, writeValues: () => void) {
  const { leaf, start, end, defined, encoding } = page
  writeRepetitions(body, page)
  const repetitionBytes = body.length
  writeDefinitions(body, page)
  const levelBytes = body.length
  writeValues()
  const bytes = body.bytes()
  // No reader need understand an empty compressed page.
  const valueCodec = bytes.length === levelBytes ? 'none' : codec
  return writePage(output, valueCodec, bytes.subarray(0, levelBytes), bytes.subarray(levelBytes), (whole, compressed) => [
    [1, i32(DATA_PAGE_V2)],
    [2, i32(whole)],
    [3, i32(compressed)],
    [
      8,
      struct(
        [1, i32(end - start)],
        [2, i32(end - start - defined)],
        [3, i32(rowsIn(leaf, start, end))],
        [4, i32(encoding)],
        [5, i32(levelBytes - repetitionBytes)],
        [6, i32(repetitionBytes)],
        [7, bool(valueCodec !== 'none')],
      ),
    ],
  ])
}

function pageEnd(leaf: Leaf, start: number, entries: number): number {
  let end = Math.min(start + entries, leaf.entries)
  while (end < leaf.entries && leaf.repAt(end) !== 0) end++
  return end
}

function rowsIn(leaf: Leaf, start: number, end: number): number {
  if (leaf.maxRep === 0) return end - start
  let rows = 0
  for (let i = start; i < end; i++) if (leaf.repAt(i) === 0) rows++
  return rows
}

function definedIn(leaf: Leaf, start: number, end: number): number {
  const defs = leaf.defs()
  if (defs === null) return end - start
  let defined = 0
  for (let i = start; i < end; i++) if (defs[i] === leaf.maxDef) defined++
  return defined
}

function writeRepetitions(body: ByteWriter, { leaf, start, end }: Page): void {
  if (leaf.maxRep > 0) writeRunLengths(body, leaf.reps(), start, end, bitWidthOf(leaf.maxRep))
}

function writeDefinitions(body: ByteWriter, { leaf, start, end, defined }: Page): void {
  if (leaf.maxDef === 0) return
  const defs = leaf.defs()
  const width = bitWidthOf(leaf.maxDef)
  if (defs === null || defined === end - start) writeRun(body, leaf.maxDef, end - start, width)
  else writeRunLengths(body, defs, start, end, width)
}

/** Returns the page's size before compression, header included. `plain` stands before the compressed body. */
async function writePage(
  output: FileOutput,
  codec: ParquetCodec,
  plain: Uint8Array,
  body: Buffer,
  header: (whole: number, compressed: number) => ThriftFields,
): Promise<number> {
  const compressed = await compressPage(codec, body)
  const head = thriftBytes(header(plain.length + body.length, plain.length + compressed.length))
  // The body's writer is used again.
  await output.write(plain.length === 0 ? head : Buffer.concat([head, plain]))
  await output.write(compressed)
  return head.length + plain.length + body.length
}
