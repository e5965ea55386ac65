// A cluster of herders that runs connectors, and what its threads are. Made of fake-cluster.ts; for tests of herders.
import assert from 'node:assert/strict'
import type { Props } from '../../../src/store/config-store.ts'
import { create, config as sinkConfig } from '../fake-worker.ts'
import { type ClusterWorker, FakeCluster } from './fake-cluster.ts'

export const config = (name: string, extra: Record<string, string> = {}) => sinkConfig(name, { 'tasks.max': '9', ...extra })

/** Workers in the group, and connectors that run with so many tasks each. */
export async function cluster(workers: number, connectors: Record<string, number> = {}): Promise<FakeCluster> {
  const made = new FakeCluster()
  for (let i = 0; i < workers; i++) await made.add()
  await made.quiet()
  for (const [name, tasks] of Object.entries(connectors)) {
    tasksOf(made, name, tasks)
    await made.leader.herder.putConfig(name, config(name), create)
    await made.quiet()
  }
  return made
}

export function tasksOf(made: FakeCluster, name: string, count: number, extra: Props = {}): void {
  const configs = Array.from({ length: count }, (_, n) => ({ n: String(n), ...extra }))
  for (const { cast } of made.workers) cast.taskConfigs.set(name, configs)
}

export const threads = (made: FakeCluster) => made.workers.flatMap(({ cast }) => cast.alive).toSorted()
/** Threads that were started, ever. */
export const started = (made: FakeCluster) => made.workers.reduce((sum, { cast }) => sum + cast.actors.length, 0)
export const owner = (made: FakeCluster, thread: string): ClusterWorker => {
  const found = made.workers.filter(({ cast }) => cast.alive.includes(thread))
  assert.equal(found.length, 1, `${thread} runs on ${found.length} workers`)
  return found[0] as ClusterWorker
}
export const other = (made: FakeCluster, not: ClusterWorker) => made.workers.find(worker => worker !== not) as ClusterWorker
