// Goal: what is paused does nothing, says so on every worker, stays so when all workers are started anew, and goes on where it was when it is resumed.
// Method: lines of the verifiable connectors are counted; instead of a while, a second source that runs all the time is waited for.
// Java: connect_distributed_test.py.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { type SystemCluster, seqnosOf, TOOLS, untilMore, withCluster } from './system-cluster.ts'
import { groupText, MIXED, PROTOCOLS } from './system-parameters.ts'

/** Records a second of each source. */
const THROUGHPUT = 50
/** Of the source that runs all the while: two seconds of them. */
const MEANWHILE = 2 * THROUGHPUT

let kafka: Broker

before(async () => {
  kafka = await broker()
})

after(() => kafka?.stop())

const bootstrap = () => kafka.bootstrap

async function startSource(cluster: SystemCluster): Promise<string> {
  const name = uniqueName('source')
  await createTopic(kafka.bootstrap, name)
  await cluster.put(name, {
    'connector.class': `${TOOLS}VerifiableSourceConnector`,
    topic: name,
    throughput: String(THROUGHPUT),
  })
  await cluster.everywhere(name, 1)
  await untilMore(() => cluster.committed(name), 1, 1)
  return name
}

async function startSink(cluster: SystemCluster, topic: string): Promise<string> {
  const name = uniqueName('sink')
  await cluster.put(name, { 'connector.class': `${TOOLS}VerifiableSinkConnector`, topics: topic })
  await cluster.everywhere(name, 1)
  await untilMore(() => cluster.received(name), 1, 1)
  return name
}

async function pause(cluster: SystemCluster, name: string): Promise<void> {
  await cluster.tell('PUT', `/connectors/${name}/pause`)
  await cluster.everywhere(name, 1, 'PAUSED')
}

async function resume(cluster: SystemCluster, name: string): Promise<void> {
  await cluster.tell('PUT', `/connectors/${name}/resume`)
  await cluster.everywhere(name, 1)
}

async function end(cluster: SystemCluster, ...names: readonly string[]): Promise<void> {
  for (const name of names) await cluster.tell('DELETE', `/connectors/${name}`)
}

/** Seqnos of what the broker has, each once, from 0 on without a gap; whichever worker printed them. */
function assertInRow(seqnos: readonly number[]): void {
  assert.deepEqual(
    seqnos.toSorted((a, b) => a - b),
    seqnos.map((_, i) => i),
  )
}

function sources(suffix: string, cluster: () => SystemCluster): void {
  it(`a paused source sends nothing, and goes on when it is resumed: ${suffix}`, async () => {
    const [name, other] = [await startSource(cluster()), await startSource(cluster())]
    await pause(cluster(), name)
    const paused = cluster().sent(name).length
    await untilMore(() => cluster().committed(other), 1, MEANWHILE)
    assert.equal(cluster().sent(name).length, paused)
    await resume(cluster(), name)
    await untilMore(() => cluster().committed(name), 1, 1)
    assertInRow(seqnosOf(cluster().committed(name), 0))
    await end(cluster(), name, other)
  })

  it(`a paused source is still paused when all workers have been restarted: ${suffix}`, async () => {
    const [name, other] = [await startSource(cluster()), await startSource(cluster())]
    await pause(cluster(), name)
    await cluster().restart()
    await cluster().everywhere(name, 1, 'PAUSED')
    await cluster().everywhere(other, 1)
    await untilMore(() => cluster().committed(other), 1, MEANWHILE)
    assert.deepEqual(cluster().sent(name, cluster().live()), [])
    await cluster().everywhere(name, 1, 'PAUSED')
    await resume(cluster(), name)
    await untilMore(() => cluster().committed(name), 1, 1)
    assertInRow(seqnosOf(cluster().committed(name), 0))
    await end(cluster(), name, other)
  })
}

function sinks(suffix: string, cluster: () => SystemCluster): void {
  it(`a paused sink is given nothing, and goes on when it is resumed: ${suffix}`, async () => {
    const source = await startSource(cluster())
    const name = await startSink(cluster(), source)
    await pause(cluster(), name)
    const paused = cluster().received(name).length
    await untilMore(() => cluster().committed(source), 1, MEANWHILE)
    assert.equal(cluster().received(name).length, paused)
    await resume(cluster(), name)
    await untilMore(() => cluster().received(name), 1, 1)
    await end(cluster(), source, name)
  })
}

for (const protocol of PROTOCOLS) {
  describe(`three workers, ${protocol}`, () => {
    withCluster(bootstrap, { protocol }, cluster => {
      sources(protocol, cluster)
      sinks(protocol, cluster)
    })
  })

  describe(`three workers, exactly once, ${protocol}`, () => {
    withCluster(bootstrap, { protocol, isExactlyOnce: true }, cluster => sources(`exactly once, ${protocol}`, cluster))
  })
}

describe('a group with a Java worker', () => {
  withCluster(bootstrap, { protocol: 'sessioned', kinds: MIXED }, cluster => {
    sources(groupText(MIXED), cluster)
    sinks(groupText(MIXED), cluster)
  })
})
