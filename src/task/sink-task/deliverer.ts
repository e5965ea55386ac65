// Third stage of a sink task: puts records, and between two puts runs the controls (commit, revoke, pause, stop). Task thread.
// Controls overtake queued records: behind a sink that takes a second a batch a revocation would wait for minutes and the group
// would throw the member out; what is queued for a revoked partition is discarded instead (docs/decisions/0014).
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { Async } from '../../api/connector.ts'
import type { SinkTask } from '../../api/sink-task.ts'
import type { Clock } from '../../base/clock.ts'
import { AbortedError, ConnectError, codeOf, isRetriable, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Mailbox } from '../../base/mailbox.ts'
import { Wake } from '../../base/wake.ts'
import type { SinkRecord } from '../../data/record.ts'
import { type Converted, isStale, type Turns } from './stages.ts'

export interface DelivererOptions {
  readonly inbox: Mailbox<Converted>
  readonly task: SinkTask
  readonly turns: Turns
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsSlab
  readonly putRecordsMax: number
  /** after each put: context.offset, pause and resume take effect */
  afterPut(): void
  /** records left the inbox for good: the fetcher may have room again */
  onTaken(): void
}

interface Control {
  run(): Promise<void>
  giveUp(): void
}

interface Retry {
  readonly chunks: readonly Converted[]
  dueMs: number
}

/** An idle task's put([]) comes this often: sinks do their clock-driven work there. */
const IDLE_PUT_MS = 500
/** Wait before a put that failed with RetriableError is tried again, unless the task called context.timeout. Java: until the next commit. */
const RETRY_DELAY_MS = 1_000

export class Deliverer {
  readonly #options: DelivererOptions
  readonly #wake: Wake
  #controls: Control[] = []
  #retry: Retry | null = null
  /** what context.timeout asked for; good for one wait */
  #askedWaitMs: number | null = null
  /** when the next put comes without records */
  #idleDueMs: number
  #isPaused = false
  #isStopped = false
  #hasEnded = false
  /** the batches of the put in flight: an errant record's bytes are found here */
  inHand: readonly Converted[] = []

  constructor(options: DelivererOptions) {
    this.#options = options
    this.#wake = new Wake(options.clock)
    this.#idleDueMs = options.clock.monotonicMs() + IDLE_PUT_MS
  }

  wake(): void {
    this.#wake.ring()
  }

