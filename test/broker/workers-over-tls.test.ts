// Goal: workers of one group, ours and Java's, reach one another over https: a follower sends on what the leader must answer, the leader what
// the owner must, and connectors' task configs reach the leader signed, where one side has http, https, or both and advertises one of
// them. Method: groups of real workers in which the first one leads, with stores that keytool and OpenSSL would make, the same files for
// all; every member takes a connector, and restarts every task of all. Java: RestForwardingIntegrationTest.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePorts } from '../../scripts/kafka/probe.ts'
import { type Broker, broker } from '../support/broker.ts'
import { Authority } from '../support/certificates.ts'
import { ConnectCluster, type Kind, type Member } from '../support/connect-cluster.ts'
import { javaTrustStore } from '../support/java.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

/** What a member listens to; of both, the one named is advertised. */
type Listening = 'http' | 'https' | 'both, http' | 'both, https'

const PASSWORD = 'correct-horse'
const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
const authority = new Authority('Cluster CA')
let kafka: Broker
/** the same for workers of ours and of Java's */
let stores: Record<string, string>

function file(name: string, content: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const keyStore = (name: string, from: Authority) => ({
  'listeners.https.ssl.keystore.type': 'PKCS12',
  'listeners.https.ssl.keystore.location': file(`${name}.p12`, from.identity(name).pkcs12(PASSWORD)),
  'listeners.https.ssl.keystore.password': PASSWORD,
})

const trustStore = (name: string, of: Authority) => ({
  'listeners.https.ssl.truststore.type': 'PKCS12',
  'listeners.https.ssl.truststore.location': javaTrustStore(join(folder, `${name}-trust.p12`), of.certificate, PASSWORD),
  'listeners.https.ssl.truststore.password': PASSWORD,
})

before(async () => {
  kafka = await broker()
  stores = { ...keyStore('worker', authority), ...trustStore('worker', authority) }
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function add(
  cluster: ConnectCluster,
  kind: Kind,
  listening: Listening,
  keys: Record<string, string> = {},
): Promise<Member> {
  if (listening === 'http') return cluster.add(kind, keys)
  if (listening === 'https') return cluster.add(kind, keys, { ca: authority.certificate })
  const [http = 0, https = 0] = await freePorts(2)
  const listeners = `http://127.0.0.1:${http},https://127.0.0.1:${https}`
  const told = listening === 'both, https' ? { 'rest.advertised.listener': 'https' } : {}
  return cluster.add(kind, { ...keys, listeners, ...told }, { port: http })
}

/** 409 while a rebalance is in progress: again. */
const call = (member: Member, path: string, method: string, body?: unknown) =>
  until(async () => {
    const answer = await member.rest(path, { method, ...(body === undefined ? {} : { body }) })
    return answer.status === 409 ? null : answer
  })

const sink = (name: string, topic: string) => ({
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  file: join(folder, `${name}.out`),
  topics: topic,
  'tasks.max': '2',
})

interface Group {
  readonly leader: readonly [Kind, Listening]
  readonly followers: readonly (readonly [Kind, Listening])[]
}

/** As in Java's test; a worker with both listeners is one that is on its way to https, or back. */
const GROUPS: readonly Group[] = [
  {
    leader: ['sluice', 'https'],
    followers: [
      ['sluice', 'https'],
      ['java', 'https'],
    ],
  },
  {
    leader: ['sluice', 'both, https'],
    followers: [
      ['sluice', 'both, https'],
      ['sluice', 'both, http'],
      ['sluice', 'http'],
    ],
  },
  {
    leader: ['sluice', 'both, http'],
    followers: [
      ['sluice', 'both, https'],
      ['java', 'both, https'],
    ],
  },
  {
    leader: ['java', 'https'],
    followers: [
      ['sluice', 'https'],
      ['sluice', 'http'],
    ],
  },
]

for (const { leader, followers } of GROUPS) {
  const told = [leader, ...followers].map(([kind, listening]) => `${kind} (${listening})`)
  describe(`a group that ${told[0]} leads, with ${told.slice(1).join(', ')}`, () => {
    let cluster: ConnectCluster
    const members: Member[] = []
    const topic = uniqueName('lines')

    before(async () => {
      await createTopic(kafka.bootstrap, topic, { partitions: 2 })
      cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker: stores })
      members.push(await add(cluster, ...leader))
      members.push(...(await Promise.all(followers.map(follower => add(cluster, ...follower)))))
    })

    after(() => cluster?.stop())

    it('take connectors and run their tasks, whoever is asked', async () => {
      for (const [i, member] of members.entries()) {
        const { status, body } = await call(member, `/connectors/c${i}/config`, 'PUT', sink(`c${i}`, topic))
        assert.equal(status, 201, JSON.stringify(body))
      }
      await until(async () => {
        const owners = new Set<string>()
        for (const i of members.keys()) {
          const { connector, tasks } = await cluster.running(`c${i}`, 2)
          for (const { worker_id } of [connector, ...tasks]) owners.add(worker_id)
        }
        return owners.size === members.length
      })
    })

    it('send on to the owner by way of the leader', async () => {
      for (const member of members)
        for (const i of members.keys())
          for (const path of ['/tasks/0/restart', '/restart']) {
            const { status, body } = await call(member, `/connectors/c${i}${path}`, 'POST')
            assert.equal(status, 204, `c${i}${path}: ${JSON.stringify(body)}`)
          }
    })

    it('were called at the address that they advertise', async () => {
      const ours = members.find(({ kind }) => kind === 'sluice') as Member
      const { body } = await ours.rest<string>('/metrics')
      const scheme = leader[1].endsWith('https') ? 'https' : 'http'
      assert.match(body, new RegExp(`leader_name="${scheme}://${members[0]?.workerId}/"`))
    })

    it('show no password in their logs', () => {
      for (const member of members) assert.ok(!member.logs().includes(PASSWORD), `${member.kind} ${member.workerId}`)
    })
  })
}

it('a follower that does not trust its leader tells its user so, and shows no password', async () => {
  const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap })
  try {
    const leader = await add(cluster, 'sluice', 'https', stores)
    const follower = await add(cluster, 'sluice', 'http', trustStore('stranger', new Authority('Another CA')))
    const { status, body } = await call(follower, '/connectors/c/config', 'PUT', sink('c', 'none'))
    const { message } = body as { message: string }
    assert.equal(status, 500, message)
    const worker = leader.workerId.replaceAll('.', '\\.')
    assert.match(message, new RegExp(`^IO Error .*: this worker does not trust the certificate of ${worker} \\(`))
    assert.match(message, /in the trust store here, listeners\.https\.ssl\.truststore\.location/)
    for (const member of cluster.members) assert.ok(!member.logs().includes(PASSWORD), member.workerId)
  } finally {
    await cluster.stop()
  }
})
