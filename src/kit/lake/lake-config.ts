// The keys that every lake sink shares (S3, GCS, Azure, HDFS, folder); names, types and defaults are those of Confluent's storage
// sinks, save the byte limits at the end, which are ours. Task, connector and job threads.

import { MIB } from '../../base/units.ts'
import { atLeast, between, type Check, ifPresent, oneOf, oneOfIgnoringCase, type Parsed } from '../../config/define.ts'
import { partitioningKeys } from '../partitioning/partitioning-config.ts'

export const FORMATS = ['json', 'parquet', 'bytes'] as const
export type FormatName = (typeof FORMATS)[number]

const CLASS_NAMES: Readonly<Record<string, FormatName | 'avro'>> = {
  JsonFormat: 'json',
  ParquetFormat: 'parquet',
  ByteArrayFormat: 'bytes',
  AvroFormat: 'avro',
}

/** A format by short name, simple class name, or any package's class of that name (io.confluent.connect.s3.format.json.JsonFormat). */
export function formatName(text: string): FormatName | 'avro' | undefined {
  const simple = text.slice(text.lastIndexOf('.') + 1)
  return (
    CLASS_NAMES[simple] ?? FORMATS.find(f => f === text.toLowerCase()) ?? (text.toLowerCase() === 'avro' ? 'avro' : undefined)
  )
}

const knownFormat: Check = (_name, value) => {
  const format = typeof value === 'string' ? formatName(value) : undefined
  if (format === 'avro') return 'the Avro format is not supported yet; json, parquet and bytes are'
  return format === undefined
    ? `must be one of ${FORMATS.join(', ')}, or a class name such as …format.parquet.ParquetFormat`
    : null
}

/** -1: off. */
const offOrPositive: Check = (_name, value) =>
  typeof value === 'number' && (value === -1 || value > 0) ? null : 'must be positive, or -1 for off'

const noWrite: Check = (_name, value) =>
  value === 'write' ? 'writing null values is not supported; fail and ignore are' : oneOf('fail', 'ignore')(_name, value)

export const lakeKeys = {
  'format.class': {
    type: 'class',
    importance: 'high',
    group: 'Files',
    check: knownFormat,
    doc: "The format of the files: json (a document a line), parquet or bytes; Confluent's class names are understood.",
  },
  'flush.size': {
    type: 'int',
    importance: 'high',
    group: 'Files',
    check: atLeast(1),
    doc: 'Records of a Kafka partition after which its open files are finished.',
  },
  'rotate.interval.ms': {
    type: 'long',
    default: -1,
    importance: 'high',
    group: 'Files',
    check: offOrPositive,
    doc: 'The longest span of record time in an open file. Looked at when a record arrives. Deterministic: a replay makes the same files.',
  },
  'rotate.schedule.interval.ms': {
    type: 'long',
    default: -1,
    importance: 'medium',
    group: 'Files',
    check: offOrPositive,
    doc: 'Finishes open files at this period of the wall clock, counted from midnight in `timezone`, also while no records come. After a crash records may stand in two files.',
  },
  'rotate.file.on.partition.change': {
    type: 'boolean',
    default: true,
    importance: 'low',
    group: 'Files',
    doc: 'With rotate.interval.ms: also finish the open files when a record belongs to another folder than the one before.',
  },
  'schema.compatibility': {
    type: 'string',
    default: 'NONE',
    importance: 'high',
    group: 'Files',
    check: oneOfIgnoringCase('NONE'),
    doc: 'What happens when the schema of records changes. NONE: the open files are finished.',
  },
  'parquet.codec': {
    type: 'string',
    default: 'snappy',
    importance: 'low',
    group: 'Files',
    check: oneOf('none', 'snappy', 'gzip', 'zstd', 'lz4'),
    doc: 'Compression of Parquet files. lz4 is what Parquet calls LZ4_RAW.',
  },
  'parquet.row.group.bytes': {
    type: 'long',
    default: 8 * MIB,
    importance: 'low',
    group: 'Files',
    check: atLeast(1024),
    doc: 'A row group of a Parquet file is encoded when its columns hold this many bytes in memory. Schemaless records whose columns are not those of the row groups before begin another file.',
  },
  'parquet.data.page.version': {
    type: 'int',
    default: 1,
    importance: 'low',
    group: 'Files',
    check: between(1, 2),
    doc: 'Version of the data pages of Parquet files: 1, which every reader has, or 2, whose levels are not compressed.',
  },
  'compression.type': {
    type: 'string',
    default: 'none',
    importance: 'low',
    group: 'Files',
    check: oneOf('none', 'gzip', 'zstd'),
    doc: 'Compression of JSON and bytes files.',
  },
  'compression.level': {
    type: 'int',
    default: -1,
    importance: 'low',
    group: 'Files',
    check: between(-1, 9),
    doc: "The level of gzip; -1: the library's default.",
  },
  'json.decimal.format': {
    type: 'string',
    default: 'BASE64',
    importance: 'low',
    group: 'Files',
    check: oneOf('BASE64', 'NUMERIC'),
    doc: 'How JSON files show Connect decimals: their bytes in base64, or as numbers.',
  },
  'format.bytearray.extension': {
    type: 'string',
    default: '.bin',
    importance: 'low',
    group: 'Files',
    doc: 'Extension of bytes files.',
  },
  'format.bytearray.separator': {
    type: 'string',
    default: null,
    importance: 'low',
    group: 'Files',
    doc: 'What stands behind each value in bytes files; not set: a newline.',
  },
  'behavior.on.null.values': {
    type: 'string',
    default: 'fail',
    importance: 'low',
    group: 'Files',
    check: noWrite,
    doc: 'A record without a value: fail the task, or ignore the record.',
  },
  'report.null.values.to.dlq': {
    type: 'boolean',
    default: true,
    importance: 'low',
    group: 'Files',
    doc: 'Ignored records without a value still go to the dead-letter topic, where there is one.',
  },
  'topics.dir': {
    type: 'string',
    default: 'topics',
    importance: 'high',
    group: 'Storage',
    doc: 'The folder above those of the topics; may be empty.',
  },
  'file.delim': {
    type: 'string',
    default: '+',
    importance: 'medium',
    group: 'Storage',
    doc: 'What stands between topic, partition and offset in file names.',
  },
  'filename.offset.zero.pad.width': {
    type: 'int',
    default: 10,
    importance: 'low',
    group: 'Storage',
    check: atLeast(0),
    doc: 'Digits of the start offset in file names, so that they sort; zeros are put before it.',
  },
  'retry.backoff.ms': {
    type: 'long',
    default: 5000,
    importance: 'low',
    group: 'Storage',
    check: atLeast(0),
    doc: 'Pause before a failed write that may be tried again is tried again.',
  },
  'file.size.max.bytes': {
    type: 'long',
    default: 32 * MIB,
    importance: 'medium',
    group: 'Memory',
    check: atLeast(1024),
    doc: 'A file with this many bytes in memory (of Parquet: row groups as they will be in the file, and columns before encoding) is finished, whatever flush.size says. More takes a larger `task.buffer.memory.bytes` of the worker.',
  },
  'buffer.max.bytes': {
    type: 'long',
    default: null,
    importance: 'medium',
    group: 'Memory',
    check: ifPresent(atLeast(1024)),
    doc: "Bytes that all open files of a task may hold in memory; not set, and at most: the connector's share of the worker's `task.buffer.memory.bytes`. Above it the partition that holds most is finished early; after a crash its records may then stand in two files.",
  },
  ...partitioningKeys,
} as const

export type LakeConfig = Parsed<typeof lakeKeys>
