// Opens what a source task needs (plugins, connections, producer) from its spec. Task thread; called by workers/task.ts.
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { Clock } from '../../base/clock.ts'
import { ConfigError } from '../../base/errors.ts'
import { workerTaskConfig } from '../../config/worker-config.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { producerSettingsOf } from '../client-settings.ts'
import { openFailureHandling } from '../failure-settings.ts'
import { connectorPlugin, loadChain, openTaskCatalogue } from '../plugins.ts'
import { openProducer } from '../producer.ts'
import { SourceRunner } from './source-runner.ts'

export async function openSourceTask(host: ActorHost<ToTask, FromTask>, spec: TaskSpec, clock: Clock): Promise<SourceRunner> {
  const { logger, metrics } = host
  const worker = workerTaskConfig.parse(spec.workerProps)
  const catalogue = await openTaskCatalogue(spec.workerProps)
  const plugin = await connectorPlugin(catalogue, spec.connectorProps)
  if (plugin.kind !== 'source') throw new ConfigError('connector.class', `${plugin.className} is no source connector`)
  const chain = await loadChain(catalogue, spec.connectorProps, spec.workerProps)
  const stopping = new AbortController()
  const failures = await openFailureHandling({ spec, clock, logger, metrics, signal: stopping.signal })
  const { client, settings } = producerSettingsOf(spec)
  const cluster = new Cluster(client, logger)
  await cluster.connect()
  return new SourceRunner({
    host,
    spec,
    clock,
    task: plugin.task(),
    chain,
    tolerance: failures.tolerance,
    toleratesAll: failures.toleratesAll,
    producer: openProducer(cluster, settings, clock, logger),
    close: async () => {
      await failures.close()
      await cluster.close()
    },
    stopping,
    limits: { flushIntervalMs: worker['offset.flush.interval.ms'], flushTimeoutMs: worker['offset.flush.timeout.ms'] },
  })
}
