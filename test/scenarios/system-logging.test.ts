// Goal: levels of loggers are set on one worker or on all of the group, in groups of ours and in one with a Java worker, asked of either; times of
// change tell what has been touched; a restarted worker has forgotten all of it. Method: GET and PUT /admin/loggers of every worker.
// Java: connect_distributed_test.py, test_dynamic_logging.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import type { Kind, Member } from '../support/connect-cluster.ts'
import { until } from '../support/until.ts'
import { SystemCluster } from './system-cluster.ts'
import { groupText } from './system-parameters.ts'

interface Level {
  readonly level: string
  readonly last_modified: number | null
}
type Levels = Record<string, Level>

let kafka: Broker

before(async () => {
  kafka = await broker()
})

after(() => kafka?.stop())

async function levelsOf(member: Member): Promise<Levels> {
  const { status, body } = await member.rest<Levels>('/admin/loggers')
  assert.equal(status, 200)
  if ('root' in body) return body
  // Java leaves it out of its list at times
  const root = await member.rest<Level>('/admin/loggers/root')
  assert.deepEqual([member.kind, root.status], ['java', 200], JSON.stringify(root.body))
  return { ...body, root: root.body }
}

/** Those of the name, as prefix of a text, as Java's test looks at them. */
const within = (levels: Levels, namespace: string): [string, Level][] =>
  Object.entries(levels).filter(([name]) => name.startsWith(namespace))

/** Somebody has set all of them to this level. */
const isSet = (levels: Levels, namespace: string, level: string) =>
  within(levels, namespace).length > 0 &&
  within(levels, namespace).every(([, one]) => one.level === level && one.last_modified !== null)

const different = (level: string | undefined) => (level === 'INFO' ? 'WARN' : 'INFO')

async function setOnWorker(member: Member, namespace: string, level: string): Promise<void> {
  const { status, body } = await member.rest<string[]>(`/admin/loggers/${namespace}`, { method: 'PUT', body: { level } })
  assert.equal(status, 200)
  assert.ok(body.length > 0 && body.every(name => name.startsWith(namespace)), JSON.stringify(body))
}

async function setOnAll(cluster: SystemCluster, member: Member, namespace: string, level: string): Promise<void> {
  const path = `/admin/loggers/${namespace}?scope=cluster`
  const { status, body } = await member.rest(path, { method: 'PUT', body: { level } })
  assert.deepEqual([status, body], [204, ''])
  for (const one of cluster.live()) await until(async () => isSet(await levelsOf(one), namespace, level))
}

/** All loggers get a new time. */
async function touchAll(cluster: SystemCluster, member: Member): Promise<void> {
  await setOnAll(cluster, member, 'root', 'DEBUG')
  await setOnAll(cluster, member, 'root', 'INFO')
}

const GROUPS: readonly (readonly Kind[])[] = [
  ['sluice', 'sluice', 'sluice'],
  ['sluice', 'java', 'sluice'],
  ['java', 'sluice', 'sluice'],
]

for (const kinds of GROUPS)
  it(`levels of one worker and of all, asked of the first: ${groupText(kinds)}`, async t => {
    const cluster = await SystemCluster.start({ bootstrap: kafka.bootstrap, protocol: 'sessioned', kinds })
    t.after(() => cluster.stop())
    const worker = cluster.members.find(member => member.kind === kinds[0]) as Member
    const others = () => cluster.live().filter(member => member !== worker)
    const all = () => Promise.all(cluster.live().map(levelsOf))

    const initial = await levelsOf(worker)
    assert.ok(Object.keys(initial).length > 1)
    for (const [name, { last_modified }] of Object.entries(initial)) assert.equal(last_modified, null, name)
    const everywhere = (name: string, lists: readonly Levels[]) => lists.every(levels => within(levels, name).length > 0)
    const known = await all()
    const [namespace = '', next = ''] = Object.keys(initial).filter(name => name !== 'root' && everywhere(name, known))
    assert.ok(namespace !== '' && next !== '' && !next.startsWith(namespace), `${namespace} ${next}`)

    // of one worker: the others keep what they have
    const level = different(initial[namespace]?.level)
    await setOnWorker(worker, namespace, level)
    assert.ok(isSet(await levelsOf(worker), namespace, level))
    for (const [i, other] of cluster.live().entries())
      if (other !== worker)
        assert.deepEqual(within(await levelsOf(other), namespace), within(known[i] ?? {}, namespace), other.kind)

    // of all; the same level once more changes nothing
    await touchAll(cluster, worker)
    await setOnAll(cluster, worker, namespace, 'DEBUG')
    const first = await all()
    await setOnAll(cluster, worker, namespace, 'DEBUG')
    await setOnAll(cluster, worker, next, different(first[0]?.[next]?.level))
    for (const [i, levels] of (await all()).entries())
      assert.deepEqual(within(levels, namespace), within(first[i] ?? {}, namespace))

    // once more of one: neither the others nor other names are touched
    await touchAll(cluster, worker)
    const touched = new Map(await Promise.all(cluster.live().map(async member => [member, await levelsOf(member)] as const)))
    await setOnWorker(worker, next, different('INFO'))
    const own = await levelsOf(worker)
    assert.ok(isSet(own, next, different('INFO')))
    for (const [name, level] of Object.entries(own).filter(([one]) => !one.startsWith(next))) {
      assert.equal(level.level, 'INFO', name)
      assert.deepEqual(level, touched.get(worker)?.[name], name)
    }
    for (const other of others()) assert.deepEqual(await levelsOf(other), touched.get(other))

    // a new process knows nothing of it
    const forgotten = await levelsOf(await cluster.bounce(worker, true))
    for (const [name, { last_modified }] of Object.entries(forgotten)) assert.equal(last_modified, null, name)
    // Java knows a logger from its first use on
    const isSame = (name: string) => worker.kind === 'sluice' || (name in initial && name in forgotten)
    const comparable = (levels: Levels) => Object.fromEntries(Object.entries(levels).filter(([name]) => isSame(name)))
    assert.deepEqual(comparable(forgotten), comparable(initial))
  })
