// Statuses in the form REST gives them, and which parts a restart request means. Pure functions; main thread, called by the herders.
import type { TargetState } from '../store/config-store.ts'
import type { Status, StatusStore } from '../store/status-store.ts'
import type { ConnectorState, ConnectorStateInfo, ConnectorType, InitialState, RestartOptions } from './herder.ts'

export const TARGET_OF: Readonly<Record<InitialState, TargetState>> = { RUNNING: 'STARTED', PAUSED: 'PAUSED', STOPPED: 'STOPPED' }

export function stateOf(status: Status): ConnectorState {
  const { state, workerId, version, trace } = status
  return { state, worker_id: workerId, version, ...(trace === null || trace === '' ? {} : { trace }) }
}

/** undefined where the connector has no status */
export function stateInfo(statuses: StatusStore, name: string, type: ConnectorType): ConnectorStateInfo | undefined {
  const connector = statuses.connector(name)
  if (connector === undefined) return undefined
  const tasks = statuses.tasks(name).map(([id, status]) => ({ id, ...stateOf(status) }))
  return { name, connector: stateOf(connector), tasks, type }
}

export interface RestartPlan {
  readonly connector: boolean
  readonly tasks: readonly number[]
}

export function restartPlan(statuses: StatusStore, name: string, options: RestartOptions): RestartPlan {
  const isMeant = (status: Status | undefined) => status !== undefined && (!options.onlyFailed || status.state === 'FAILED')
  const tasks = options.includeTasks ? statuses.tasks(name).filter(([, status]) => isMeant(status)) : []
  return { connector: isMeant(statuses.connector(name)), tasks: tasks.map(([task]) => task) }
}
