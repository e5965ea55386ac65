// Goal: the private pieces of kafkajs that cluster.ts stands on are there and do what they must; whoever updates kafkajs sees it here.
// Method: a broker of a few lines that wants SASL, asked through the real Cluster.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { TestClock } from '../support/clock.ts'
import { type SaslBroker, saslBroker } from '../support/sasl-broker.ts'

const load = createRequire(import.meta.url)
const METADATA = 3
const HANDSHAKE = 17
const AUTHENTICATE = 36

function cluster(broker: SaslBroker, password = 'secret', clock = systemClock): Cluster {
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${password}";`
  const props = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': jaas }
  return new Cluster(clientConfigFrom({ 'bootstrap.servers': broker.bootstrap, ...props }, 'seam'), silentLogger, clock)
}

const rejectedWith = (message: RegExp, retriable: boolean) => (error: unknown) => {
  assert.match((error as Error).message, message)
  assert.equal((error as { retriable?: boolean }).retriable, retriable)
  return true
}

test('kafkajs is the version whose private parts we know', () => {
  assert.equal((load('kafkajs/package.json') as { version: string }).version, '2.2.4')
})

test('kafkajs is not loaded where nobody authenticates: it costs a thread 4 MB and 30 ms', async t => {
  const broker = await saslBroker()
  t.after(() => broker.close())
  const plain = new Cluster(clientConfigFrom({ 'bootstrap.servers': broker.bootstrap }, 'seam'), silentLogger)
  await plain.connect()
  await plain.close()
  assert.equal(
    Object.keys(load.cache).some(file => /kafkajs.src/.test(file)),
    false,
  )
})

test('authenticates, then the socket is ours, and Node has nothing to warn of', async t => {
  const warnings: Error[] = []
  const listen = (warning: Error) => void warnings.push(warning)
  process.on('warning', listen)
  const broker = await saslBroker()
  t.after(() => {
    process.off('warning', listen)
    return broker.close()
  })
  const c = cluster(broker)
  await c.connect()
  await c.metadata([])
  await c.metadata([])
  await c.close()
  await systemClock.sleep(150)
  const [VERSIONS, asked] = [18, [HANDSHAKE, AUTHENTICATE]]
  assert.deepEqual(broker.seen, [-1, ...asked, VERSIONS, METADATA, -1, ...asked, VERSIONS, METADATA, METADATA])
  assert.deepEqual(warnings, [])
})

test('answers to the authentication that come byte by byte', async t => {
  const broker = await saslBroker()
  t.after(() => broker.close())
  broker.pieceBytes = 1
  const c = cluster(broker)
  await c.connect()
  assert.equal(c.anyNode(), 1)
  await c.close()
})

test('an answer of 24 MB in small pieces comes whole', async t => {
  const broker = await saslBroker()
  t.after(() => broker.close())
  broker.padding = 800
  broker.pieceBytes = 10_007
  const c = cluster(broker)
  await c.connect()
  assert.equal(c.nodes().length, 801)
  await c.close()
})

test('a wrong password is for the user to mend', async t => {
  const broker = await saslBroker()
  t.after(() => broker.close())
  const c = cluster(broker, 'wrong')
  await assert.rejects(c.connect(), rejectedWith(/SASL PLAIN authentication failed: .*wrong password/, false))
  await c.close()
})

for (const [what, key] of [
  ['handshake', HANDSHAKE],
  ['authentication', AUTHENTICATE],
] as const)
  test(`a connection lost in the middle of the ${what} may be tried again`, async t => {
    const broker = await saslBroker()
    t.after(() => broker.close())
    broker.dropAt = key
    const c = cluster(broker)
    await assert.rejects(c.connect(), rejectedWith(/closed it while it was being set up/, true))
    await c.close()
  })

test('a SASL session is renewed by a new connection before it ends', async t => {
  const broker = await saslBroker()
  t.after(() => broker.close())
  broker.sessionMs = 60_000
  const clock = new TestClock()
  const c = cluster(broker, 'secret', clock)
  await c.connect()
  await c.metadata([])
  broker.seen.length = 0
  await clock.advance(40_000)
  await c.metadata([])
  await clock.advance(15_000)
  await c.metadata([])
  await c.close()
  assert.deepEqual(broker.seen, [METADATA, -1, HANDSHAKE, AUTHENTICATE, 18, METADATA])
})

test('a broker that speaks no such version is named, with what it speaks', async t => {
  const broker = await saslBroker()
  t.after(() => broker.close())
  const c = cluster(broker)
  await c.connect()
  const call = c.call(1, 'fetch', { key: METADATA, version: 99, name: 'Metadata' }, Buffer.alloc(0))
  await assert.rejects(call, rejectedWith(/Metadata version 99 is not spoken by broker 1, which speaks 0 to 9/, false))
  await c.close()
  await assert.rejects(c.metadata([]), /closed/)
})
