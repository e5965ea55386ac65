// Opens what a task with a dead-letter topic needs: the topic, a producer, the form of its letters. Task threads; called by
// failure-settings.ts, which loads this file only where such a topic is configured.

import type { TaskSpec } from '../actor/messages.ts'
import type { Clock } from '../base/clock.ts'
import { ConfigError, KafkaError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { deadLetterConfig } from '../config/connector-config.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster } from '../kafka/cluster.ts'
import { adminConfigOf, deadLetterSettingsOf } from './client-settings.ts'
import { DeadLetters } from './dead-letters.ts'
import type { FailureParts } from './failure-settings.ts'
import { loadJson } from './plugins.ts'
import { openProducer } from './producer.ts'
import { sourceLetter } from './source-letter.ts'

const ONE_PARTITION = 1

export interface OpenDeadLetters {
  readonly deadLetters: DeadLetters
  close(): Promise<void>
}

/** Creates the topic where it is missing, and opens a producer to it. */
export async function openDeadLetterTopic(parts: FailureParts, topic: string): Promise<OpenDeadLetters> {
  const { spec, clock, logger, metrics, chain, catalogue, redact } = parts
  const config = deadLetterConfig.parse(spec.connectorProps)
  const replicationFactor = config['errors.deadletterqueue.topic.replication.factor']
  await createTopic(spec, clock, logger, topic, replicationFactor)
  const json = await loadJson(catalogue)
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
