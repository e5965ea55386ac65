// Goal: what is asked of the validation thread about a config that came is asked once, and early; what failed early is asked again. Method: a
// pool of jobs that counts and whose answers the test gives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectError } from '../../../src/base/errors.ts'
import type { Props } from '../../../src/store/config-store.ts'
import { KnownPlugins } from '../../../src/supervisor/distributed/known-plugins.ts'
import type { ConnectorPlugin } from '../../../src/supervisor/job-pool.ts'
import { FakeJobs, fakeVariables, put, SINK, config as sinkConfig } from '../fake-worker.ts'
import { FakeCluster } from './fake-cluster.ts'

class CountingJobs extends FakeJobs {
  readonly validated: Props[] = []
  isAway = false
  override async validate(props: Props) {
    this.validated.push(props)
    if (this.isAway) throw new ConnectError('the thread that validates configs failed', { code: 'CONNECT_JOB_FAILED' })
    return super.validate(props)
  }
}

function opened() {
  const jobs = new CountingJobs()
  const plugins = new Map<string, ConnectorPlugin>()
  let config: Props | undefined = sinkConfig('a')
  const entryOf = (props: Props) => ({ config: props, target: 'STARTED' as const, tasks: [], appliedConfig: null })
  const known = new KnownPlugins({
    jobs,
    plugins,
    configs: { get: () => (config === undefined ? undefined : entryOf(config)) },
    variables: fakeVariables,
    redaction: { know: () => undefined, forget: () => undefined },
    logLevels: { know: () => undefined },
  })
  const write = (props: Props | undefined) => {
    config = props
  }
  return { jobs, plugins, known, write }
}

test('what was foreseen is not asked again when it starts; the same config, given up and come back, is', async () => {
  const { jobs, plugins, known } = opened()
  known.foresee('a')
  assert.equal(jobs.validated.length, 1)
  assert.equal(plugins.size, 0, 'nothing of it is here yet')
  await known.learn('a')
  assert.equal(plugins.get('a')?.className, SINK)
  known.foresee('a')
  await known.learn('a')
  assert.equal(jobs.validated.length, 1)
  known.forget('a')
  await known.learn('a')
  assert.equal(jobs.validated.length, 2)
})

test('a config that comes while an older one is asked about is the one that is learnt', async () => {
  const { jobs, known, write } = opened()
  known.foresee('a')
  const newer = sinkConfig('a', { more: '1' })
  write(newer)
  known.foresee('a')
  await known.learn('a')
  assert.equal(jobs.validated.at(-1), newer)
  assert.equal(jobs.validated.length, 2)
})

test('what failed while it was foreseen is asked again, and told by who starts it', async () => {
  const { jobs, known, plugins, write } = opened()
  jobs.isAway = true
  known.foresee('a')
  await assert.rejects(known.learn('a'), { code: 'CONNECT_JOB_FAILED' })
  jobs.isAway = false
  await known.learn('a')
  assert.equal(plugins.size, 1)
  write(undefined)
  known.foresee('a')
  await assert.rejects(known.learn('a'), { code: 'CONNECT_CONFIG' })
})

test('in a cluster: each worker that has a part of it asks when the config comes, while the old connector still stops', async () => {
  const cluster = new FakeCluster()
  const jobs = [new CountingJobs(), new CountingJobs()]
  for (const one of jobs) await cluster.add({ jobs: one })
  await cluster.quiet()
  for (const { cast } of cluster.workers) cast.taskConfigs.set('a', [{ n: '0' }, { n: '1' }])
  const config = (more: string) => sinkConfig('a', { 'tasks.max': '2', more })
  await cluster.leader.herder.putConfig('a', config('1'), { allowReplace: true })
  await cluster.quiet()
  assert.equal(cluster.states('a'), 'RUNNING | 0 RUNNING, 1 RUNNING')
  for (const { cast } of cluster.workers) cast.stopsLate = true
  await cluster.leader.herder.putConfig('a', config('2'), put)
  await cluster.quiet()
  for (const { validated } of jobs) assert.ok(validated.some(({ more }) => more === '2'))
  assert.deepEqual(
    cluster.workers.flatMap(({ cast }) => cast.alive).filter(thread => thread.startsWith('task')).length,
    2,
    'the old tasks run on until the new configs are there',
  )
})
