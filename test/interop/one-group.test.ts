// Goal: a Java worker and one of ours are one cluster: tasks spread over both, both say the same, requests are sent on both ways, each takes
// over when the other dies, and the group is quiet when nothing happens. Method: real processes of both on the real broker, each as leader
// in turn (the first of a group leads it), watched through REST and files.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster, type Kind, type Member } from '../support/connect-cluster.ts'
import { append, missing } from '../support/line-files.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-interop-'))
const worker = {
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'offset.flush.interval.ms': '500',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
}
const SINK_TASKS = 4
/** Of quiet, two minutes of them as our worker sees it: heartbeats a second apart, all answered within one generation. */
const QUIET_HEARTBEATS = 120
/** Longer than `scheduled.rebalance.max.delay.ms`. */
const SETTLED_HEARTBEATS = 5

before(async () => {
  kafka = await broker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A figure of one of our workers. */
async function figure(member: Member, name: string): Promise<number> {
  const { body } = await member.rest<string>('/metrics')
  return Number(new RegExp(`^kafka_connect_connect_${name} (\\S+)$`, 'm').exec(body)?.[1])
}

for (const leading of ['java', 'sluice'] as const) {
  const following: Kind = leading === 'java' ? 'sluice' : 'java'
  describe(`a group that ${leading} leads`, () => {
    let cluster: ConnectCluster
    let leader: Member
    let follower: Member
    let ours: Member
    const topic = uniqueName('lines')
    const input = join(folder, `${leading}.in`)
    const output = join(folder, `${leading}.out`)
    const connectors = {
      in: { 'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector', file: input, topic, 'tasks.max': '1' },
      out: {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        file: output,
        topics: topic,
        'tasks.max': String(SINK_TASKS),
      },
    }

    before(async () => {
      await createTopic(kafka.bootstrap, topic, { partitions: SINK_TASKS })
      cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
      leader = await cluster.add(leading)
      follower = await cluster.add(following)
      ours = leading === 'sluice' ? leader : follower
      append(input, 0, 100)
    })

    after(() => cluster?.stop())

    const bothWays = async (ask: (member: Member) => Promise<unknown>) => {
      for (const member of [leader, follower]) await ask(member)
    }
    /** 409 while a rebalance is in progress: again. */
    const call = (member: Member, path: string, method: string, body?: unknown) =>
      until(async () => {
        const answer = await member.rest(path, { method, ...(body === undefined ? {} : { body }) })
        return answer.status === 409 ? null : answer
      })

    it('spreads the tasks over both, and lines flow', async () => {
      await cluster.put('in', connectors.in, follower)
      await cluster.put('out', connectors.out, leader)
      const { tasks } = await cluster.running('out', SINK_TASKS)
      assert.deepEqual(new Set(tasks.map(({ worker_id }) => worker_id)), new Set([leader.workerId, follower.workerId]))
      await cluster.running('in', 1)
      await until(() => missing(output, 100).length === 0)
    })

    it('gives the same answers by both', async () => {
      for (const name of ['in', 'out'])
        for (const path of ['', '/config', '/tasks', '/status']) {
          const [one, other] = await Promise.all([leader, follower].map(m => m.rest(`/connectors/${name}${path}`)))
          assert.deepEqual(one, other, `${name}${path}`)
        }
    })

    it('sends restarts, pauses, configs and offsets on, asked of either', async () => {
      await bothWays(async member => {
        for (let task = 0; task < SINK_TASKS; task++)
          assert.equal((await call(member, `/connectors/out/tasks/${task}/restart`, 'POST')).status, 204)
        assert.equal((await call(member, '/connectors/out/restart', 'POST')).status, 204)
        assert.equal((await call(member, '/connectors/out/restart?includeTasks=true', 'POST')).status, 202)
        await cluster.running('out', SINK_TASKS)
        assert.equal((await call(member, '/connectors/out/pause', 'PUT')).status, 202)
        await cluster.running('out', SINK_TASKS, 'PAUSED')
        assert.equal((await call(member, '/connectors/out/resume', 'PUT')).status, 202)
        await cluster.running('out', SINK_TASKS)
        for (const count of [2, SINK_TASKS]) {
          await cluster.put('out', { ...connectors.out, 'tasks.max': String(count) }, member)
          await cluster.running('out', count)
        }
        assert.equal((await call(member, '/connectors/in/stop', 'PUT')).status, 204)
        const offset = { partition: { filename: input }, offset: { position: 0 } }
        const body = { offsets: [offset] }
        const changed = await until(async () => {
          const answer = await member.rest('/connectors/in/offsets', { method: 'PATCH', body })
          return answer.status === 200 ? answer : null
        })
        assert.match((changed.body as { message: string }).message, /altered successfully/)
        await bothWays(async one => assert.deepEqual((await one.rest('/connectors/in/offsets')).body, body))
        assert.equal((await call(member, '/connectors/in/resume', 'PUT')).status, 202)
        await cluster.running('in', 1)
      })
    })

    it('is quiet when nothing happens: no rebalance', async () => {
      const epoch = () => figure(ours, 'worker_rebalance_metrics_epoch')
      const heartbeats = () => figure(ours, 'coordinator_metrics_heartbeat_total')
      const untilBeaten = async (times: number) => {
        const from = await heartbeats()
        await until(async () => (await heartbeats()) >= from + times)
      }
      // What the changes before have set off comes to its end: rebalances that Java's leader has put off, too.
      await until(async () => {
        const generation = await epoch()
        await untilBeaten(SETTLED_HEARTBEATS)
        return (await epoch()) === generation
      })
      const generation = await epoch()
      await untilBeaten(QUIET_HEARTBEATS)
      assert.equal(await epoch(), generation)
    })

    it('goes on when the leader is killed, the other one leading; nothing is lost', async () => {
      append(input, 100, 200)
      await leader.kill()
      await cluster.running('out', SINK_TASKS)
      await cluster.running('in', 1)
      append(input, 200, 300)
      await until(() => missing(output, 300).length === 0)
      await cluster.put('out', { ...connectors.out, 'tasks.max': '2' })
      await cluster.running('out', 2)
    })
  })
}
