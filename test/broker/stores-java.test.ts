// Goal: one set of internal topics serves Java's distributed worker and our stores in turns. Method: Java's real worker with its own file
// connectors; our stores read what it wrote and must say what its REST says, then write beside it and without it, and it goes on from there.
// Main thread of a test file.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { distributedConfig } from '../../src/config/distributed-config.ts'
import { ConfigTopic } from '../../src/store/config-topic.ts'
import { internalTopics } from '../../src/store/internal-topics.ts'
import type { OffsetEntry } from '../../src/store/offset-store.ts'
import { OffsetTopic } from '../../src/store/offset-topic.ts'
import { StatusTopic } from '../../src/store/status-topic.ts'
import { type Broker, broker } from '../support/broker.ts'
import { create, status } from '../support/connectors.ts'
import { javaWorkerCommand } from '../support/java.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { readTopic } from './producer-parts.ts'

let b: Broker
before(async () => {
  b = await broker()
})

type Props = Record<string, string>

function workerProps(group: string): Props {
  return {
    'bootstrap.servers': b.bootstrap,
    'group.id': group,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    ...Object.fromEntries(
      ['config', 'offset', 'status'].flatMap(name => [
        [`${name}.storage.topic`, `${group}-${name}s`],
        [`${name}.storage.replication.factor`, '1'],
      ]),
    ),
    'offset.storage.partitions': '7',
    'offset.flush.interval.ms': '200',
    'scheduled.rebalance.max.delay.ms': '0',
    'session.timeout.ms': '3000',
    'heartbeat.interval.ms': '500',
  }
}

interface Stores {
  readonly configs: ConfigTopic
  readonly statuses: StatusTopic
  readonly offsets: OffsetTopic
}

/** All three, read to their ends. */
async function openStores(t: TestContext, props: Props): Promise<Stores> {
  const topics = internalTopics({ config: distributedConfig.parse(props), props, clock: systemClock, log: silentLogger })
  const base = { topic: 'of the test', clock: systemClock, log: silentLogger, onFailed: assert.ifError }
  const listener = {
    connectorChanged: () => undefined,
    connectorRemoved: () => undefined,
    tasksChanged: () => undefined,
    targetChanged: () => undefined,
    sessionKeyChanged: () => undefined,
    restartRequested: () => undefined,
    loggerLevelChanged: () => undefined,
    failed: assert.ifError,
  }
  const stores = {
    configs: new ConfigTopic({ ...base, open: topics.config, listener }),
    statuses: new StatusTopic({ ...base, open: topics.status }),
    offsets: new OffsetTopic({ ...base, open: topics.offsets() }),
  }
  const all = [stores.configs, stores.statuses, stores.offsets]
  t.after(() => Promise.all(all.map(store => store.stop())))
  await Promise.all(all.map(store => store.start()))
  return stores
}

async function startJava(folder: string, props: Props): Promise<WorkerProcess> {
  mkdirSync(folder)
  const command = [...(await javaWorkerCommand()).slice(0, -1), 'org.apache.kafka.connect.cli.ConnectDistributed']
  return startWorker({ bootstrap: b.bootstrap, folder, worker: props, command })
}

/** For a test that failed half-way. */
async function endIfRunning(worker: WorkerProcess): Promise<void> {
  if (worker.running()) await worker.kill()
}

const get = async <T>(worker: WorkerProcess, path: string) => (await worker.rest<T>(path)).body

/** Both, with one task, are in the state. */
async function reached(worker: WorkerProcess, name: string, state: string): Promise<void> {
  await until(async () => {
    const found = await status(worker, name)
    return found?.connector.state === state && found.tasks.length === 1 && found.tasks[0]?.state === state
  })
}

/** As REST shows a status. */
function statusShown({ statuses }: Stores, name: string) {
  const shown = (one: ReturnType<StatusTopic['connector']>) => ({
    state: one?.state,
    worker_id: one?.workerId,
    ...(one?.version == null ? {} : { version: one.version }),
  })
  return {
    connector: shown(statuses.connector(name)),
    tasks: statuses.tasks(name).map(([id, one]) => ({ id, ...shown(one) })),
  }
}

