// Takes a source task's records through SMTs and converters to the producer, and keeps count of what is acknowledged. Task thread.
// Java: AbstractWorkerSourceTask.sendRecords.
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { RecordMetadata, SourceTask, TransactionContext } from '../../api/source-task.ts'
import type { Clock } from '../../base/clock.ts'
import { ConnectError, codeOf, DataError, toError } from '../../base/errors.ts'
import { NO_HEADERS } from '../../data/headers.ts'
import type { SourceMap, SourceRecord } from '../../data/record.ts'
import type { TextRecords } from '../../data/text-records.ts'
import type { Producer } from '../../kafka/producer.ts'
import type { Chain, EncodedRecord } from '../chain.ts'
import { type SourceOrigin, sentOrigin, sourceOrigin } from '../origin.ts'
import type { Submission, Submitted } from '../submitted.ts'
import { SKIPPED, type Tolerance } from '../tolerance.ts'
import { TopicUses } from '../topic-uses.ts'
import type { Boundary } from './boundary-requests.ts'
import { checkRecord, checkTarget } from './polled.ts'
import type { TopicCreator } from './topic-creator.ts'

export interface SenderOptions {
  readonly task: SourceTask
  /** for messages */
  readonly taskClassName: string
  readonly chain: Chain
  readonly tolerance: Tolerance
  readonly toleratesAll: boolean
  /** records that fail go to a dead-letter topic: their offsets count then, for they are kept */
  readonly hasDeadLetters: boolean
  /** null: topics are made by the broker or not at all */
  readonly topics: TopicCreator | null
  readonly producer: Producer
  readonly producerClassName: string
  readonly submitted: Submitted
  /** exactly once; null: at least once */
  readonly transaction: SendTransaction | null
  readonly clock: Clock
  readonly metrics: MetricsSlab
  onTopicUsed(topic: string): void
  /** a send that failed for good */
  onError(error: Error): void
}

/** What the sender asks of source-transaction.ts. */
export interface SendTransaction {
  /** whether the task may want an end behind any record */
  readonly context: TransactionContext | null
  open(topic: string): void
  /** the producer has so many records more */
  took(count: number): void
  boundaryAt(record: SourceRecord): Boundary | null
  end(how: Boundary): Promise<void>
  done(record: SourceRecord, metadata: RecordMetadata | null): void
}

/** Records of one source partition that are on their way together. */
interface Run {
  readonly partition: SourceMap
  readonly submission: Submission
  readonly onAck: OnAck
  /** records not acknowledged yet */
  left: number
  hasEnded: boolean
}

type OnAck = Parameters<Producer['append']>[6]

/** Unlike anything that a plugin throws. */
const NOTHING = Symbol('nothing')

/** Kafka's mark for no timestamp: a task may give it, too. */
const NO_TIMESTAMP = -1
/** A batch is worked on for this long before the event loop gets a turn: sockets and beats live there too. */
const TURN_MS_MAX = 20
/** Looking at the clock costs more than a short record: every this many records. */
const RECORDS_PER_CLOCK_LOOK = 64
/** Texts go by a tenth of a microsecond or two each. */
const TEXTS_PER_CLOCK_LOOK = 4096

export class Sender {
  readonly #options: SenderOptions
  /** those that are there */
  readonly #topics = new Set<string>()
  readonly #topicUses: TopicUses
  /** of the record before, in this send */
  #lastTopic: string | null = null
  readonly #keepsRecords: boolean
  #run: Run | null = null
  #activeCount = 0
  /** thrown for the transaction, or for a record that is none or can go nowhere: no tolerance covers it */
  #fatal: unknown = NOTHING

  constructor(options: SenderOptions) {
    this.#options = options
    const { task, transaction, toleratesAll, clock, onTopicUsed } = options
    this.#topicUses = new TopicUses(clock, onTopicUsed)
    // In a transaction no failed delivery is tolerated, so nobody is told of its record.
    this.#keepsRecords = task.commitRecord !== undefined || (toleratesAll && transaction === null)
  }

  /** Sends all records in order, or up to an abort; settles when the producer has taken the last one. Rejects for what is not tolerated. */
  async send(records: readonly SourceRecord[], signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
    const { clock } = this.#options
    let turnStartedMs = clock.monotonicMs()
    this.#lastTopic = null
    let known: SourceMap | null = null
    for (let i = 0; i < records.length && !signal.aborted; i++) {
      const record = records[i] as SourceRecord
      checkRecord(record, known, this.#options.taskClassName)
      known = record.sourcePartition
      const wait = this.#sendOne(record)
      if (wait !== undefined) await wait
      const boundary = this.#options.transaction?.boundaryAt(record) ?? null
      if (boundary !== null) await this.#end(boundary)
      if (i % RECORDS_PER_CLOCK_LOOK === 0 && clock.monotonicMs() - turnStartedMs > TURN_MS_MAX) {
        await turn()
        turnStartedMs = clock.monotonicMs()
      }
    }
    this.#endRun()
  }

  async #end(boundary: Boundary): Promise<void> {
    this.#endRun()
    await this.#options.transaction?.end(boundary)
  }

