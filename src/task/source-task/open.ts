// Opens what a source task needs (plugins, connections, producer) from its spec. Task thread; called by workers/task.ts.
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { Clock } from '../../base/clock.ts'
import { LOGGERS } from '../../base/logger-names.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { producerSettingsOf } from '../client-settings.ts'
import { openTask } from '../open-task.ts'
import { openProducer } from '../producer.ts'
import { SourceRunner } from './source-runner.ts'

export async function openSourceTask(host: ActorHost<ToTask, FromTask>, spec: TaskSpec, clock: Clock): Promise<SourceRunner> {
  const { worker, plugin, chain, stopping, failures } = await openTask('source', host, spec, clock)
  // KIP-158 is not there yet: whoever asks for partitions must not find out by counting them.
  const asked = Object.keys(spec.connectorProps).filter(key => key.startsWith('topic.creation.'))
  if (asked.length > 0) {
    host.logger.warn(
      { keys: asked },
      'topic.creation.* has no effect in this version of Sluice: missing topics get the settings of the broker',
    )
  }
  const { client, settings } = producerSettingsOf(spec)
  const cluster = new Cluster(client, host.named(LOGGERS.kafkaClient))
  await cluster.connect()
  return new SourceRunner({
    host,
    spec,
    clock,
    task: plugin.task(),
    chain,
    tolerance: failures.tolerance,
    toleratesAll: failures.toleratesAll,
    producer: openProducer(cluster, settings, clock, host.named(LOGGERS.producer)),
    close: async () => {
      await failures.close()
      await cluster.close()
    },
    stopping,
    limits: { flushIntervalMs: worker['offset.flush.interval.ms'], flushTimeoutMs: worker['offset.flush.timeout.ms'] },
  })
}
