// The dead-letter topic: a failed record with headers that tell where and why (KIP-298). A sink's record keeps its bytes; a source's is
// written as JSON (source-letter.ts), which Java does not have. A commit waits until the broker has taken all of them, so a record is at
// its target or in the dead letters, never in neither. Task threads.
// Java: DeadLetterQueueReporter; it only logs when a dead letter cannot be written, here the task fails (docs/differences.md).
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import { ConnectError, codeOf, KafkaError, stackOf, toError } from '../base/errors.ts'
import type { SourceRecord } from '../data/record.ts'
import { ErrorCode } from '../kafka/codec/errors.ts'
import type { Producer } from '../kafka/producer.ts'
import type { RawHeader } from '../kafka/types.ts'
import type { Origin } from './origin.ts'
import { contextHeader, type Letter, shortened } from './source-letter.ts'
import type { Failure, Reporter } from './tolerance.ts'

export interface DeadLettersOptions {
  readonly topic: string
  readonly connector: string
  readonly task: number
  readonly contextHeaders: boolean
  readonly producer: Producer
  readonly metrics: MetricsSlab
  letterOf(record: SourceRecord): Letter
  /** takes values of config providers out of messages and traces */
  redact(text: string): string
}

const NO_TIMESTAMP = -1

export class DeadLetters implements Reporter {
  readonly #options: DeadLettersOptions
  #failure: Error | null = null
  /** letters that were refused for what can be left out, and are appended again: at most as many as the producer's buffer holds */
  readonly #again = new Set<Promise<void>>()

  constructor(options: DeadLettersOptions) {
    this.#options = options
  }

  /** Settles when the producer has taken the letter; `flush` tells when it is safe. */
  async report(failure: Failure): Promise<void> {
    this.#throwFailure()
    const letter = this.#letterOf(failure)
    // Source records are kept until they are sent wherever they may be reported; without one there is nothing to write.
    if (letter === null) return
    this.#options.metrics.add('dlqRequests', 1)
    await this.#append(letter)
    this.#throwFailure()
  }

  /** Settles once all reports are in the topic; rejects where one could not be written. */
  async flush(): Promise<void> {
    for (;;) {
      await this.#options.producer.flush()
      if (this.#again.size === 0) break
      await Promise.all(this.#again)
    }
    this.#throwFailure()
  }

  #letterOf(failure: Failure): Letter | null {
    const { origin } = failure
    let letter: Letter
    if (origin.kind === 'sink') {
      const { timestamp, key, value, headers } = origin
      letter = { timestamp, key, value, headers, isCuttable: false }
    } else if (origin.record !== null) letter = this.#options.letterOf(origin.record)
    else return null
    if (!this.#options.contextHeaders) return letter
    return { ...letter, headers: [...letter.headers, ...this.#contextHeaders(failure)] }
  }

  async #append(letter: Letter): Promise<void> {
    const { producer, topic } = this.#options
    const onAck = (error: Error | null) => {
      if (error !== null) this.#refused(letter, error)
    }
    try {
      await producer.append(topic, null, timestampOf(letter), letter.key, letter.value, letter.headers, onAck)
    } catch (error) {
      this.#refused(letter, toError(error))
    }
  }

  #refused(letter: Letter, error: Error): void {
    const other = acceptable(letter, error)
    if (other === null) {
      this.#options.metrics.add('dlqFailures', 1)
      this.#failure ??= error
      return
    }
    const again = this.#append(other).finally(() => this.#again.delete(again))
    this.#again.add(again)
  }

  #throwFailure(): void {
    if (this.#failure === null) return
    const { topic } = this.#options
    const message = `could not write to the dead-letter topic ${topic} (errors.deadletterqueue.topic.name): ${this.#failure.message}`
    throw new ConnectError(message, { code: 'CONNECT_DEAD_LETTER', cause: this.#failure })
  }

  /** Names and order as Java writes them; a source has no partition and offset of a topic. */
  #contextHeaders({ stage, className, error, origin }: Failure): RawHeader[] {
    const { connector, task, redact } = this.#options
    const { name, message } = toError(error)
    return [
      ...placeHeaders(origin),
      contextHeader('connector.name', connector),
      contextHeader('task.id', String(task)),
      contextHeader('stage', stage),
      contextHeader('class.name', className),
      contextHeader('exception.class.name', JAVA_NAMES[name] ?? name),
      contextHeader('exception.message', redact(message)),
      contextHeader('exception.stacktrace', redact(stackOf(toError(error)))),
    ]
  }
}

/** The letter without what the producer or the broker refused it for; null where that cannot be helped. */
function acceptable(letter: Letter, error: Error): Letter | null {
  if (codeOf(error) === 'CONNECT_RECORD_TOO_LARGE') return shortened(letter)
  const isOfTime = error instanceof KafkaError && error.errorCode === ErrorCode.INVALID_TIMESTAMP
  return isOfTime && letter.timestamp !== NO_TIMESTAMP ? { ...letter, timestamp: NO_TIMESTAMP } : null
}

/** A record's bad timestamp may be why it failed: its letter has none. */
function timestampOf({ timestamp }: Letter): number {
  return Number.isSafeInteger(timestamp) && timestamp >= 0 ? timestamp : NO_TIMESTAMP
}

function placeHeaders(origin: Origin): RawHeader[] {
  if (origin.kind === 'source') return origin.record === null ? [] : [contextHeader('topic', origin.record.topic)]
  return [
    contextHeader('topic', origin.topic),
    contextHeader('partition', String(origin.partition)),
    contextHeader('offset', String(origin.offset)),
  ]
}

/** The Java classes that tools look for; what has none keeps its own name. */
const JAVA_NAMES: Readonly<Record<string, string>> = {
  ConnectError: 'org.apache.kafka.connect.errors.ConnectException',
  RetriableError: 'org.apache.kafka.connect.errors.RetriableException',
  DataError: 'org.apache.kafka.connect.errors.DataException',
  SchemaError: 'org.apache.kafka.connect.errors.DataException',
  ConfigError: 'org.apache.kafka.common.config.ConfigException',
}
