// The cases of the peer bench: what runs beside what, and which facts about both outputs must be the same.
import { icebergPlugin } from './iceberg.ts'
import { fileToTopic, jsonToFile, jsonToIceberg, jsonToLake, stringToFile } from './outputs.ts'
import { consumerPerformance, fetchAndIndex } from './readers.ts'
import { byRows, rowPathPlugin } from './row-path.ts'
import { jsonToS3 } from './s3.ts'
import { type Peer, worker } from './workers.ts'

export interface Case {
  readonly name: string
  readonly title: string
  /** what ours is measured against */
  readonly base: Peer
  readonly ours: Peer
  /** facts that must be equal; null: all of them */
  readonly equal: readonly string[] | null
}

const sluiceLake = worker('Sluice LakeSink', 'sluice', jsonToLake)
const javaFile = worker('Java FileStreamSink', 'java', jsonToFile)
const javaStrings = worker('Java FileStreamSink', 'java', stringToFile)
const javaSource = worker('Java FileStreamSource', 'java', fileToTopic)

export const CASES: readonly Case[] = [
  {
    name: 'lake',
    title: 'JSON, InsertField + MaskField -> Parquet, against Iceberg without transforms',
    base: worker('Java Iceberg sink', 'java', jsonToIceberg, icebergPlugin),
    ours: sluiceLake,
    equal: null,
  },
  {
    name: 'consumer',
    title: 'JSON, InsertField + MaskField -> Parquet, against a consumer that only reads',
    base: consumerPerformance,
    ours: sluiceLake,
    equal: ['rows'],
  },
  {
    name: 'lake-file',
    title: 'JSON, InsertField + MaskField -> Parquet, against the same -> file',
    base: javaFile,
    ours: sluiceLake,
    equal: ['rows'],
  },
  {
    name: 'lake-s3',
    title: 'JSON, InsertField + MaskField -> Parquet in S3, against our own in a directory',
    base: sluiceLake,
    ours: worker('Sluice S3Sink', 'sluice', jsonToS3),
    equal: null,
  },
  {
    name: 'json',
    title: 'JSON, InsertField + MaskField -> file',
    base: javaFile,
    ours: worker('Sluice FileStreamSink', 'sluice', jsonToFile),
    // the lines differ in the order of a map's entries, as Java prints a HashMap
    equal: ['rows', 'bytes'],
  },
  {
    name: 'string',
    title: 'String pass-through -> file',
    base: javaStrings,
    ours: worker('Sluice FileStreamSink', 'sluice', stringToFile),
    equal: null,
  },
  {
    name: 'source',
    title: 'file -> topic, String',
    base: javaSource,
    ours: worker('Sluice FileStreamSource', 'sluice', fileToTopic),
    equal: null,
  },
  {
    name: 'fetch',
    title: 'fetch + index, against a consumer that only reads',
    base: consumerPerformance,
    ours: fetchAndIndex,
    equal: null,
  },
  {
    name: 'json-rows',
    title: 'JSON, InsertField + MaskField -> file, row path',
    base: javaFile,
    ours: worker('Sluice FileStreamSink, rows', 'sluice', byRows(jsonToFile), rowPathPlugin),
    equal: ['rows', 'bytes'],
  },
  {
    name: 'string-rows',
    title: 'String pass-through -> file, row path',
    base: javaStrings,
    ours: worker('Sluice FileStreamSink, rows', 'sluice', byRows(stringToFile), rowPathPlugin),
    equal: null,
  },
  {
    name: 'source-rows',
    title: 'file -> topic, String, row path',
    base: javaSource,
    ours: worker('Sluice FileStreamSource, rows', 'sluice', byRows(fileToTopic), rowPathPlugin),
    equal: null,
  },
]
