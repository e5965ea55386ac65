// What a sink task may ask of its runtime. Seeks, pauses and timeouts are noted and take effect after the put that asked. Task thread.
import type { ErrantRecordReporter, SinkTaskContext, TopicPartition } from '../../api/sink-task.ts'
import { ConnectError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { kindOf } from '../../base/wrong-return.ts'
import type { Assignment } from './assignment.ts'

export type ContextAction =
  | { readonly type: 'offset'; readonly partition: TopicPartition; readonly offset: number }
  | { readonly type: 'pause'; readonly partition: TopicPartition }
  | { readonly type: 'resume'; readonly partition: TopicPartition }

export interface ContextOptions {
  readonly logger: Logger
  readonly assignment: Assignment
  readonly errantRecordReporter: ErrantRecordReporter | null
  setWait(delayMs: number): void
  requestCommit(): void
  readonly bufferBytesMax: number
  setBufferedBytes(bytes: number): void
}

export class TaskContext implements SinkTaskContext {
  readonly logger: Logger
  readonly errantRecordReporter: ErrantRecordReporter | null
  readonly bufferBytesMax: number
  readonly #options: ContextOptions
  #actions: ContextAction[] = []

  constructor(options: ContextOptions) {
    this.#options = options
    this.logger = options.logger
    this.errantRecordReporter = options.errantRecordReporter
    this.bufferBytesMax = options.bufferBytesMax
  }

  get assignment(): readonly TopicPartition[] {
    return this.#options.assignment.all().map(({ topic, partition }) => ({ topic, partition }))
  }

  /** @throws ConnectError at the plugin's own line; Java's consumer refuses a negative offset at the next poll */
  offset(partition: TopicPartition, offset: number): void {
    if (!Number.isSafeInteger(offset)) {
      const found = typeof offset === 'number' ? String(offset) : kindOf(offset)
      throw new ConnectError(`context.offset was called with ${found}: an offset is a whole number`)
    }
    if (offset < 0) throw new ConnectError(`seek offset must not be a negative number: context.offset was called with ${offset}`)
    this.#actions.push({ type: 'offset', partition, offset })
  }

  timeout(timeoutMs: number): void {
    this.#options.setWait(timeoutMs)
  }

  pause(...partitions: TopicPartition[]): void {
    for (const partition of partitions) this.#actions.push({ type: 'pause', partition })
  }

  resume(...partitions: TopicPartition[]): void {
    for (const partition of partitions) this.#actions.push({ type: 'resume', partition })
  }

  requestCommit(): void {
    this.#options.requestCommit()
  }

  reportBufferedBytes(bytes: number): void {
    this.#options.setBufferedBytes(bytes)
  }

  /** The actions since the last call, in order. */
  takeActions(): ContextAction[] {
    const actions = this.#actions
    if (actions.length > 0) this.#actions = []
    return actions
  }
}
