// Goal: which producers a round fences, when only the record is written, and that a round which was overtaken says so. Method: the leader's fencing
// over a state that the test sets. The cases are those of Java's DistributedHerder.doFenceZombieSourceTasks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConflictError, NotFoundError } from '../../../src/base/errors.ts'
import { silentLogger } from '../../../src/base/log.ts'
import { type ClusterConnector, EMPTY_CLUSTER_CONFIG } from '../../../src/store/cluster-config.ts'
import { Fencing } from '../../../src/supervisor/distributed/fencing.ts'

const SOURCE: ClusterConnector = {
  config: { name: 'c' },
  target: 'STARTED',
  tasks: [{}, {}],
  isInconsistent: false,
  taskGeneration: 3,
  appliedConfig: { name: 'c' },
  pendingFencing: true,
  taskCountRecord: 3,
}

function leader(entry: ClusterConnector) {
  const done: string[] = []
  const gate = { entry, open: Promise.resolve(), error: null as Error | null }
  const fencing = new Fencing({
    groupId: 'g',
    syncTimeoutMs: 3000,
    log: silentLogger,
    refresh: async () => ({ ...EMPTY_CLUSTER_CONFIG, get: name => (name === 'c' ? gate.entry : undefined) }),
    putTaskCount: async (connector, count) => {
      done.push(`record ${connector} ${count}`)
      gate.entry = { ...gate.entry, pendingFencing: false, taskCountRecord: count }
    },
    fenceProducers: async (_connector, ids) => {
      done.push(`fence ${ids.join(' ')}`)
      await gate.open
      if (gate.error !== null) throw gate.error
    },
  })
  return { fencing, done, gate }
}

test('the producers of the former tasks are fenced before the new count is written', async () => {
  const { fencing, done } = leader(SOURCE)
  await fencing.fence('c')
  assert.deepEqual(done, ['fence g-c-0 g-c-1 g-c-2', 'record c 2'])
  await fencing.fence('c')
  assert.equal(done.length, 2)
})

test('a first start, and one task after one task, write the count and fence nobody', async () => {
  const first = leader({ ...SOURCE, taskCountRecord: null })
  await first.fencing.fence('c')
  assert.deepEqual(first.done, ['record c 2'])
  const single = leader({ ...SOURCE, taskCountRecord: 1, tasks: [{}] })
  await single.fencing.fence('c')
  assert.deepEqual(single.done, ['record c 1'])
})

test('more or fewer tasks than one fence the one that was', async () => {
  const more = leader({ ...SOURCE, taskCountRecord: 1 })
  await more.fencing.fence('c')
  assert.deepEqual(more.done, ['fence g-c-0', 'record c 2'])
  const none = leader({ ...SOURCE, taskCountRecord: 2, tasks: [] })
  await none.fencing.fence('c')
  assert.deepEqual(none.done, ['fence g-c-0 g-c-1', 'record c 0'])
})

test('tasks that ask at the same time share one round', async () => {
  const { fencing, done, gate } = leader(SOURCE)
  const { promise, resolve } = Promise.withResolvers<void>()
  gate.open = promise
  const asked = [fencing.fence('c'), fencing.fence('c'), fencing.fence('c')]
  resolve()
  await Promise.all(asked)
  assert.deepEqual(done, ['fence g-c-0 g-c-1 g-c-2', 'record c 2'])
})

test('a round that newer task configs overtook writes nothing and fails all who wait; the next one fences anew', async () => {
  const { fencing, done, gate } = leader(SOURCE)
  const { promise, resolve } = Promise.withResolvers<void>()
  gate.open = promise
  const asked = [fencing.fence('c'), fencing.fence('c')].map(one => assert.rejects(one, ConflictError))
  await Promise.resolve()
  gate.entry = { ...SOURCE, taskGeneration: 4, tasks: [{}] }
  resolve()
  await Promise.all(asked)
  assert.deepEqual(done, ['fence g-c-0 g-c-1 g-c-2'])
  await fencing.fence('c')
  assert.deepEqual(done.slice(1), ['fence g-c-0 g-c-1 g-c-2', 'record c 1'])
})

test('producers that cannot be fenced, an unreadable topic and a connector that is gone are told, and the next try is free', async () => {
  const { fencing, done, gate } = leader(SOURCE)
  gate.error = new Error('no coordinator')
  await assert.rejects(fencing.fence('c'), /zombie fencing for connector c: no coordinator/)
  gate.error = null
  await fencing.fence('c')
  assert.deepEqual(done.at(-1), 'record c 2')
  await assert.rejects(fencing.fence('d'), NotFoundError)
})

test('a number of tasks that nobody can have had fences nothing, and the error says which record it is in and what to do', async () => {
  const { fencing, done, gate } = leader({ ...SOURCE, taskCountRecord: 2 ** 31 })
  const error = /zombie fencing for connector c: record tasks-fencing-c .* counts 2147483648 tasks, .* 10000 .*Stop the connector/
  await assert.rejects(fencing.fence('c'), error)
  gate.entry = { ...SOURCE, taskCountRecord: 10_001 }
  await assert.rejects(fencing.fence('c'), /counts 10001 tasks/)
  assert.deepEqual(done, [])
  gate.entry = { ...SOURCE, taskCountRecord: 10_000 }
  await fencing.fence('c')
  assert.match(done[0] ?? '', /^fence g-c-0 .* g-c-9999$/)
})
