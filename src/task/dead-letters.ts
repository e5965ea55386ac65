// The dead-letter topic: a failed record's original bytes, with headers that tell where and why (KIP-298). A commit waits until the
// broker has taken all of them, so a record is in the sink or in the dead letters, never in neither. Task threads.
// Java: DeadLetterQueueReporter; it only logs when a dead letter cannot be written, here the task fails (docs/differences.md).
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import { ConnectError, toError } from '../base/errors.ts'
import type { Producer } from '../kafka/producer.ts'
import type { RawHeader } from '../kafka/types.ts'
import type { SinkOrigin } from './origin.ts'
import type { Failure, Reporter } from './tolerance.ts'

export interface DeadLettersOptions {
  readonly topic: string
  readonly connector: string
  readonly task: number
  readonly contextHeaders: boolean
  readonly producer: Producer
  readonly metrics: MetricsSlab
}

export class DeadLetters implements Reporter {
  readonly #options: DeadLettersOptions
  #failure: Error | null = null

  constructor(options: DeadLettersOptions) {
    this.#options = options
  }

  async report(failure: Failure): Promise<void> {
    const { origin } = failure
    if (origin.kind !== 'sink') return
    this.#throwFailure()
    const { producer, topic, metrics } = this.#options
    metrics.add('dlqRequests', 1)
    const headers = this.#options.contextHeaders ? [...origin.headers, ...this.#contextHeaders(failure, origin)] : origin.headers
    const onAck = (error: Error | null) => {
      if (error === null) return
      metrics.add('dlqFailures', 1)
      this.#failure ??= error
    }
    await producer.append(topic, null, origin.timestamp, origin.key, origin.value, headers, onAck)
  }

  /** Settles once all reports are in the topic; rejects where one could not be written. */
  async flush(): Promise<void> {
    await this.#options.producer.flush()
    this.#throwFailure()
  }

  #throwFailure(): void {
    if (this.#failure === null) return
    const { topic } = this.#options
    const message = `could not write to the dead-letter topic ${topic} (errors.deadletterqueue.topic.name): ${this.#failure.message}`
    throw new ConnectError(message, { code: 'CONNECT_DEAD_LETTER', cause: this.#failure })
  }

  /** Names and order as Java writes them; a null message stays a null value. */
  #contextHeaders({ stage, className, error }: Failure, origin: SinkOrigin): RawHeader[] {
    const { connector, task } = this.#options
    const { name, message, stack } = toError(error)
    return [
      header('topic', origin.topic),
      header('partition', String(origin.partition)),
      header('offset', String(origin.offset)),
      header('connector.name', connector),
      header('task.id', String(task)),
      header('stage', stage),
      header('class.name', className),
      header('exception.class.name', JAVA_NAMES[name] ?? name),
      header('exception.message', message),
      header('exception.stacktrace', stack ?? `${name}: ${message}`),
    ]
  }
}

/** The Java classes that tools look for; what has none keeps its own name. */
const JAVA_NAMES: Readonly<Record<string, string>> = {
  ConnectError: 'org.apache.kafka.connect.errors.ConnectException',
  RetriableError: 'org.apache.kafka.connect.errors.RetriableException',
  DataError: 'org.apache.kafka.connect.errors.DataException',
  SchemaError: 'org.apache.kafka.connect.errors.DataException',
  ConfigError: 'org.apache.kafka.common.config.ConfigException',
}

function header(key: string, value: string): RawHeader {
  return { key: `__connect.errors.${key}`, value: Buffer.from(value) }
}
