// A row group: the columns of so many rows, encoded one behind the other into one piece of memory. Encoded in the task's thread, or in one beside it
// (encode-aside.ts) while the task goes on with the next rows. Offsets count from the group's first byte: where it will stand in its file is not
// known yet.
import { free } from '../held-memory.ts'
import { type ColumnChunk, FileOutput, type PageOptions, writeColumnChunk } from './column-chunk.ts'
import { Leaf, type PackedLeaf } from './leaf.ts'

export interface LeafPath {
  readonly leaf: Leaf
  readonly path: readonly string[]
}

export interface EncodedGroup {
  /** memory of its own */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly chunks: readonly ColumnChunk[]
}

/** What comes back from another thread: the columns' memory, too, for the next ones. */
export interface EncodedAside extends EncodedGroup {
  readonly memory: readonly ArrayBuffer[]
}

/** What goes to another thread. */
export interface RowGroupJob {
  readonly leaves: readonly { readonly packed: PackedLeaf; readonly path: readonly string[] }[]
  readonly pages: PageOptions
}

export async function encodeRowGroup(leaves: Iterable<LeafPath>, pages: PageOptions): Promise<EncodedGroup> {
  const pieces: Uint8Array[] = []
  const output = new FileOutput(async piece => void pieces.push(piece), 0)
  const chunks: ColumnChunk[] = []
  for (const { leaf, path } of leaves) chunks.push(await writeColumnChunk(output, leaf, path, pages))
  const bytes = Buffer.allocUnsafeSlow(output.offset)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
    // Uncompressed pieces are the columns' own memory, small ones share Node's.
    if (pages.codec !== 'none' && piece.length === piece.buffer.byteLength) free(piece)
  }
  return { bytes, chunks }
}

/** The job's memory is as it was. */
export function encodePacked({ leaves, pages }: RowGroupJob): Promise<EncodedGroup> {
  return encodeRowGroup(
    leaves.map(({ packed, path }) => ({ leaf: Leaf.unpack(packed), path })),
    pages,
  )
}

/** The memory that the job takes along. */
export function memoryOf({ leaves }: RowGroupJob): ArrayBuffer[] {
  const arrays = leaves.flatMap(({ packed: { defs, reps, numbers, texts } }) => [
    defs,
    reps,
    ...(numbers === null ? [] : [numbers.floats, numbers.bigs]),
    ...(texts === null ? [] : [texts.indexes, texts.plain, texts.dictionary?.plain, texts.dictionary?.places]),
  ])
  return [...new Set(arrays.flatMap(array => (array == null || array.byteLength === 0 ? [] : [array.buffer])))]
}

/** The chunks as they stand in a file that has the group's first byte at `at`. */
export function placed(chunks: readonly ColumnChunk[], at: number): ColumnChunk[] {
  return chunks.map(chunk => ({
    ...chunk,
    dictionaryOffset: chunk.dictionaryOffset === null ? null : chunk.dictionaryOffset + at,
    dataOffset: chunk.dataOffset + at,
    pages: chunk.pages.map(page => ({ ...page, offset: page.offset + at })),
  }))
}