  /** Runs `run` between two puts, before any record that still waits. */
  control<T>(run: () => Async<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(new AbortedError('the task has stopped'))
      if (this.#hasEnded) return giveUp()
      this.#controls.push({ run: () => Promise.resolve().then(run).then(resolve, reject), giveUp })
      this.wake()
    })
  }

  /** context.timeout: how long the next wait is, before a retry or before the next put([]). 0 and less ask for nothing. */
  setWait(delayMs: number): void {
    this.#askedWaitMs = delayMs > 0 ? delayMs : null
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.wake()
  }

  /** Ends `run` after the control that calls it. */
  stop(): void {
    this.#isStopped = true
    this.wake()
  }

  /** Runs until stopped. Rejects where put fails for good. Controls that still wait then are given up. */
  async run(): Promise<void> {
    try {
      await this.#run()
    } finally {
      this.#hasEnded = true
      for (const control of this.#controls.splice(0)) control.giveUp()
    }
  }

  async #run(): Promise<void> {
    const { inbox, clock, turns, afterPut } = this.#options
    while (!this.#isStopped) {
      const control = this.#controls.shift()
      if (control !== undefined) {
        await control.run()
        // open and preCommit may rewind, too: before the next record is put
        if (!this.#isStopped) afterPut()
      } else if (this.#retry !== null) await this.#tryAgain(this.#retry)
      else if (!this.#isPaused && inbox.length > 0) await this.#putNext()
      else {
        const idleLeftMs = this.#idleDueMs - clock.monotonicMs()
        if (idleLeftMs <= 0) await this.#put([])
        else await this.#wake.wait(idleLeftMs)
      }
      if (turns.isOver) await turns.next()
    }
  }

  async #putNext(): Promise<void> {
    const chunks = this.#collect()
    if (chunks.length > 0) await this.#put(chunks)
  }

  /** Chunks for one put: as many as fit, at least one. */
  #collect(): Converted[] {
    const { inbox, putRecordsMax, onTaken } = this.#options
    const chunks: Converted[] = []
    let records = 0
    for (let chunk = inbox.peek(); chunk !== undefined; chunk = inbox.peek()) {
      const isLive = !isStale(chunk)
      if (isLive && chunks.length > 0 && (chunk.columns !== null || records + chunk.records.length > putRecordsMax)) break
      inbox.shift()
      if (!isLive) continue
      chunks.push(chunk)
      if (chunk.columns !== null) break
      records += chunk.records.length
    }
    onTaken()
    return chunks
  }

  async #tryAgain(retry: Retry): Promise<void> {
    const waitMs = retry.dueMs - this.#options.clock.monotonicMs()
    if (waitMs > 0) return this.#wake.wait(waitMs)
    this.#retry = null
    const chunks = retry.chunks.filter(chunk => !isStale(chunk))
    if (chunks.length > 0) await this.#put(chunks)
  }

  async #put(chunks: readonly Converted[]): Promise<void> {
    const { task, clock, metrics, afterPut } = this.#options
    const records = recordsOf(chunks)
    const columns = chunks[0]?.columns ?? null
    const count = columns?.count ?? records.length
    const startedMs = clock.monotonicMs()
    this.inHand = chunks
    try {
      // Also where all was filtered: sinks do their clock-driven work in put.
      await (columns === null || count === 0 ? task.put(records) : task.putColumns?.(columns))
    } catch (error) {
      return this.#putFailed(chunks, toError(error))
    } finally {
      this.inHand = []
    }
    const nowMs = clock.monotonicMs()
    const tookMs = nowMs - startedMs
    if (count > 0) {
      metrics.add('recordsSent', count)
      metrics.add('putCount', 1)
      metrics.add('putTimeMs', tookMs)
      metrics.max('putTimeMsMax', tookMs)
      metrics.took('putTime', tookMs)
      metrics.add('batchCount', 1)
      metrics.add('batchRecords', count)
      metrics.max('batchRecordsMax', count)
    }
    for (const chunk of chunks) {
      if (!isStale(chunk)) chunk.held.delivered = chunk.nextOffset
      if (chunk.columns !== null) chunk.batch.memory?.release()
    }
    this.#idleDueMs = nowMs + Math.min(this.#takeWait() ?? IDLE_PUT_MS, IDLE_PUT_MS)
    afterPut()
  }

  #takeWait(): number | null {
    const askedMs = this.#askedWaitMs
    this.#askedWaitMs = null
    return askedMs
  }

  #putFailed(chunks: readonly Converted[], error: Error): void {
    const { clock, logger, metrics, afterPut } = this.#options
    if (!isRetriable(error)) {
      const message = `the sink's put failed and cannot be retried: ${error.message}`
      const code = codeOf(error) ?? 'CONNECT_PUT'
      // Of a plugin's own making it would pass for the stop of this task.
      throw new ConnectError(message, { code: code === 'CONNECT_ABORTED' ? 'CONNECT_PUT' : code, cause: error })
    }
    metrics.add('retries', 1)
    const waitMs = this.#takeWait() ?? RETRY_DELAY_MS
    logger.warn({ error }, `put failed, the same ${countOf(chunks)} records are tried again in ${waitMs} ms`)
    const dueMs = clock.monotonicMs() + waitMs
    // put([]) that failed has nothing to repeat: the next one comes by itself
    this.#idleDueMs = dueMs
    if (chunks.length > 0) this.#retry = { chunks, dueMs }
    afterPut()
  }
}

/** A list for this put alone, as in Java: a sink may empty the one it is given, and the chunks' own are put again after a RetriableError. */
function recordsOf(chunks: readonly Converted[]): readonly SinkRecord[] {
  const first = chunks[0]
  if (first === undefined) return []
  return chunks.length === 1 ? first.records.slice() : chunks.flatMap(chunk => chunk.records)
}

function countOf(chunks: readonly Converted[]): number {
  return chunks.reduce((sum, chunk) => sum + (chunk.columns?.count ?? chunk.records.length), 0)
}
