// Opens what a source task needs (plugins, connections, producer) from its spec. Task thread; called by workers/task.ts.
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { Clock } from '../../base/clock.ts'
import { LOGGERS } from '../../base/logger-names.ts'
import { exactlyOnceConfig } from '../../config/connector-config.ts'
import { topicGroups } from '../../config/topic-creation.ts'
import { Admin } from '../../kafka/admin.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { producerFigures } from '../client-figures.ts'
import { adminConfigOf, producerSettingsOf, transactionSettingsOf } from '../client-settings.ts'
import { openTask } from '../open-task.ts'
import { openProducer, openTransactionalProducer } from '../producer.ts'
import { SourceRunner } from './source-runner.ts'
import type { TransactionPlan } from './source-transaction.ts'
import { TopicCreator } from './topic-creator.ts'

export async function openSourceTask(host: ActorHost<ToTask, FromTask>, spec: TaskSpec, clock: Clock): Promise<SourceRunner> {
  const { worker, plugin, chain, stopping, failures } = await openTask('source', host, spec, clock)
  const { client, settings } = producerSettingsOf(spec)
  const cluster = new Cluster(client, host.named(LOGGERS.kafkaClient))
  await cluster.connect()
  const groups = worker['topic.creation.enable'] ? topicGroups(spec.connectorProps) : null
  let admin: Cluster | null = null
  const openAdmin = async () => {
    const log = host.named(LOGGERS.admin)
    admin ??= new Cluster(adminConfigOf(spec, 'connector-adminclient'), log)
    await admin.connect()
    return new Admin(admin, { clock, log })
  }
  const { signal } = stopping
  const topics = groups === null ? null : new TopicCreator({ groups, clock, logger: host.logger, signal, openAdmin })
  const log = host.named(LOGGERS.producer)
  const figures = producerFigures(host.metrics)
  const transactional = spec.exactlyOnce === true ? transactionSettingsOf(spec) : null
  const exactlyOnce =
    transactional === null
      ? null
      : {
          producer: openTransactionalProducer(cluster, settings, transactional, clock, log, figures),
          plan: transactionPlan(spec, transactional.offsetsTopic, worker['offset.flush.interval.ms']),
        }
  return new SourceRunner({
    host,
    spec,
    clock,
    task: plugin.task(),
    taskClassName: plugin.taskClass,
    chain,
    tolerance: failures.tolerance,
    toleratesAll: failures.toleratesAll,
    deadLetters: failures.deadLetters,
    topics,
    producer: exactlyOnce?.producer.producer ?? openProducer(cluster, settings, clock, log, figures),
    exactlyOnce,
    close: async () => {
      await failures.close()
      await admin?.close()
      await cluster.close()
    },
    stopping,
    limits: { flushIntervalMs: worker['offset.flush.interval.ms'], flushTimeoutMs: worker['offset.flush.timeout.ms'] },
  })
}

function transactionPlan({ connectorProps }: TaskSpec, offsetsTopic: string, flushIntervalMs: number): TransactionPlan {
  const config = exactlyOnceConfig.parse(connectorProps)
  return {
    boundary: config['transaction.boundary'].trim().toLowerCase() as TransactionPlan['boundary'],
    intervalMs: config['transaction.boundary.interval.ms'] ?? flushIntervalMs,
    offsetsTopic,
  }
}