  /** Whether texts may go to the topic as they are: nothing changes them, and nobody asks for one of them as a record later. */
  get takesTexts(): boolean {
    const { transaction, chain } = this.#options
    const { steps, value } = chain.parts
    const isAskedForRecords = this.#keepsRecords || (transaction !== null && transaction.context !== null)
    return steps.length === 0 && value.converter.writesTextAsUtf8 === true && !isAskedForRecords
  }

  /** As send, of the same records; while takesTexts. The row path is the oracle, and what does not fit goes there. */
  async sendTexts(texts: TextRecords, signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
    const { producer, clock, transaction } = this.#options
    const { topic, timestamp, buffer, starts, ends, count } = texts
    if (timestamp < 0 || !this.#hasNullKey(topic)) return this.send(texts.records(), signal, turn)
    let turnStartedMs = clock.monotonicMs()
    for (let i = 0; i < count && !signal.aborted; ) {
      const end = Math.min(count, i + TEXTS_PER_CLOCK_LOOK)
      let next = i
      if (this.#topics.has(topic)) {
        this.#topicUses.used(topic)
        transaction?.open(topic)
        const run = this.#runOf(texts.sourcePartition, topic, texts.offsetAt(i))
        next = producer.appendRanges(topic, timestamp, buffer, starts, ends, i, end, run.onAck)
        if (next > i) {
          this.#addToRun(run, next - i, texts.offsetAt(next - 1))
          transaction?.took(next - i)
        }
      }
      // The topic's first record, one that is too large, one for which there is no room.
      const wait = next > i ? producer.room() : this.#sendOne(texts.recordAt(next++))
      if (wait !== undefined) await wait
      i = next
      if (clock.monotonicMs() - turnStartedMs > TURN_MS_MAX) {
        await turn()
        turnStartedMs = clock.monotonicMs()
      }
    }
    this.#endRun()
  }

  /** Texts have no key. What a converter makes of that is asked once a batch; where it fails the row path says of which record. */
  #hasNullKey(topic: string): boolean {
    try {
      return this.#options.chain.parts.key.converter.fromConnectData(topic, null, null, NO_HEADERS) === null
    } catch {
      return false
    }
  }

  #sendOne(record: SourceRecord): Promise<void> | undefined {
    const { chain } = this.#options
    try {
      const changed = chain.transform(record)
      return changed === null ? this.#dropped(record) : this.#append(record, chain.encode(changed))
    } catch (error) {
      if (error === this.#fatal) throw error
      return this.#failed(record, toError(error))
    }
  }