test("what Java's worker wrote is what its REST says, and it goes on from what we wrote", async t => {
  const folder = tempFolder(t)
  const group = uniqueName('shared')
  const props = workerProps(group)
  const [file, lines] = [join(folder, 'in.txt'), uniqueName('lines')]
  writeFileSync(file, 'one\ntwo\nthree\n')
  const java = await startJava(join(folder, 'java-1'), props)
  t.after(() => endIfRunning(java))
  const source = { 'connector.class': 'FileStreamSource', file, topic: lines, odd: 'ä "quoted" \\ 😀' }
  assert.equal((await create(java, 'src', source)).status, 201)
  assert.equal(
    (await create(java, 'sink ä-1', { 'connector.class': 'FileStreamSink', file: join(folder, 'out'), topics: lines })).status,
    201,
  )
  await reached(java, 'src', 'RUNNING')
  await reached(java, 'sink ä-1', 'RUNNING')
  assert.equal((await java.rest(`/connectors/${encodeURIComponent('sink ä-1')}/pause`, { method: 'PUT' })).status, 202)
  await reached(java, 'sink ä-1', 'PAUSED')
  await until(
    async () => (await get<{ offsets: OffsetEntry[] }>(java, '/connectors/src/offsets')).offsets[0]?.offset?.position === 14,
  )

  const stores = await openStores(t, props)
  const { configs, statuses, offsets } = stores
  const config = configs.snapshot()
  assert.deepEqual(config.names(), ['sink ä-1', 'src'])
  assert.equal(config.sessionKey?.key.length, 32)
  for (const name of config.names()) {
    const path = `/connectors/${encodeURIComponent(name)}`
    assert.deepEqual(configs.get(name)?.config, await get(java, `${path}/config`))
    const tasks = await get<{ config: Props }[]>(java, `${path}/tasks`)
    assert.deepEqual(
      configs.get(name)?.tasks,
      tasks.map(one => one.config),
    )
    const { type: _, name: __, ...shown } = await get<Record<string, unknown>>(java, `${path}/status`)
    assert.deepEqual(statusShown(stores, name), shown)
  }
  assert.deepEqual([configs.get('src')?.target, configs.get('sink ä-1')?.target], ['STARTED', 'PAUSED'])
  assert.deepEqual(configs.get('src')?.appliedConfig, configs.get('src')?.config)
  assert.deepEqual({ offsets: await offsets.all('src') }, await get(java, '/connectors/src/offsets'))
  const topics = await get<Record<string, { topics: string[] }>>(java, '/connectors/src/topics')
  assert.deepEqual(
    statuses.topics('src').map(use => use.topic),
    topics.src?.topics,
  )

  // beside it
  await configs.putTarget('sink ä-1', 'STARTED')
  await reached(java, 'sink ä-1', 'RUNNING')
  await configs.putLoggerLevel('org.apache.kafka.connect.file', 'TRACE')
  await until(async () => (await get<{ level?: string }>(java, '/admin/loggers/org.apache.kafka.connect.file')).level === 'TRACE')
  await until(() => statuses.connector('sink ä-1')?.state === 'RUNNING')
  await java.kill()

  // without it: a connector is removed, another made, with an offset in the middle of its file
  const [file2, topic2] = [join(folder, 'in-2.txt'), uniqueName('lines')]
  writeFileSync(file2, 'seen\nnew\nnewer\n')
  await configs.remove('sink ä-1')
  statuses.remove('sink ä-1')
  const made = { name: 'made', 'connector.class': 'FileStreamSource', 'tasks.max': '1', file: file2, topic: topic2 }
  await configs.putConfig('made', made)
  await configs.putTasks('made', [{ 'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask', ...made }])
  await configs.putTarget('src', 'STOPPED')
  await configs.putTasks('src', [])
  await offsets.put('made', [{ partition: { filename: file2 }, offset: { position: 5 } }])
  statuses.putConnector('made', { state: 'UNASSIGNED', workerId: 'ours:8083', generation: 1, trace: null, version: null })

  const again = await startJava(join(folder, 'java-2'), props)
  t.after(() => endIfRunning(again))
  await until(async () => (await status(again, 'made'))?.tasks[0]?.state === 'RUNNING')
  assert.deepEqual((await get<string[]>(again, '/connectors')).sort(), ['made', 'src'])
  assert.deepEqual(await get(again, '/connectors/made/config'), made)
  await until(async () => (await status(again, 'src'))?.connector.state === 'STOPPED')
  const read = await until(async () => {
    const records = await readTopic(b.bootstrap, topic2)
    return records.length >= 2 && records
  })
  assert.deepEqual(
    read.map(({ value }) => value),
    ['new', 'newer'],
  )
  assert.deepEqual(await get(again, '/connectors/src/offsets'), {
    offsets: [{ partition: { filename: file }, offset: { position: 14 } }],
  })
  await until(async () => (await offsets.get('made', [{ filename: file2 }]))[0]?.position === 15)
  await again.kill()
})
