// Goal: our member shares the work of a group with Java's own distributed worker, whoever leads. Method: Java's worker with FileStreamSource
// connectors on a real broker, our KafkaWorkerGroup over a real ConfigTopic without a herder: it only notes what it is to run. What is not
// ours must be RUNNING on Java's by its REST. Main thread of a test file.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { TopicLog } from '../../src/kafka/topic-log.ts'
import { ConfigTopic } from '../../src/store/config-topic.ts'
import { NO_WORK, type Work, type WorkerGroupListener } from '../../src/supervisor/distributed/work.ts'
import { minus, taskKey, union } from '../../src/supervisor/distributed/work-set.ts'
import { KafkaWorkerGroup } from '../../src/supervisor/distributed/worker-group.ts'
import { broker } from '../support/broker.ts'
import { create, status } from '../support/connectors.ts'
import { javaWorkerCommand } from '../support/java.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const HEARTBEAT_MS = 300
const MAX_DELAY_MS = 1500
const QUIET_HEARTBEATS = 20

/** Notes what it is to run. */
class Noting implements WorkerGroupListener {
  readonly configs: ConfigTopic
  running: Work = NO_WORK
  failure: Error | null = null
  heartbeats = 0

  constructor(configs: ConfigTopic) {
    this.configs = configs
  }

  config() {
    return this.configs.snapshot()
  }

  readConfig(timeoutMs: number) {
    return this.configs.refresh(timeoutMs)
  }

  async giveUp(work: Work): Promise<void> {
    this.running = minus(this.running, work)
  }

  async assigned(_round: unknown, added: Work): Promise<void> {
    this.running = union([this.running, added])
  }

  failed(error: Error): void {
    this.failure = error
  }
}

async function ours(t: TestContext, bootstrap: string, group: string) {
  const cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': bootstrap }, 'test'), silentLogger)
  await cluster.connect()
  const topic = `${group}-configs`
  const base = { clock: systemClock, log: silentLogger, topic }
  const nothing = () => undefined
  const wake = () => member.requestRejoin('connectors came or went')
  const configs = new ConfigTopic({
    ...base,
    open: listener =>
      new TopicLog({ ...base, ...listener, cluster, topicKey: 'config.storage.topic', create: { partitions: 1, replicationFactor: 1 }, onRecord: r => listener.onRecord(r), onError: e => listener.onError(e) }), // biome-ignore format: one line is easier to read
    listener: {
      connectorChanged: wake,
      connectorRemoved: wake,
      tasksChanged: wake,
      targetChanged: nothing,
      sessionKeyChanged: nothing,
      restartRequested: nothing,
      loggerLevelChanged: nothing,
      failed: assert.ifError,
    },
  })
  await configs.start()
  const listener = new Noting(configs)
  const uncounted = { joined: nothing, synced: nothing, rebalanced: nothing, rebalanceFailed: nothing }
  const member: KafkaWorkerGroup = new KafkaWorkerGroup({
    cluster,
    log: silentLogger,
    clock: systemClock,
    listener,
    figures: { ...uncounted, heartbeat: () => void listener.heartbeats++ },
    groupId: group,
    protocol: 'sessioned',
    restUrl: 'http://127.0.0.1:1/',
    sessionTimeoutMs: 3000,
    rebalanceTimeoutMs: 60_000,
    heartbeatIntervalMs: HEARTBEAT_MS,
    syncTimeoutMs: 3000,
    unsyncBackoffMs: 300_000,
    maxDelayMs: MAX_DELAY_MS,
  })
  member.start()
  t.after(async () => {
    await member.leave()
    await configs.stop()
    await cluster.close()
  })
  return { member, listener, configs }
}

function javaWorker(bootstrap: string, group: string): Promise<WorkerProcess> {
  const topics = Object.fromEntries(
    ['config', 'offset', 'status'].flatMap(name => [
      [`${name}.storage.topic`, `${group}-${name}s`],
      [`${name}.storage.replication.factor`, '1'],
    ]),
  )
  return javaWorkerCommand().then(command =>
    startWorker({
      bootstrap,
      command: [...command.slice(0, -1), 'org.apache.kafka.connect.cli.ConnectDistributed'],
      worker: {
        ...topics,
        'group.id': group,
        'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'session.timeout.ms': '3000',
        'heartbeat.interval.ms': String(HEARTBEAT_MS),
        'scheduled.rebalance.max.delay.ms': String(MAX_DELAY_MS),
      },
    }),
  )
}

/** What runs on Java's worker by its REST, as "x" and "x-0". */
async function onJava(java: WorkerProcess, names: readonly string[]): Promise<string[]> {
  const workerId = new URL(java.url).host
  const found: string[] = []
  for (const name of names) {
    const one = (await status(java, name)) as { connector: { state: string; worker_id: string }; tasks: { id: number; state: string; worker_id: string }[] } | null // biome-ignore format: one line is easier to read
    const isHere = (part?: { state: string; worker_id: string }) => part?.state === 'RUNNING' && part.worker_id === workerId
    if (isHere(one?.connector)) found.push(name)
    for (const task of one?.tasks ?? []) if (isHere(task)) found.push(`${name}-${task.id}`)
  }
  return found.sort()
}

const named = ({ connectors, tasks }: Work): string[] => [...connectors, ...tasks.map(taskKey)].sort()

test("our member and Java's worker share connectors and tasks, each as the leader in turn", async t => {
  const { bootstrap } = await broker()
  const folder = tempFolder(t)
  const group = uniqueName('mixed')
  const names = ['a', 'b', 'c', 'd']
  const everything = names.flatMap(name => [name, `${name}-0`]).sort()
  let java = await javaWorker(bootstrap, group)
  t.after(() => java.kill())
  for (const name of names) {
    const config = { 'connector.class': 'FileStreamSource', file: join(folder, name), topic: uniqueName(name), 'tasks.max': '1' }
    await until(async () => (await create(java, name, config)).status === 201)
  }
  await until(async () => (await onJava(java, names)).length === everything.length)

  const { member, listener, configs } = await ours(t, bootstrap, group)
  const isShared = async () => {
    const mine = named(listener.running)
    const theirs = await onJava(java, names)
    return mine.length === everything.length / 2 && [...mine, ...theirs].sort().join() === everything.join()
  }
  await until(isShared)
  assert.equal(member.round?.protocol, 'sessioned')
  assert.equal(member.isLeader, false)
  assert.equal(member.round?.leaderUrl, `${java.url}/`)
  assert.equal(member.round?.configOffset, configs.snapshot().offset)

  const { generation } = member.round
  const since = listener.heartbeats
  await until(() => listener.heartbeats >= since + QUIET_HEARTBEATS)
  assert.equal(member.round?.generation, generation, 'a quiet group stays in its generation')

  await java.stop()
  await until(() => named(listener.running).join() === everything.join())
  assert.equal(member.isLeader, true)
  assert.equal(member.ownerUrl('a', 0), 'http://127.0.0.1:1/')

  java = await javaWorker(bootstrap, group)
  await until(isShared)
  assert.equal(member.isLeader, true, 'who leads goes on leading')
  assert.deepEqual([...member.members.values()].sort(), ['http://127.0.0.1:1/', `${java.url}/`].sort())
  const [theirs = ''] = await onJava(java, names)
  assert.equal(member.ownerUrl(theirs.replace(/-0$/, ''), theirs.endsWith('-0') ? 0 : undefined), `${java.url}/`)

  await java.kill()
  await until(() => named(listener.running).join() === everything.join())
  assert.equal(listener.failure, null)
})
