// Goal: a migration plan names each thing that Sluice would not do as Java, with the key, and shows no secret. Method: worker files and cluster
// states made here, judged by our real catalogue and validation. A real Java cluster: test/broker/migrate-plan.test.ts.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ConnectError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import { type ClusterState, OffsetKeys } from '../../src/cli/migrate/cluster-state.ts'
import { type Judges, planConnector } from '../../src/cli/migrate/plan.ts'
import { planText } from '../../src/cli/migrate/plan-text.ts'
import { runMigrate } from '../../src/cli/migrate/run.ts'
import { checkWorker } from '../../src/cli/migrate/worker-check.ts'
import { openCatalogue } from '../../src/plugins/catalogue.ts'
import { commitRecord, connectorRecord, parseConfigRecord, targetRecord, taskRecord } from '../../src/store/config-records.ts'
import { ConfigState } from '../../src/store/config-state.ts'
import type { ReplicaRecord } from '../../src/store/topic-replica.ts'
import { PiscinaJobPool } from '../../src/supervisor/job-pool.ts'
import { Folder } from './sluice.ts'

const folder = new Folder()
const WORKER = {
  'bootstrap.servers': '127.0.0.1:1',
  'group.id': 'g',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'config.storage.topic': 'c',
  'offset.storage.topic': 'o',
  'status.storage.topic': 's',
}
let jobs: PiscinaJobPool
let judges: Judges

before(async () => {
  jobs = new PiscinaJobPool(WORKER, silentLogger, { mode: 'distributed' })
  judges = {
    catalogue: await openCatalogue([]),
    validate: config => jobs.validate(config),
    missingProviders: ['vault'],
    committed: async () => 2,
    ownOffsets: async (_name, config) => {
      if (config.topic === 'away') throw new ConnectError('no broker there')
      return null
    },
  }
})
after(async () => {
  await jobs.close()
  folder.remove()
})

function stateOf(...records: ReplicaRecord[]): ClusterState {
  const state = new ConfigState()
  for (const [offset, { key, value }] of records.entries()) state.apply(parseConfigRecord(key, value), offset)
  return { topics: [], config: state.snapshot(), sourceOffsets: new Map(), statuses: new Map(), members: 0, problems: [] }
}

const planned = (config: Record<string, string>, worker: Record<string, string> = {}) =>
  planConnector('x', stateOf(connectorRecord('x', { name: 'x', ...config })), { ...WORKER, ...worker }, judges)

const SOURCE = { 'connector.class': 'FileStreamSource', topic: 't' }
const SINK = { 'connector.class': 'FileStreamSink', topics: 't' }

