// What every task opens before it runs: its settings, its plugin, its converters and SMTs, its handling of failures. Task threads.
import type { ActorHost } from '../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../actor/messages.ts'
import type { Clock } from '../base/clock.ts'
import { ConfigError } from '../base/errors.ts'
import { LOGGERS } from '../base/logger-names.ts'
import { workerTaskConfig } from '../config/worker-config.ts'
import { describeTask } from './description.ts'
import { openFailureHandling } from './failure-settings.ts'
import { connectorPlugin, loadChain, openTaskCatalogue } from './plugins.ts'

export async function openTask<K extends TaskSpec['kind']>(
  kind: K,
  host: ActorHost<ToTask, FromTask>,
  spec: TaskSpec,
  clock: Clock,
) {
  const { metrics } = host
  const logger = host.named(LOGGERS.errorLog)
  const worker = workerTaskConfig.parse(spec.workerProps)
  const catalogue = await openTaskCatalogue(spec.workerProps, host)
  const plugin = await connectorPlugin(catalogue, spec.connectorProps)
  if (plugin.kind !== kind) throw new ConfigError('connector.class', `${plugin.className} is no ${kind} connector`)
  host.namePlugin(plugin.className)
  const chain = await loadChain(catalogue, spec.connectorProps, spec.workerProps)
  host.post({ type: 'loaded' })
  host.post({
    type: 'described',
    description: await describeTask(catalogue, plugin, chain.parts, spec.connectorProps, spec.workerProps),
  })
  /** aborted when the task stops: ends retries and waits */
  const stopping = new AbortController()
  const failures = await openFailureHandling({
    spec,
    clock,
    logger,
    metrics,
    signal: stopping.signal,
    chain,
    catalogue,
    redact: text => host.redactText(text),
  })
  return { worker, plugin: plugin as Extract<typeof plugin, { kind: K }>, chain, stopping, failures }
}
