// Goal: `POST /connectors/{c}/restart` starts exactly what Java's ConnectorRestartApiIntegrationTest says for each of onlyFailed and includeTasks: of a
// connector that runs, one that failed, and one whose tasks failed; on one worker, and asked of a worker that has no part in it. Method: connectors
// that write down each start and stop; counts before and after.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { StateInfo } from '../support/connect-cluster.ts'
import { uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { Stage } from './stage.ts'

const TASKS = 4
const ALL = [0, 1, 2, 3]
const states = (failed: readonly number[]) => ALL.map(task => (failed.includes(task) ? 'FAILED' : 'RUNNING'))

interface RestartCase {
  readonly name: string
  readonly onlyFailed: boolean
  readonly includeTasks: boolean
  readonly config?: Record<string, string>
  readonly connectorState?: string
  readonly failedTasks?: readonly number[]
  /** what is expected to start once more */
  readonly connector: 0 | 1
  readonly tasks: readonly number[]
}

const FAILING = { config: { 'fail.in': 'connector.start' }, connectorState: 'FAILED', tasks: [] } as const
const ALL_FAIL = { config: { 'fail.tasks': '0,1,2,3' }, failedTasks: ALL } as const

const cases: readonly RestartCase[] = [
  { name: 'running, neither: the connector alone', onlyFailed: false, includeTasks: false, connector: 1, tasks: [] },
  { name: 'running, with tasks: all', onlyFailed: false, includeTasks: true, connector: 1, tasks: ALL },
  { name: 'running, only failed: nothing', onlyFailed: true, includeTasks: false, connector: 0, tasks: [] },
  { name: 'running, only failed, with tasks: nothing', onlyFailed: true, includeTasks: true, connector: 0, tasks: [] },
  { name: 'connector failed, neither: the connector', onlyFailed: false, includeTasks: false, connector: 1, ...FAILING },
  { name: 'connector failed, with tasks: the connector', onlyFailed: false, includeTasks: true, connector: 1, ...FAILING },
  {
    name: 'connector failed, only failed, with tasks: the connector',
    onlyFailed: true,
    includeTasks: true,
    connector: 1,
    ...FAILING,
  },
  {
    name: 'tasks failed, neither: the connector alone',
    onlyFailed: false,
    includeTasks: false,
    connector: 1,
    tasks: [],
    ...ALL_FAIL,
  },
  {
    name: 'tasks failed, only failed, with tasks: the tasks',
    onlyFailed: true,
    includeTasks: true,
    connector: 0,
    tasks: ALL,
    ...ALL_FAIL,
  },
  { name: 'tasks failed, only failed: nothing', onlyFailed: true, includeTasks: false, connector: 0, tasks: [], ...ALL_FAIL },
  { name: 'tasks failed, with tasks: all', onlyFailed: false, includeTasks: true, connector: 1, tasks: ALL, ...ALL_FAIL },
  {
    name: 'one task failed, only failed, with tasks: that task',
    onlyFailed: true,
    includeTasks: true,
    config: { 'fail.tasks': '1' },
    failedTasks: [1],
    connector: 0,
    tasks: [1],
  },
]

let stage: Stage

before(async () => {
  stage = await Stage.open(1)
})

after(() => stage?.close())

const restartPath = (name: string, { onlyFailed, includeTasks }: Pick<RestartCase, 'onlyFailed' | 'includeTasks'>) =>
  `/connectors/${name}/restart?onlyFailed=${onlyFailed}&includeTasks=${includeTasks}`

/** Until a connector that was created after it runs: whoever reads the config topic has come by the request. */
async function behindTheRequest(): Promise<void> {
  const name = uniqueName('behind')
  await stage.put(name, stage.source(name, { 'tasks.max': '1' }))
  await stage.running(name, 1)
  await stage.remove(name)
}

describe('restart', () => {
  it('of a connector that is not there is 404, with and without parameters', async () => {
    await stage.expect(404, 'POST', '/connectors/unknown/restart')
    for (const onlyFailed of [false, true])
      for (const includeTasks of [false, true])
        await stage.expect(404, 'POST', restartPath('unknown', { onlyFailed, includeTasks }))
  })

  for (const one of cases)
    it(one.name, async () => {
      const name = uniqueName('restart')
      const tasks = one.connectorState === 'FAILED' ? [] : states(one.failedTasks ?? [])
      const asBefore = () => stage.states(name, one.connectorState ?? 'RUNNING', tasks)
      await stage.put(name, stage.source(name, { 'tasks.max': String(TASKS), ...one.config }))
      await asBefore()
      const before = stage.counts(name, TASKS)
      const isPlain = !one.onlyFailed && !one.includeTasks
      // the plain form answers when the connector has started, or has not
      const status = isPlain ? (one.connectorState === 'FAILED' ? 500 : 204) : 202
      const answer = await stage.expect<Partial<StateInfo>>(status, 'POST', restartPath(name, one))
      if (!isPlain) {
        assert.equal(answer.connector?.state === 'RESTARTING', one.connector === 1, JSON.stringify(answer))
        const restarting = answer.tasks?.filter(({ state }) => state === 'RESTARTING').map(({ id }) => id)
        assert.deepEqual(restarting, [...one.tasks])
      }
      const starts = (at: typeof before) => [at.connector.starts, ...at.tasks.map(task => task.starts)]
      const stops = (at: typeof before) => [at.connector.stops, ...at.tasks.map(task => task.stops)]
      const more = [one.connector, ...ALL.map(task => (one.tasks.includes(task) ? 1 : 0))]
      const expected = starts(before).map((count, i) => count + (more[i] ?? 0))
      await until(() => starts(stage.counts(name, TASKS)).every((count, i) => count >= (expected[i] ?? 0)))
      await asBefore()
      await behindTheRequest()
      assert.deepEqual(starts(stage.counts(name, TASKS)), expected)
      // what has not started well has nothing to stop
      const ran = [one.connectorState !== 'FAILED', ...ALL.map(task => one.failedTasks?.includes(task) !== true)]
      assert.deepEqual(
        stops(stage.counts(name, TASKS)).filter((_, i) => ran[i]),
        stops(before)
          .map((count, i) => count + (more[i] ?? 0))
          .filter((_, i) => ran[i]),
      )
      await stage.remove(name)
    })
})

describe('restart asked of a worker that has no part in the connector', () => {
  before(async () => {
    await Promise.all([stage.cluster.add('sluice'), stage.cluster.add('sluice')])
  })

  for (const { name: title, includeTasks } of [
    { name: 'three workers, neither: the connector alone', includeTasks: false },
    { name: 'three workers, with tasks: all', includeTasks: true },
  ])
    it(title, async () => {
      const name = uniqueName('restart')
      await stage.put(name, stage.source(name, { 'tasks.max': '1' }))
      const info = await stage.running(name, 1)
      const busy = [info.connector.worker_id, ...info.tasks.map(task => task.worker_id)]
      const free = stage.cluster.members.find(({ workerId }) => !busy.includes(workerId))
      assert.ok(free)
      const before = stage.counts(name, 1)
      const path = restartPath(name, { onlyFailed: false, includeTasks })
      await stage.expect(includeTasks ? 202 : 204, 'POST', path, undefined, free)
      const expected = {
        connector: { starts: before.connector.starts + 1, stops: before.connector.stops + 1 },
        tasks: before.tasks.map(({ starts, stops }) => ({
          starts: starts + Number(includeTasks),
          stops: stops + Number(includeTasks),
        })),
      }
      await until(() => {
        const { connector, tasks } = stage.counts(name, 1)
        return connector.starts >= expected.connector.starts && (tasks[0]?.starts ?? 0) >= (expected.tasks[0]?.starts ?? 0)
      })
      await stage.running(name, 1)
      await behindTheRequest()
      assert.deepEqual(stage.counts(name, 1), expected)
      await stage.remove(name)
    })
})
