// Opens what a source task needs (plugins, connections, producer) from its spec. Task thread; called by workers/task.ts.
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { Clock } from '../../base/clock.ts'
import { LOGGERS } from '../../base/logger-names.ts'
import { topicGroups } from '../../config/topic-creation.ts'
import { Admin } from '../../kafka/admin.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { producerFigures } from '../client-figures.ts'
import { adminConfigOf, producerSettingsOf } from '../client-settings.ts'
import { openTask } from '../open-task.ts'
import { openProducer } from '../producer.ts'
import { SourceRunner } from './source-runner.ts'
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
  return new SourceRunner({
    host,
    spec,
    clock,
    task: plugin.task(),
    chain,
    tolerance: failures.tolerance,
    toleratesAll: failures.toleratesAll,
    deadLetters: failures.deadLetters,
    topics,
    producer: openProducer(cluster, settings, clock, host.named(LOGGERS.producer), producerFigures(host.metrics)),
    close: async () => {
      await failures.close()
      await admin?.close()
      await cluster.close()
    },
    stopping,
    limits: { flushIntervalMs: worker['offset.flush.interval.ms'], flushTimeoutMs: worker['offset.flush.timeout.ms'] },
  })
}
