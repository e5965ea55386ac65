// Where the metrics get the worker's figures from: the worker's counts and slabs, the states in the status store. Main thread; called on
// each scrape.
import type { ConnectorView, MetricsSource } from '../metrics/registry.ts'
import type { ConfigStore } from '../store/config-store.ts'
import type { StatusStore } from '../store/status-store.ts'
import type { ConnectorPlugin } from './job-pool.ts'
import type { Worker } from './worker.ts'

export interface MetricsSourceOptions {
  readonly worker: Worker
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly plugins: ReadonlyMap<string, ConnectorPlugin>
  readonly app: MetricsSource['app']
  automaticRestarts(connector: string): number
  readonly cluster?: NonNullable<MetricsSource['cluster']>
  /** of which anything runs on this worker, and those tasks of it that do; not given: all there are */
  readonly own?: {
    connectors(): readonly string[]
    tasks(connector: string): readonly number[]
    /** the connector itself, not only tasks of it */
    hasConnector(connector: string): boolean
  }
}

export function metricsSource(options: MetricsSourceOptions): MetricsSource {
  const { worker, configs, statuses, plugins, app } = options
  const tasksOf = options.own?.tasks ?? (connector => [...(configs.get(connector)?.tasks.keys() ?? [])])
  const view = (connector: string): ConnectorView => {
    const plugin = plugins.get(connector)
    return {
      connector,
      isHere: options.own?.hasConnector(connector) ?? true,
      className: plugin?.className ?? 'unknown',
      type: plugin?.kind ?? 'unknown',
      version: plugin?.version ?? 'unknown',
      status: lower(statuses.connector(connector)?.state),
      restarts: options.automaticRestarts(connector),
      tasks: tasksOf(connector).map(task => ({
        task,
        status: lower(statuses.task(connector, task)?.state),
      })),
    }
  }
  return {
    app,
    worker: () => ({ starts: { ...worker.counts }, connectorCount: worker.connectorCount, taskCount: worker.taskCount }),
    connectors: () => (options.own?.connectors() ?? configs.names()).map(view),
    tasks: () => worker.figures(),
    ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
  }
}

/** Before its first word a part counts as unassigned, as in Java's metrics. */
function lower(state: string | undefined): string {
  return (state ?? 'UNASSIGNED').toLowerCase()
}
