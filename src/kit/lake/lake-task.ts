// The task of every lake sink: sorts records into the writers of their Kafka partitions, finishes files when they are due, and
// names only offsets whose files are visible. One instance a task thread; the store is what differs between sinks.
//
// A put that fails with RetriableError comes again with the same records: those taken the first time are known by their offset.
import type { Offsets, Props, SinkRecord, SinkTask, SinkTaskContext, TopicPartition } from '../../api/index.ts'
import type { Clock } from '../../base/clock.ts'
import { ConnectError, codeOf, DataError, isRetriable, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { ColumnBatch } from '../../data/columns.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { createPartitioner, type RowPlaces } from '../partitioning/partitioner.ts'
import type { LakeConfig } from './lake-config.ts'
import { createFormat } from './lake-format.ts'
import { PartitionWriter, type WriterParts } from './partition-writer.ts'

/** Reads a sink's own keys and makes its store. @param logger absent where nothing will be written: previews */
export type ConfigureLake = (props: Props, logger?: Logger) => { config: LakeConfig; store: ObjectStore }

interface Started {
  readonly config: LakeConfig
  readonly context: SinkTaskContext
  readonly parts: WriterParts
  /** what open files may hold */
  readonly bytesMax: number
}

export class LakeTask implements SinkTask {
  readonly #clock: Clock
  readonly #configure: ConfigureLake
  #started: Started | null = null
  readonly #writers = new Map<string, PartitionWriter>()
  #latest: PartitionWriter | null = null
  /** the last put failed midway: the same records come again */
  #isRedelivery = false

  /** @param configure reads the sink's own keys; throws ConfigError */
  constructor(clock: Clock, configure: ConfigureLake) {
    this.#clock = clock
    this.#configure = configure
  }

  start(props: Props, context: SinkTaskContext): void {
    const { config, store } = this.#configure(props, context.logger)
    const { bufferBytesMax } = context
    const bytesMax = Math.min(config['buffer.max.bytes'] ?? bufferBytesMax, bufferBytesMax)
    this.#started = { config, context, parts: writerParts(config, store, this.#clock), bytesMax }
  }

  async open(partitions: readonly TopicPartition[]): Promise<void> {
    const { parts } = this.#running()
    for (const { topic, partition } of partitions) {
      const writer = new PartitionWriter(topic, partition, parts, this.#clock.now())
      await writer.open()
      this.#writers.set(`${topic}\0${partition}`, writer)
    }
    this.#latest = null
  }

  put(records: readonly SinkRecord[]): Promise<void> {
    return this.#guarded(records.length, async isRedelivery => {
      for (let i = 0; i < records.length; i++) {
        const record = records[i] as SinkRecord
        const writer = this.#writerOf(record)
        if (record.originalKafkaOffset <= writer.lastOffset) {
          if (isRedelivery) continue
          await this.#startAnew(writer, record)
        }
        const waiting = this.#take(writer, record)
        if (waiting !== null) await waiting
      }
    })
  }

  get takesColumns(): boolean {
    return this.#running().parts.format.takesColumns
  }

  async putColumns(batch: ColumnBatch): Promise<void> {
    const { parts } = this.#running()
    const places = parts.partitioner.rows(batch)
    const writer = this.#writers.get(`${batch.originalTopic}\0${batch.partition}`)
    // What comes again after a failure, or from before, is looked at record by record.
    if (places === null || writer === undefined || this.#isRedelivery || batch.offsets[0]! <= writer.lastOffset) {
      return this.put(Array.from({ length: batch.count }, (_, row) => batch.record(row)).filter(record => record !== null))
    }
    await this.#guarded(batch.count, async () => {
      for (let row = 0; row < batch.count; ) {
        const from = row
        row = this.#addRows(writer, batch, places, from)
        if (row > from) {
          const waiting = this.#endWhatIsFull(writer)
          if (waiting !== null) await waiting
          continue
        }
        // Due files are finished before it; what is bad about it is told.
        const record = batch.record(row)
        if (record !== null) await this.#take(writer, record)
        row++
      }
    })
  }

  /** What every put does besides taking `count` records. */
  async #guarded(count: number, take: (isRedelivery: boolean) => Promise<void>): Promise<void> {
    const { config, context, bytesMax } = this.#running()
    try {
      for (const writer of this.#writers.values()) {
        if (writer.isFinishing) await this.#settle(writer)
        // They were full when that failed.
        if (writer.isFull()) await this.#finish(writer)
      }
      await take(this.#isRedelivery)
      while (this.#bytes() > bytesMax) await this.#finish(this.#largest())
      const nowMs = this.#clock.now()
      for (const writer of this.#writers.values()) if (writer.isSlotOver(nowMs)) await this.#finish(writer)
      if (count > 0) this.#isRedelivery = false
    } catch (error) {
      if (isRetriable(error)) {
        this.#isRedelivery = true
        context.timeout(config['retry.backoff.ms'])
      }
      throw error
    } finally {
      context.reportBufferedBytes(this.#bytes())
    }
  }

  #addRows(writer: PartitionWriter, batch: ColumnBatch, places: RowPlaces, from: number): number {
    try {
      return writer.addRows(batch, places, from, this.#clock.now())
    } catch (error) {
      if (error instanceof DataError) return from
      throw error
    }
  }

  /** All that was put is safe, save what stands in open files. */
  preCommit(current: Offsets): Offsets {
    return current.map(({ topic, partition, offset }) => {
      const open = this.#writers.get(`${topic}\0${partition}`)?.firstOpenOffset ?? offset
      return { topic, partition, offset: Math.min(open, offset) }
    })
  }

  /** What is being written becomes visible, so that it is committed before its partitions go. */
  async drain(): Promise<void> {
    for (const writer of this.#writers.values()) if (writer.isClosing) await this.#settle(writer)
  }

  /** Open files are dropped: only finished files were committed, so their records are read again by the next owner. */
  async close(partitions: readonly TopicPartition[]): Promise<void> {
    const closed = partitions.map(({ topic, partition }) => this.#writers.get(`${topic}\0${partition}`))
    for (const { topic, partition } of partitions) this.#writers.delete(`${topic}\0${partition}`)
    this.#latest = null
    // Nothing may become visible once the partitions are another's. A failure does not matter any more.
    await Promise.allSettled(closed.map(writer => (writer?.isFinishing === false ? writer.settle() : undefined)))
    this.#started?.context.reportBufferedBytes(this.#bytes())
  }

  stop(): void {
    this.#writers.clear()
    this.#latest = null
  }

  /** Null in the common case: no promise a record. */
  #take(writer: PartitionWriter, record: SinkRecord): Promise<void> | null {
    if (record.value === null || record.value === undefined) return this.#takeNull(writer, record)
    try {
      const encoded = writer.encodedPartition(record)
      if (writer.isDueBefore(record, encoded, this.#clock.now())) return this.#finishThenTake(writer, record)
      writer.add(record, encoded)
    } catch (error) {
      return this.#refuse(writer, record, error)
    }
    return this.#endWhatIsFull(writer)
  }

  #endWhatIsFull(writer: PartitionWriter): Promise<void> | null {
    if (writer.isFull()) return writer.goesAside ? this.#finishAside(writer) : this.#finish(writer)
    return writer.isGroupFull ? writer.endGroup() : null
  }

  async #finishThenTake(writer: PartitionWriter, record: SinkRecord): Promise<void> {
    await this.#finish(writer)
    await this.#take(writer, record)
  }

  async #takeNull(writer: PartitionWriter, record: SinkRecord): Promise<void> {
    const { config, context } = this.#running()
    const error = recordError(record, 'it has no value (behavior.on.null.values)')
    if (config['behavior.on.null.values'] === 'fail') throw error
    if (config['report.null.values.to.dlq']) await context.errantRecordReporter?.report(record, error)
    writer.skip(record)
  }

  /** A bad record goes to the dead-letter topic where there is one; else it ends the task, by name. */
  async #refuse(writer: PartitionWriter, record: SinkRecord, cause: unknown): Promise<void> {
    if (!(cause instanceof DataError)) throw cause
    const error = recordError(record, cause.message, cause)
    const reporter = this.#running().context.errantRecordReporter
    if (reporter === null) throw error
    await reporter.report(record, error)
    writer.skip(record)
  }

  #finish(writer: PartitionWriter): Promise<void> {
    return this.#told(writer, writer.finish(this.#clock.now()))
  }

  #settle(writer: PartitionWriter): Promise<void> {
    return this.#told(writer, writer.settle())
  }

  /** Another thread encodes: nothing waits for it but the partition's next file. A failure is tried again before the next put. */
  #finishAside(writer: PartitionWriter): Promise<void> | null {
    if (writer.isClosing) return this.#settle(writer).then(() => this.#finishAside(writer) ?? undefined)
    this.#told(writer, writer.closeAside(this.#clock.now())).then(
      () => this.#started?.context.reportBufferedBytes(this.#bytes()),
      () => undefined,
    )
    return null
  }

  async #told(writer: PartitionWriter, finishing: Promise<number>): Promise<void> {
    const { context } = this.#running()
    try {
      if ((await finishing) > 0) context.requestCommit()
    } catch (cause) {
      const error = toError(cause)
      context.logger.warn({ code: codeOf(error) }, `files of ${writer.topic}-${writer.partition}: ${error.message}`)
      throw error
    }
  }

  /**
   * Offsets that go back are those of a topic that was deleted and made again (or lost its end): the open files hold records that are
   * nowhere else any more, so they are finished. When that fails and the put comes again, records of the old topic in the same put
   * are written twice rather than taken for the new ones.
   */
  async #startAnew(writer: PartitionWriter, record: SinkRecord): Promise<void> {
    const place = `${writer.topic}-${writer.partition}`
    this.#running().context.logger.warn(`${place} went back to offset ${record.originalKafkaOffset}: its open files are finished`)
    writer.forgetLast()
    await this.#finish(writer)
  }

  #writerOf(record: SinkRecord): PartitionWriter {
    const { originalTopic: topic, originalKafkaPartition: partition } = record
    const latest = this.#latest
    if (latest !== null && latest.partition === partition && latest.topic === topic) return latest
    const writer = this.#writers.get(`${topic}\0${partition}`)
    if (writer === undefined) throw new ConnectError(`got a record of ${topic}-${partition}, which is not assigned to this task`)
    this.#latest = writer
    return writer
  }

  #bytes(): number {
    let bytes = 0
    for (const writer of this.#writers.values()) bytes += writer.bytes
    return bytes
  }

  /** Only while a writer holds bytes. */
  #largest(): PartitionWriter {
    let largest: PartitionWriter | null = null
    for (const writer of this.#writers.values()) if (largest === null || writer.bytes > largest.bytes) largest = writer
    if (largest === null) throw new ConnectError('no partition is assigned')
    return largest
  }

  #running(): Started {
    if (this.#started === null) throw new ConnectError('the task was not started')
    return this.#started
  }
}

export function writerParts(config: LakeConfig, store: ObjectStore, clock: Clock): WriterParts {
  const directoryDelimiter = config['directory.delim']
  return {
    store,
    format: createFormat(config),
    partitioner: createPartitioner(config, clock),
    rules: {
      flushSize: config['flush.size'],
      intervalMs: config['rotate.interval.ms'],
      scheduleIntervalMs: config['rotate.schedule.interval.ms'],
      timezone: config.timezone,
      onPartitionChange: config['rotate.file.on.partition.change'],
      fileBytesMax: config['file.size.max.bytes'],
    },
    root: config['topics.dir'] === '' ? '' : `${config['topics.dir']}${directoryDelimiter}`,
    directoryDelimiter,
    fileDelimiter: config['file.delim'],
    offsetDigits: config['filename.offset.zero.pad.width'],
  }
}

export function recordError(record: SinkRecord, reason: string, cause?: unknown): DataError {
  const place = `${record.originalTopic}-${record.originalKafkaPartition} at offset ${record.originalKafkaOffset}`
  return new DataError(`cannot write the record of ${place}: ${reason}`, cause === undefined ? {} : { cause })
}