describe('a connector', () => {
  it('runs when our validation takes it, with the converters of the worker', async () => {
    const plan = await planned(SINK)
    assert.deepEqual([plan.runs, plan.reasons, plan.notes, plan.type], [true, [], [], 'sink'])
    assert.deepEqual(plan.offsets, { partitions: 2, in: 'connect-x' })
    assert.deepEqual(
      plan.plugins.map(({ key, class: className }) => [key, className]),
      [
        ['connector.class', 'FileStreamSink'],
        ['key.converter', WORKER['key.converter']],
        ['value.converter', WORKER['value.converter']],
      ],
    )
    assert.equal((await planned({ ...SINK, 'consumer.override.group.id': 'own' })).offsets.in, 'own')
  })

  it('runs though its own offsets topic cannot be read, which is told', async () => {
    const plan = await planned({ ...SOURCE, topic: 'away', 'offsets.storage.topic': 'own' })
    assert.deepEqual(plan.offsets, { partitions: null, in: 'own' })
    assert.deepEqual([plan.runs, plan.notes], [true, ['its offsets could not be read: no broker there']])
  })

  it('does not when a class is not here: each is named once, and keys of it are not called unknown', async () => {
    const plan = await planned({
      ...SINK,
      transforms: 'a,b',
      'transforms.a.type': 'com.acme.Lowercase',
      'transforms.a.field': 'x',
      'transforms.b.type': 'org.apache.kafka.connect.transforms.Filter',
      'transforms.b.predicate': 'p',
      predicates: 'p',
      'predicates.p.type': 'com.acme.Sometimes',
      'predicates.p.share': '0.5',
      'value.converter': 'io.confluent.connect.avro.AvroConverter',
      'value.converter.schema.registry.url': 'http://r',
    })
    assert.deepEqual(
      plan.reasons.map(({ key, message }) => `${key}: ${message}`),
      [
        'transforms.a.type: there is no transformation com.acme.Lowercase in Sluice, nor in plugin.path',
        'predicates.p.type: there is no predicate com.acme.Sometimes in Sluice, nor in plugin.path',
        'value.converter: there is no converter io.confluent.connect.avro.AvroConverter in Sluice, nor in plugin.path',
      ],
    )
    assert.deepEqual(plan.notes, [])
  })

  it('does not when its own class is not here, or is not said; its transforms are looked at all the same', async () => {
    const foreign = await planned({
      'connector.class': 'com.acme.Sink',
      topics: 't',
      transforms: 'a',
      'transforms.a.type': 'com.acme.Lowercase',
    })
    assert.deepEqual([foreign.type, foreign.reasons.map(({ key }) => key)], ['sink', ['connector.class', 'transforms.a.type']])
    const none = await planned({ topic: 't' })
    assert.deepEqual([none.class, none.runs], ['', false])
    assert.match(none.reasons[0]?.message ?? '', /connector\.class is missing/)
  })

  it('does not when validation refuses a value, or nobody answers a variable', async () => {
    const bad = await planned({ ...SINK, 'tasks.max': '0' })
    assert.deepEqual([bad.runs, bad.reasons.map(({ key }) => key)], [false, ['tasks.max']])
    const variable = ['$', '{vault:kv:password}'].join('')
    const secret = await planned({ ...SINK, file: variable })
    assert.deepEqual(secret.reasons, [{ key: 'file', message: 'nobody answers its variable of config provider vault' }])
  })

  it('runs as it is with exactly-once support, and with an offsets topic of its own', async () => {
    const keys = async (config: Record<string, string>, worker = {}) =>
      (await planned(config, worker)).reasons.map(({ key }) => key)
    const enabled = { 'exactly.once.source.support': 'ENABLED' }
    assert.deepEqual(await keys(SOURCE, enabled), [])
    assert.deepEqual(await keys(SINK, enabled), [])
    assert.deepEqual(await keys(SOURCE, { 'exactly.once.source.support': 'preparing' }), [])
    assert.deepEqual(await keys({ ...SOURCE, 'offsets.storage.topic': 'own' }), [])
  })

  it('shows its target state, its tasks with the newest states, and a commit that lacks task configs', async () => {
    const records = [
      targetRecord('x', 'PAUSED'),
      connectorRecord('x', { name: 'x', ...SOURCE }),
      taskRecord('x', 0, SOURCE),
      taskRecord('x', 1, SOURCE),
      commitRecord('x', 2),
    ]
    const statuses = new Map([
      [
        'x',
        {
          connector: { state: 'PAUSED' as const },
          tasks: new Map([[1, { state: 'FAILED' as const }]]),
        },
      ],
    ])
    const plan = await planConnector('x', { ...stateOf(...records), statuses }, WORKER, judges)
    assert.deepEqual(
      [plan.target, plan.state, plan.tasks],
      [
        'PAUSED',
        'PAUSED',
        [
          { task: 0, state: null },
          { task: 1, state: 'FAILED' },
        ],
      ],
    )
    const torn = await planConnector('x', stateOf(...records.slice(0, 3), commitRecord('x', 2)), WORKER, judges)
    assert.match(torn.notes.join(), /its last commit misses task configs/)
  })
})

