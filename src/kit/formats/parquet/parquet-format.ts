// Parquet files: records fill columns as they come, the file is encoded at the end as one row group. Task threads; lake sinks.
//
// One row group a file: all columns stay in memory until then anyway, so a column may still widen at the last record.
import type { FileEncoder, FileFormat } from '../format.ts'
import { checkCodec, type ParquetCodec } from './codec.ts'
import { type ColumnChunk, FileOutput, writeColumnChunk } from './column-chunk.ts'
import { footerBytes } from './footer.ts'
import type { Leaf } from './leaf.ts'
import { TEXT_TYPE } from './leaf-type.ts'
import { emptyCopy, type Group, type Node, newLeaf, placeOf } from './node.ts'
import { RecordColumns, WEIGH_ROWS } from './record-columns.ts'

export type { ParquetCodec } from './codec.ts'

export interface ParquetOptions {
  readonly codec: ParquetCodec
}

const EXTENSION: Readonly<Record<ParquetCodec, string>> = {
  none: '.parquet',
  snappy: '.snappy.parquet',
  gzip: '.gz.parquet',
  zstd: '.zstd.parquet',
}
const MAGIC = Buffer.from('PAR1')
/** Topics whose columns are remembered. */
const TOPICS_MAX = 1000

/** @throws ConfigError for a codec that this Node.js lacks */
export function parquetFormat(options: ParquetOptions): FileFormat {
  checkCodec('parquet.codec', options.codec)
  // By topic, the columns of its last file of schemaless values: the next file begins with them, so types stay the same.
  const remembered = new Map<string, Group>()
  return {
    extension: EXTENSION[options.codec],
    takesColumns: true,
    weighRows: WEIGH_ROWS,
    open: topic => openFile(options.codec, topic, remembered),
  }
}

function openFile(codec: ParquetCodec, topic: string, remembered: Map<string, Group>): FileEncoder {
  let columns: RecordColumns | null = null
  return {
    fits: record => columns?.fits(record.valueSchema) ?? true,
    append(record) {
      columns ??= openColumns(record.valueSchema, remembered.get(topic))
      columns.append(record)
    },
    appendColumns(batch, from, to) {
      columns ??= openColumns(batch.schema, remembered.get(topic))
      return columns.fits(batch.schema) && columns.appendColumns(batch, from, to)
    },
    get bytes() {
      return columns?.bytes ?? 0
    },
    seal() {
      if (columns?.isInferred !== true || (!remembered.has(topic) && remembered.size >= TOPICS_MAX)) return
      remembered.set(topic, emptyCopy(columns.root) as Group)
    },
    async encode(write) {
      if (columns === null) return
      await encodeColumns(columns, codec, write)
    },
  }
}

function openColumns(schema: Parameters<RecordColumns['fits']>[0], remembered: Group | undefined): RecordColumns {
  // Several files of a topic may be open: each has its own copy.
  return new RecordColumns(schema, remembered === undefined ? null : (emptyCopy(remembered) as Group))
}

async function encodeColumns(
  columns: RecordColumns,
  codec: ParquetCodec,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const nodes = presentable(columns.root)
  const output = new FileOutput(write)
  await output.write(MAGIC)
  const chunks: ColumnChunk[] = []
  for (const node of nodes) {
    for (const { leaf, path } of leafPaths(node, [])) chunks.push(await writeColumnChunk(output, leaf, path, codec))
  }
  const footer = footerBytes(nodes, chunks, columns.rows, codec)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  await output.write(Buffer.concat([footer, length, MAGIC]))
}

/** The columns as a file can have them: a group without columns is shown as text, `{}` where it is there. */
function presentable(root: Group): Node[] {
  if (root.children.length > 0) return root.children.map(presentableNode)
  return [emptyGroupText({ ...root, name: 'value', isOptional: true, def: 1 }, root.def)]
}

function presentableNode(node: Node): Node {
  switch (node.kind) {
    case 'leaf':
      return node
    case 'group':
      return node.children.length === 0
        ? emptyGroupText(node, node.def)
        : { ...node, children: node.children.map(presentableNode) }
    case 'list':
      return { ...node, element: presentableNode(node.element) }
    case 'map':
      return { ...node, value: presentableNode(node.value) }
  }
}

/** @param presentDef definition level from which on the group is there */
function emptyGroupText(group: Group, presentDef: number): Leaf {
  const text = newLeaf(placeOf(group), TEXT_TYPE)
  const { marker } = group
  for (let i = 0; marker !== null && i < marker.entries; i++) {
    if (marker.defAt(i) >= presentDef) text.pushText('{}', marker.repAt(i))
    else text.pushNull(marker.repAt(i), marker.defAt(i))
  }
  return text
}

function* leafPaths(node: Node, above: readonly string[]): Generator<{ leaf: Leaf; path: string[] }> {
  const path = [...above, node.name]
  switch (node.kind) {
    case 'leaf':
      yield { leaf: node, path }
      return
    case 'group':
      for (const child of node.children) yield* leafPaths(child, path)
      return
    case 'list':
      return yield* leafPaths(node.element, [...path, 'list'])
    case 'map':
      yield* leafPaths(node.key, [...path, 'key_value'])
      yield* leafPaths(node.value, [...path, 'key_value'])
  }
}
