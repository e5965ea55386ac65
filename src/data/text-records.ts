// Neighbouring records of a source that are a text each, without an object or a string a record: what a task's pollTexts gives. Where they can go
// to the topic as they are, only their bytes are moved; else recordAt makes the records that poll would have given. Task threads.
import { NO_HEADERS } from './headers.ts'
import { type SourceMap, SourceRecord } from './record.ts'
import { STRING } from './schema.ts'

export class TextRecords {
  readonly sourcePartition: SourceMap
  readonly topic: string
  /** of all of them */
  readonly timestamp: number
  /** valid UTF-8 from starts[i] to ends[i]; the task's: it holds until the next poll, and so do the arrays */
  readonly buffer: Buffer
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly count: number
  readonly #offsetAt: (i: number) => SourceMap

  constructor(
    sourcePartition: SourceMap,
    topic: string,
    timestamp: number,
    buffer: Buffer,
    starts: Int32Array,
    ends: Int32Array,
    count: number,
    offsetAt: (i: number) => SourceMap,
  ) {
    this.sourcePartition = sourcePartition
    this.topic = topic
    this.timestamp = timestamp
    this.buffer = buffer
    this.starts = starts
    this.ends = ends
    this.count = count
    this.#offsetAt = offsetAt
  }

  /** The source offset of record `i`. */
  offsetAt(i: number): SourceMap {
    return this.#offsetAt(i)
  }

  recordAt(i: number): SourceRecord {
    const { sourcePartition, topic, timestamp, buffer, starts, ends } = this
    const text = buffer.toString('utf8', starts[i], ends[i])
    return new SourceRecord(sourcePartition, this.offsetAt(i), topic, null, null, null, STRING, text, timestamp, NO_HEADERS)
  }

  records(): SourceRecord[] {
    return Array.from({ length: this.count }, (_, i) => this.recordAt(i))
  }
}
