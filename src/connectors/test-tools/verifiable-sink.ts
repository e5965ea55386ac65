// VerifiableSink's task: prints a JSON line for each record it is given, and the line again with flushed:true before its offset is committed.
// One instance a task thread. Java: org.apache.kafka.connect.tools.VerifiableSinkTask.
//
// Limit: lines wait for their flush in memory; they are reported as buffered bytes, so that a commit is asked for when they are too many.
import type { Offsets, Props, SinkRecord, SinkTask, SinkTaskContext, TopicPartition } from '../../api/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { writeStandardOutput } from '../../base/standard-output.ts'
import { jsonText } from '../../kit/formats/json-text.ts'
import { badLineText, type Line, lineText, valueText } from './json-line.ts'
import { parseInteger, reading } from './numbers.ts'

/** What a waiting line takes: an object of eight texts, most of them short or shared. */
const LINE_BYTES = 500

const keyOf = ({ topic, partition }: TopicPartition) => `${partition} ${topic}`

export class VerifiableSinkTask implements SinkTask {
  readonly #clock: Clock
  readonly #print: (text: string) => void
  /** by partition; an Error where a record could not be written as JSON: its line says so again at the flush */
  readonly #unflushed = new Map<string, (Line | Error)[]>()
  #waiting = 0
  #name = ''
  #id = 0
  #context: SinkTaskContext | null = null

  constructor(clock: Clock = systemClock, print = writeStandardOutput) {
    this.#clock = clock
    this.#print = print
  }

  start(props: Props, context: SinkTaskContext): void {
    this.#context = context
    this.#name = props.name ?? ''
    // Java's task says "Source", too.
    this.#id = reading('VerifiableSourceTask', () => parseInteger(props.id))
  }

  put(records: readonly SinkRecord[]): void {
    const timeMs = String(this.#clock.now())
    for (const record of records) {
      const line = this.#lineOf(record, timeMs)
      this.#print(textOf(line))
      const key = keyOf({ topic: record.topic, partition: record.kafkaPartition })
      const waiting = this.#unflushed.get(key)
      if (waiting === undefined) this.#unflushed.set(key, [line])
      else waiting.push(line)
    }
    this.#count(records.length)
  }

  flush(current: Offsets): void {
    const timeMs = String(this.#clock.now())
    for (const partition of current) {
      for (const line of this.#take(partition))
        this.#print(textOf(line instanceof Error ? line : { ...line, time_ms: timeMs, flushed: 'true' }))
    }
  }

  /** What was not flushed goes with its partition: whoever has it next is given those records again. */
  close(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#take(partition)
  }

  stop(): void {}

  #take(partition: TopicPartition): readonly (Line | Error)[] {
    const lines = this.#unflushed.get(keyOf(partition)) ?? []
    this.#unflushed.delete(keyOf(partition))
    this.#count(-lines.length)
    return lines
  }

  #count(change: number): void {
    if (change === 0) return
    this.#waiting += change
    this.#context?.reportBufferedBytes(this.#waiting * LINE_BYTES)
  }

  #lineOf(record: SinkRecord, timeMs: string): Line | Error {
    try {
      return {
        // The number of the source's task is the key of its records.
        task: valueText('task', record.key, record.keySchema),
        seqno: valueText('seqno', record.value, record.valueSchema),
        offset: String(record.kafkaOffset),
        time_ms: timeMs,
        name: jsonText(this.#name, null, 'NUMERIC'),
        topic: jsonText(record.topic, null, 'NUMERIC'),
        sinkTask: String(this.#id),
      }
    } catch (error) {
      return error as Error
    }
  }
}

const textOf = (line: Line | Error): string => (line instanceof Error ? badLineText(line) : lineText(line))
