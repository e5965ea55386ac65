// A Parquet file in the making: records fill columns; where these reach the bytes of a row group they are encoded, and the next begins with the same
// columns empty. So a column may widen back to the file's first row until the first row group is written; a record that would widen it later
// begins another file. Task threads; made by the Parquet format.
import type { ColumnBatch } from '../../../data/columns.ts'
import type { SinkRecord } from '../../../data/record.ts'
import type { FileEncoder } from '../format.ts'
import { free } from '../held-memory.ts'
import { type ColumnChunk, FileOutput, type PageOptions, writeColumnChunk } from './column-chunk.ts'
import { encodeAside, takesAside } from './encode-aside.ts'
import { footerBytes, type RowGroup } from './footer.ts'
import { emptyCopy, type Group } from './node.ts'
import { writePageIndexes } from './page-index.ts'
import { leafPaths, presentable } from './presentable.ts'
import { RecordColumns } from './record-columns.ts'
import { type EncodedGroup, encodeRowGroup, type LeafPath, placed } from './row-group.ts'

/** By topic, the columns of its last file of schemaless values: the next file begins with them, so types stay the same. */
export type Remembered = Map<string, Group>

interface Written extends EncodedGroup {
  readonly rows: number
}

const MAGIC = Buffer.from('PAR1')
/** Topics whose columns are remembered. */
const TOPICS_MAX = 1000

export class ParquetFile implements FileEncoder {
  readonly #topic: string
  readonly #pages: PageOptions
  readonly #remembered: Remembered
  readonly #written: Written[] = []
  #writtenBytes = 0
  #columns: RecordColumns | null = null
  /** the last group, from when it went to the other thread */
  #aside: Promise<void> | null = null

  constructor(topic: string, pages: PageOptions, remembered: Remembered) {
    this.#topic = topic
    this.#pages = pages
    this.#remembered = remembered
  }

  fits(record: SinkRecord): boolean {
    return this.#columns?.holds(record) ?? true
  }

  fitting(batch: ColumnBatch, from: number, to: number): number {
    return this.#columns?.fitting(batch, from, to) ?? to
  }

  append(record: SinkRecord): void {
    this.#columns ??= this.#open(record.valueSchema)
    this.#columns.append(record)
  }

  appendColumns(batch: ColumnBatch, from: number, to: number): boolean {
    this.#columns ??= this.#open(batch.schema)
    return this.#columns.fits(batch.schema) && this.#columns.appendColumns(batch, from, to)
  }

  get bytes(): number {
    return this.#writtenBytes + this.groupBytes
  }

  get groupBytes(): number {
    return this.#columns?.bytes ?? 0
  }

  get spareBytes(): number {
    return this.#columns?.spareBytes ?? 0
  }

  get goesAside(): boolean {
    return takesAside(this.groupBytes)
  }

  /** In this thread: where a file ends may hang on its bytes, and must not hang on when another thread is through. */
  async endGroup(): Promise<void> {
    const columns = this.#columns
    if (columns === null) return
    this.#keep(columns, await encodeRowGroup(leavesIn(columns), this.#pages))
    columns.free()
  }

  async #endAside(columns: RecordColumns): Promise<void> {
    const leaves = Array.from(leavesIn(columns), ({ leaf, path }) => ({ packed: leaf.pack(), path }))
    this.#keep(columns, await encodeAside({ leaves, pages: this.#pages }))
  }

  #keep(columns: RecordColumns, group: EncodedGroup): void {
    this.#written.push({ ...group, rows: columns.rows })
    this.#writtenBytes += group.bytes.length
    this.#columns = columns.next()
  }

  free(): void {
    this.#columns?.free()
    for (const { bytes } of this.#written) free(bytes)
  }

  seal(): void {
    const remembered = this.#remembered
    if (this.#columns?.isInferred !== true || (!remembered.has(this.#topic) && remembered.size >= TOPICS_MAX)) return
    remembered.set(this.#topic, emptyCopy(this.#columns.root) as Group)
  }

  async encode(write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    // Once a file: after a failed upload what came back is there, and rows that never came back are told of again.
    if (this.#columns !== null && this.goesAside) this.#aside ??= this.#endAside(this.#columns)
    await this.#aside
    const columns = this.#columns
    if (columns === null) return
    const output = new FileOutput(write, 0)
    await output.write(MAGIC)
    const groups: RowGroup[] = []
    for (const { rows, bytes, chunks } of this.#written) {
      groups.push({ rows, chunks: placed(chunks, output.offset) })
      await output.write(bytes)
    }
    if (columns.rows > 0 || groups.length === 0) groups.push(await this.#writeGroup(columns, output))
    const indexes = await writePageIndexes(output, groups)
    const indexed = groups.map((group, i) => ({ ...group, indexes: indexes[i] ?? [] }))
    const footer = footerBytes(presentable(columns.root), indexed, this.#pages.codec)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    await output.write(Buffer.concat([footer, length, MAGIC]))
  }

  async #writeGroup(columns: RecordColumns, output: FileOutput): Promise<RowGroup> {
    const chunks: ColumnChunk[] = []
    for (const { leaf, path } of leavesIn(columns)) chunks.push(await writeColumnChunk(output, leaf, path, this.#pages))
    return { rows: columns.rows, chunks }
  }

  #open(schema: Parameters<RecordColumns['fits']>[0]): RecordColumns {
    const begun = this.#remembered.get(this.#topic)
    // Several files of a topic may be open: each has its own copy.
    return new RecordColumns(schema, begun === undefined ? null : (emptyCopy(begun) as Group))
  }
}

function* leavesIn(columns: RecordColumns): Generator<LeafPath> {
  for (const node of presentable(columns.root)) yield* leafPaths(node, [])
}
