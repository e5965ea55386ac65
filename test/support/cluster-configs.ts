// A cluster's config for tests that care for names and numbers of tasks only. Main thread of a test file.
import type { ClusterConfig, ClusterConnector } from '../../src/store/cluster-config.ts'

/** @param configured connector -> how many tasks */
export function clusterConfig(offset: number, configured: Readonly<Record<string, number>>): ClusterConfig {
  const connector = (tasks: number): ClusterConnector => ({
    config: {},
    target: 'STARTED',
    tasks: Array.from({ length: tasks }, () => ({})),
    isInconsistent: false,
    taskGeneration: 0,
    appliedConfig: {},
    pendingFencing: false,
    taskCountRecord: null,
  })
  return {
    offset,
    sessionKey: null,
    names: () => Object.keys(configured).sort(),
    get: name => (configured[name] === undefined ? undefined : connector(configured[name])),
  }
}
