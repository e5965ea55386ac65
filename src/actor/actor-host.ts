// The thread's side of the line: one host a thread, made by workers/task.ts and workers/connector.ts. It carries messages and log
// lines, beats for the supervisor's watch, and turns every way of failing into one `failed` message. Task and connector threads.
import { type MessagePort, parentPort } from 'node:worker_threads'
import { assert } from '../base/assert.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { type Levels, type Logger, Loggers } from '../base/log.ts'
import { LOGGERS } from '../base/logger-names.ts'
import type { DistributiveOmit } from './actor-ref.ts'
import type { FromAnyActor, Reply } from './messages.ts'
import { MetricsSlab } from './metrics-slab.ts'
import { RemoteError, redactedError, toWireError, type WireError } from './wire-error.ts'

export interface ActorSpec {
  readonly connector: string
  readonly task?: number
  /** of a task */
  readonly kind?: 'sink' | 'source'
  readonly logLevels: Levels
  readonly metrics: SharedArrayBuffer
}

/** Beats this often, so that the supervisor can tell a busy event loop from a stuck one. */
const BEAT_INTERVAL_MS = 500
/** A failed task may take this long to let go of its outside systems; the supervisor waits a little longer. */
const CLEAN_UP_MS_MAX = 1_500
/** More log lines a second than this are counted, not sent: a flood must not fill the supervisor's mailbox. */
const LOG_LINES_PER_SECOND_MAX = 1_000

export class ActorHost<To, From> {
  /** named as Java's class for a connector or task of this kind */
  readonly logger: Logger
  readonly #loggers: Loggers
  #pluginLogger: Logger | null = null
  readonly metrics: MetricsSlab
  readonly #port: MessagePort
  readonly #clock: Clock
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #nextId = 1
  #linesThisSecond = 0
  #linesDropped = 0
  #isDone = false
  #cleanUp: (() => Promise<void>) | null = null
  #handle: ((message: To) => void) | null = null
  /** pause, resume and log level while the thread still opens: a handful at most */
  readonly #early: To[] = []
  #redact: (text: string) => string = text => text

  constructor(spec: ActorSpec, clock: Clock = systemClock) {
    assert(parentPort !== null, 'an actor host runs in a worker thread')
    this.#port = parentPort
    this.#clock = clock
    this.metrics = new MetricsSlab(spec.metrics)
    const where = spec.task === undefined ? { connector: spec.connector } : { connector: spec.connector, task: spec.task }
    this.#loggers = new Loggers(spec.logLevels, { write: line => this.#writeLine(line) }, where)
    this.logger = this.named(ownLogger(spec.kind))
    // An error nobody awaited (a timer, an event handler, a forgotten promise) ends this thread only, with its own trace.
    process.on('uncaughtException', error => this.fail(error))
    this.#port.on('message', (message: To | Reply) => this.#receive(message))
    this.#beat()
  }

  named(name: string): Logger {
    return this.#loggers.named(name)
  }

  /** What the plugin logs has its class's name from now on. */
  namePlugin(className: string): void {
    this.#pluginLogger = this.named(className)
  }

  get pluginLogger(): Logger {
    return this.#pluginLogger ?? this.logger
  }

  setLogLevels(levels: Levels): void {
    this.#loggers.setLevels(levels)
  }

  /** Calls `handle` for each message of the supervisor that is no reply, those that came before included. */
  onMessage(handle: (message: To) => void): void {
    this.#handle = handle
    for (const message of this.#early.splice(0)) handle(message)
  }

  #receive(message: To | Reply): void {
    const known = message as Reply | { readonly type: 'stop' }
    if (known.type === 'reply') {
      const asked = this.#asked.get(known.id)
      this.#asked.delete(known.id)
      if (known.error === undefined) asked?.resolve(known.value)
      else asked?.reject(new RemoteError(known.error))
    } else if (this.#handle !== null) this.#handle(message as To)
    else if (known.type === 'stop') {
      // Still opening connections: there is nothing to finish.
      this.exit()
    } else this.#early.push(message as To)
  }

  post(message: From | FromAnyActor): void {
    this.#port.postMessage(message)
  }

  /** Sends with a fresh id and waits for the supervisor's reply. */
  ask<T>(message: DistributiveOmit<Extract<From, { id: number }>, 'id'>): Promise<T> {
    const id = this.#nextId++
    return new Promise<T>((resolve, reject) => {
      this.#asked.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#port.postMessage({ ...message, id })
    })
  }

  /** From now on every log line and error text goes through `redact`: secrets must not leave the thread. */
  setRedactor(redact: (text: string) => string): void {
    this.#redact = redact
  }

  /** For text that leaves the thread by another way than log and failure, e.g. in a dead letter's headers. */
  redactText(text: string): string {
    return this.#redact(text)
  }

  /** Registers what is done between a failure and the thread's end, within CLEAN_UP_MS_MAX. */
  onFailure(cleanUp: () => Promise<void>): void {
    this.#cleanUp = cleanUp
  }

  /** Reports the failure, cleans up and ends the thread. The first failure counts. */
  fail(error: unknown): void {
    if (this.#isDone) return
    this.post({ type: 'failed', error: this.redacted(toWireError(error)) })
    this.#isDone = true
    const cleanUp = this.#cleanUp ?? (() => Promise.resolve())
    // A second failure, while cleaning up, changes nothing any more.
    Promise.race([cleanUp(), this.#clock.sleep(CLEAN_UP_MS_MAX)]).then(
      () => process.exit(1),
      () => process.exit(1),
    )
  }

  redacted(error: WireError): WireError {
    return redactedError(error, this.#redact)
  }

  /** Ends the thread after an orderly stop. */
  exit(): void {
    if (this.#isDone) return
    this.#isDone = true
    process.exit(0)
  }

  #beat(): void {
    this.metrics.add('loopBeat', 1)
    const dueMs = this.#clock.monotonicMs() + BEAT_INTERVAL_MS
    this.#clock.after(BEAT_INTERVAL_MS, () => {
      this.metrics.max('loopLagMsMax', this.#clock.monotonicMs() - dueMs)
      if (this.metrics.get('loopBeat') % 2 === 0) this.#newLogSecond()
      this.#beat()
    })
  }

  #writeLine(line: string): void {
    if (this.#linesThisSecond++ < LOG_LINES_PER_SECOND_MAX) this.post({ type: 'logged', line: this.#redact(line) })
    else this.#linesDropped++
  }

  #newLogSecond(): void {
    const dropped = this.#linesDropped
    this.#linesThisSecond = 0
    this.#linesDropped = 0
    if (dropped > 0)
      this.logger.warn({ dropped }, `${dropped} log lines were dropped: more than ${LOG_LINES_PER_SECOND_MAX} a second`)
  }
}

function ownLogger(kind: ActorSpec['kind']): string {
  if (kind === undefined) return LOGGERS.connector
  return kind === 'sink' ? LOGGERS.sinkTask : LOGGERS.sourceTask
}