  #open(topic: string): void {
    try {
      this.#options.transaction?.open(topic)
    } catch (error) {
      this.#fatal = error
      throw error
    }
  }

  /** Records on their way. */
  get activeCount(): number {
    return this.#activeCount
  }

  #dropped(record: SourceRecord): undefined {
    this.#options.metrics.add('recordsFiltered', 1)
    this.#done(record, null)
    return undefined
  }

  /** The task is told now, or when its transaction is committed. */
  #done(record: SourceRecord, metadata: RecordMetadata | null): void {
    const { task, transaction } = this.#options
    if (transaction === null) task.commitRecord?.(record, metadata)
    else transaction.done(record, metadata)
  }

  /** A record in the dead letters is done with: its offset may be committed in its turn, after the letter is safe. */
  #kept(record: SourceRecord): void {
    this.#endRun()
    const { submitted } = this.#options
    submitted.ack(submitted.submit(record.sourcePartition, record.sourceOffset))
    this.#done(record, null)
  }

  #append(record: SourceRecord, encoded: EncodedRecord): Promise<void> | undefined {
    const { producer, clock, transaction } = this.#options
    const { topic, partition, key, value, headers } = encoded
    const isTarget = typeof topic === 'string' && (partition === null || (Number.isInteger(partition) && partition >= 0))
    if (!isTarget) this.#checkTarget(record, topic, partition)
    const given = encoded.timestamp ?? NO_TIMESTAMP
    if (given < NO_TIMESTAMP) throw new DataError(`Invalid record timestamp ${given}`)
    const timestampMs = given === NO_TIMESTAMP ? clock.now() : given
    if (topic !== this.#lastTopic) {
      if (this.#options.topics !== null && !this.#topics.has(topic))
        return this.#appendFirst(this.#options.topics, record, encoded)
      this.#useTopic(topic)
    }
    this.#open(topic)
    const onAck = this.#keepsRecords ? this.#onAckOf(record) : this.#onRunAck(record)
    try {
      const wait = producer.append(topic, partition, timestampMs, key, value, headers, onAck)
      transaction?.took(1)
      return wait
    } catch (error) {
      if (transaction !== null) {
        this.#fatal = error
        throw error
      }
      // Refused at once, e.g. larger than max.request.size: nothing is on its way.
      onAck(toError(error), null, 1)
      return undefined
    }
  }

  #checkTarget(record: SourceRecord, topic: string, partition: number | null): void {
    try {
      checkTarget(topic, partition, () => sourceOrigin(record).describe())
    } catch (error) {
      this.#fatal = error
      throw error
    }
  }

  /** The topic's first record: the topic is made before it. What fails then fails the task, whatever is tolerated. */
  async #appendFirst(topics: TopicCreator, record: SourceRecord, encoded: EncodedRecord): Promise<void> {
    await topics.ensure(encoded.topic)
    this.#useTopic(encoded.topic)
    await this.#append(record, encoded)
  }

  #useTopic(topic: string): void {
    this.#topics.add(topic)
    this.#lastTopic = topic
    this.#topicUses.used(topic)
  }

  /**
   * Where nobody asks for a record after its sending, all records of one source partition in one send share a submission and a
   * callback: nothing a record is kept until the broker has it. The run's last offset is committed once all of it is acknowledged.
   */
  #onRunAck(record: SourceRecord): OnAck {
    const run = this.#runOf(record.sourcePartition, record.topic, record.sourceOffset)
    this.#addToRun(run, 1, record.sourceOffset)
    return run.onAck
  }

  #runOf(partition: SourceMap, topic: string, offset: SourceMap): Run {
    if (this.#run?.partition === partition) return this.#run
    this.#endRun()
    this.#run = this.#newRun(partition, topic, offset)
    return this.#run
  }

  #addToRun(run: Run, count: number, lastOffset: SourceMap): void {
    run.submission.offset = lastOffset
    run.left += count
    this.#activeCount += count
  }

  #newRun(partition: SourceMap, topic: string, from: SourceMap): Run {
    const submission = this.#options.submitted.submit(partition, from)
    const run: Run = {
      partition,
      submission,
      left: 0,
      hasEnded: false,
      onAck: (error, _metadata, count) => {
        if (error !== null && this.#options.transaction !== null) return this.#dropActive(count)
        // A run with a failed record is never done: nothing behind it may be committed.
        if (error !== null) return this.#sendFailed(submission, sentOrigin(topic, partition, from, submission.offset), error)
        run.left -= count
        this.#countDone(count)
        if (run.left === 0 && run.hasEnded) this.#options.submitted.ack(submission)
      },
    }
    return run
  }

  /** No record comes to the present run any more. */
  #endRun(): void {
    const run = this.#run
    this.#run = null
    if (run === null) return
    run.hasEnded = true
    if (run.left === 0 || this.#options.transaction !== null) this.#options.submitted.ack(run.submission)
  }

  #onAckOf(record: SourceRecord): OnAck {
    const { submitted, transaction } = this.#options
    const submission = submitted.submit(record.sourcePartition, record.sourceOffset)
    this.#activeCount++
    // The commit waits for all records and fails with any of them.
    if (transaction !== null) submitted.ack(submission)
    return (error, metadata) => {
      if (error !== null && transaction !== null) return this.#dropActive(1)
      if (error !== null) return this.#sendFailed(submission, sourceOrigin(record), error)
      this.#countDone(1)
      if (transaction === null) submitted.ack(submission)
      // The producer uses one metadata object for all: the plugin gets its own.
      this.#done(record, metadata === null ? null : { ...metadata })
    }
  }

  /** Records that an abort dropped, or that failed: the commit tells. */
  #dropActive(count: number): void {
    this.#activeCount -= count
  }

  #countDone(count: number): void {
    this.#activeCount -= count
    this.#options.metrics.add('recordsSent', count)
  }

  /** A failed delivery: under errors.tolerance=all it is reported and counts as done. */
  #sendFailed(submission: Submission, origin: SourceOrigin, error: Error): void {
    this.#produceFailed(submission, origin, error).catch(failure => this.#options.onError(toError(failure)))
  }

  async #produceFailed(submission: Submission, origin: SourceOrigin, error: Error): Promise<void> {
    const { tolerance, submitted, task, producerClassName, toleratesAll } = this.#options
    if (!toleratesAll) {
      const message = `could not send ${origin.describe()}: ${error.message}`
      throw new ConnectError(message, { code: codeOf(error) ?? 'CONNECT_PRODUCE', cause: error })
    }
    this.#activeCount--
    await tolerance.giveUp({ stage: 'KAFKA_PRODUCE', className: producerClassName, error, origin })
    submitted.ack(submission)
    if (origin.record !== null) task.commitRecord?.(origin.record, null)
  }

  async #failed(record: SourceRecord, error: Error): Promise<void> {
    const { chain, tolerance } = this.#options
    const where = () => ({ stage: chain.stage, className: chain.className })
    const attempt = () => {
      const changed = chain.transform(record)
      return changed === null ? null : chain.encode(changed)
    }
    const result = await tolerance.recover({ ...where(), error, origin: sourceOrigin(record) }, where, attempt)
    if (result === SKIPPED && this.#options.hasDeadLetters) this.#kept(record)
    else if (result === SKIPPED || result === null) this.#dropped(record)
    else await this.#append(record, result)
  }
}