describe('a worker file', () => {
  it('is told key by key: values, unknown keys, what REST would refuse', () => {
    const { findings, missingProviders, written } = checkWorker(
      {
        ...WORKER,
        'config.providers': 'env, vault',
        'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
        'config.providers.vault.class': 'com.acme.VaultProvider',
        'config.providers.vault.param.token': 'sesame',
        'rest.extension.classes': 'com.acme.OpenDoor',
        listeners: 'https://0.0.0.0:8443',
        'listeners.https.ssl.keystore.location': '/nowhere/keys.jks',
        'exactly.once.source.support': 'enabled',
        'heartbeat.interval.ms': 'often',
        'tasks.maxx': '3',
        'plugin.path': '/usr/share/java',
      },
      '',
    )
    assert.deepEqual(
      findings.map(({ key, isProblem }) => `${isProblem ? 'problem' : 'note'} ${key}`),
      [
        'problem config.providers.vault.class',
        'problem heartbeat.interval.ms',
        'problem rest.extension.classes',
        'problem listeners',
        'note tasks.maxx',
      ],
    )
    assert.deepEqual([missingProviders, written['config.providers'], written['plugin.path']], [['vault'], 'env', undefined])
    assert.equal(written['config.providers.vault.param.token'], undefined)
    assert.doesNotMatch(JSON.stringify(findings), /sesame/)
  })

  it('of another kind of worker, or one that nobody could connect by, is refused', () => {
    const { 'group.id': _, ...standalone } = WORKER
    assert.throws(
      () => checkWorker(standalone, ''),
      /The file has no group\.id: it must be the worker file of a distributed Java worker/,
    )
    const jks = { ...WORKER, 'security.protocol': 'SSL', 'ssl.truststore.location': '/nowhere/trust.jks' }
    assert.throws(() => checkWorker(jks, ''), { code: 'CONNECT_CONFIG', message: /ssl\.truststore/ })
  })
})

describe('the command', () => {
  async function run(...args: string[]) {
    let [out, err] = ['', '']
    const code = await runMigrate(['migrate', ...args], { out: text => void (out += text), err: text => void (err += text) })
    return { code, out, err }
  }

  it('ends 1 for wrong usage, 3 for a file that is of no use, 2 for a cluster that cannot be reached', async () => {
    const usage = await run('plan')
    assert.deepEqual([usage.code, /needs --properties FILE/.test(usage.err)], [1, true])
    const absent = await run('plan', '--properties', join(folder.path, 'none.properties'))
    assert.deepEqual([absent.code, /none\.properties cannot be read/.test(absent.err)], [3, true])
    const file = folder.write('worker.properties', WORKER)
    const away = await run('plan', '--properties', file, '--timeout', '1')
    assert.deepEqual([away.code, away.out], [2, ''])
    assert.match(away.err, /^The cluster at 127\.0\.0\.1:1 cannot be read: /)
  })
})

it('a plan of nothing has no tables', () => {
  const group = { id: 'g', bootstrap: 'b:1', members: 0 }
  const topics = [{ key: 'status.storage.topic' as const, topic: 's', found: null, cleanupPolicy: null }]
  assert.equal(
    planText({ group, topics, worker: [], connectors: [], left: [], problems: [] }),
    'Group g at b:1: no workers at present\nstatus.storage.topic s: there is no such topic\n0 connectors: 0 can run in Sluice as they are, 0 not\n',
  )
})

it('offsets are counted by partition, whatever the order of its keys; removed ones and foreign keys are not', () => {
  const offsets = new OffsetKeys()
  const take = (key: string, value: string | null) => offsets.take(Buffer.from(key), value === null ? null : Buffer.from(value))
  take('["a",{"x":1,"y":2}]', '{"p":1}')
  take('["a",{"y":2,"x":1}]', '{"p":2}')
  take('["a",{"x":2}]', '{"p":3}')
  take('["b",{"x":1}]', '{"p":4}')
  take('["b",{"x":1}]', null)
  take('no json', '{"p":5}')
  assert.deepEqual([...offsets.counts()], [['a', 2]])
})
