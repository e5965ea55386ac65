// The errors.* keys of a connector, made into a Tolerance with its reporters. Task threads.

import type { TaskSpec } from '../actor/messages.ts'
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import type { Converter } from '../api/converter.ts'
import type { Clock } from '../base/clock.ts'
import { ConfigError, KafkaError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { connectorConfig, deadLetterConfig } from '../config/connector-config.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster } from '../kafka/cluster.ts'
import type { Chain } from './chain.ts'
import { adminConfigOf, deadLetterSettingsOf } from './client-settings.ts'
import { DeadLetters } from './dead-letters.ts'
import { ErrorLog } from './error-log.ts'
import { openProducer } from './producer.ts'
import { sourceLetter } from './source-letter.ts'
import { type Reporter, Tolerance } from './tolerance.ts'

export interface FailureHandling {
  readonly tolerance: Tolerance
  readonly toleratesAll: boolean
  readonly deadLetters: DeadLetters | null
  /** Java offers the errant-record reporter only where a report would go somewhere */
  readonly reportsAnywhere: boolean
  close(): Promise<void>
}

interface Parts {
  readonly spec: TaskSpec
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsSlab
  readonly signal: AbortSignal
  readonly chain: Chain
  /** JsonConverter with schemas: the form of a source's dead letters */
  readonly json: Converter
  redact(text: string): string
}

const ONE_PARTITION = 1

export async function openFailureHandling(parts: Parts): Promise<FailureHandling> {
  const { spec, clock, logger, metrics, signal } = parts
  const config = connectorConfig.parse(spec.connectorProps)
  const reporters: Reporter[] = []
  if (config['errors.log.enable']) {
    const taskId = `${spec.connector}-${spec.task}`
    reporters.push(new ErrorLog({ logger, metrics, taskId, includeMessages: config['errors.log.include.messages'] }))
  }
  const opened = await openDeadLetters(parts)
  if (opened !== null) reporters.push(opened.deadLetters)
  const toleratesAll = config['errors.tolerance'] === 'all'
  const tolerance = new Tolerance({
    tolerance: toleratesAll ? 'all' : 'none',
    retryTimeoutMs: config['errors.retry.timeout'],
    retryDelayMaxMs: config['errors.retry.delay.max.ms'],
    reporters,
    metrics,
    clock,
    signal,
  })
  return {
    tolerance,
    toleratesAll,
    deadLetters: opened?.deadLetters ?? null,
    reportsAnywhere: reporters.length > 0,
    close: async () => opened?.close(),
  }
}

async function openDeadLetters({ spec, clock, logger, metrics, chain, json, redact }: Parts) {
  const config = deadLetterConfig.parse(spec.connectorProps)
  const topic = config['errors.deadletterqueue.topic.name']
  if (topic === '') return null
  const replicationFactor = config['errors.deadletterqueue.topic.replication.factor']
  await createTopic(spec, clock, logger, topic, replicationFactor)
  const { client, settings } = deadLetterSettingsOf(spec)
  const cluster = new Cluster(client, logger)
  await cluster.connect()
  const producer = openProducer(cluster, settings, clock, logger)
  const deadLetters = new DeadLetters({
    topic,
    connector: spec.connector,
    task: spec.task,
    contextHeaders: config['errors.deadletterqueue.context.headers.enable'],
    producer,
    metrics,
    letterOf: record => sourceLetter(record, json, chain),
    redact,
  })
  const close = async () => {
    await producer.close(0)
    await cluster.close()
  }
  return { deadLetters, close }
}

/** By an admin client of its own, as Java: it may have other rights than the producer. */
async function createTopic(
  spec: TaskSpec,
  clock: Clock,
  logger: Logger,
  topic: string,
  replicationFactor: number,
): Promise<void> {
  const cluster = new Cluster(adminConfigOf(spec, 'connector-dlq-adminclient'), logger)
  try {
    await cluster.connect()
    const admin = new Admin(cluster, { clock, log: logger })
    await admin.createTopicIfAbsent({ topic, partitions: ONE_PARTITION, replicationFactor, configs: {} })
  } catch (error) {
    if (!(error instanceof KafkaError) || error.retriable) throw error
    const key = 'errors.deadletterqueue.topic.replication.factor'
    throw new ConfigError(
      key,
      `cannot create the dead-letter topic ${topic} with ${key}=${replicationFactor}: ${error.message}`,
      {
        cause: error,
      },
    )
  } finally {
    await cluster.close()
  }
}
