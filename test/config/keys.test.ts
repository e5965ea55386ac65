// Names, types, defaults and importance of every declared worker and client key against Java's own declarations
// (test/golden/config/Recorder.java), and what parsing a worker config accepts and refuses.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { clientKeys } from '../../src/config/client-keys.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../../src/config/connector-config.ts'
import { type ConfigDef, defineConfig, type KeyDef, type Props } from '../../src/config/define.ts'
import { distributedConfig } from '../../src/config/distributed-config.ts'
import { type ConfigKeyInfo, keyInfos } from '../../src/config/infos.ts'
import { idleKeyMessage, idleKeys, unknownConnectorKeys, unknownWorkerKeys } from '../../src/config/unknown-keys.ts'
import { standaloneConfig } from '../../src/config/worker-config.ts'

type Key = Pick<ConfigKeyInfo, 'name' | 'type' | 'required' | 'default_value' | 'importance'>
type Client = keyof typeof clientKeys
/** by key and text; null: Java's validator breaks */
type Probes = Record<string, Record<string, string[] | null>>
type Defined = Client | 'standalone' | 'distributed' | 'source' | 'sink'
const recorded: Record<Defined, Key[]> & { probes: Record<string, Probes>; texts: string[] } = JSON.parse(
  readFileSync(new URL('../golden/config/recorded.json', import.meta.url), 'utf8'),
)

const facts = ({ name, type, required, default_value, importance }: Key) => ({ name, type, required, default_value, importance })
const byName = (a: Key, b: Key) => (a.name < b.name ? -1 : 1)
const ofJava = (keys: Key[]) => keys.map(facts).sort(byName)
const ofOurs = (config: ConfigDef) => keyInfos(config).map(facts).sort(byName)

/** Sluice's own, and one that Java's policy class declares by itself. */
const isOurs = ({ name }: Pick<Key, 'name'>) =>
  /^(?:task\.(?:memory|buffer|restart|stuck)|sink\.buffer|log\.|rest\.auth\.)|^connector\.client\.config\.override\.allowlist$/.test(
    name,
  )

test('a standalone worker has the keys Java has, and our own', () => {
  assert.deepEqual(
    ofOurs(standaloneConfig).filter(key => !isOurs(key)),
    ofJava(recorded.standalone),
  )
})

test('a distributed worker has the keys Java has, except sasl, which are read as client keys', () => {
  const expected = ofJava(recorded.distributed).filter(key => !key.name.startsWith('sasl.'))
  assert.deepEqual(
    ofOurs(distributedConfig).filter(key => !isOurs(key)),
    expected,
  )
})

for (const client of ['producer', 'consumer', 'admin'] as const) {
  test(`the table of ${client} keys is Java's`, () => assert.deepEqual(ofOurs(clientKeys[client]), ofJava(recorded[client])))
}

const { probes, texts } = recorded

const CONFIGS = {
  standalone: standaloneConfig,
  distributed: distributedConfig,
  source: sourceConnectorConfig,
  sink: sinkConnectorConfig,
} satisfies Record<string, ConfigDef>

/** What Sluice refuses and Java takes, to fail or do nothing sensible later; and what it says differently. */
const STRICTER: Readonly<Record<string, RegExp>> = {
  'task.shutdown.graceful.timeout.ms': /^-\d$/,
  'offset.flush.interval.ms': /^(-\d|0)$/,
  'offset.flush.timeout.ms': /^(-\d|0)$/,
  'session.timeout.ms': /^(-\d|0)$/,
  'heartbeat.interval.ms': /^(-\d|0)$/,
  'rebalance.timeout.ms': /^(-\d|0)$/,
  'worker.sync.timeout.ms': /^(-\d|0)$/,
  'worker.unsync.backoff.ms': /^-\d$/,
  'inter.worker.key.size': /^(-\d|0)$/,
  'rest.advertised.port': /^(-\d|70000)$/,
  'rest.advertised.listener': /./s,
  'connector.client.config.override.policy': /./s,
  // Java splits them when it listens
  listeners: /^(?!.*,,).*\S/s,
  // a thread each
  'tasks.max': /^70000$/,
}
const EMPTY_TOO = ['rest.advertised.listener', 'connector.client.config.override.policy']

/** Java's answer is about its machine: algorithms of the JVM, Maven's version ranges, headers that REST reads (test/rest). */
const ELSEWHERE =
  /^inter\.worker\.(key\.generation|signature|verification)\.algorithms?$|plugin\.version$|^response\.http\.headers\.config$/

const withoutReason = (error: string) => error.replace(/(Invalid regex: ).*/s, '$1')

for (const [kind, config] of Object.entries(CONFIGS) as [keyof typeof CONFIGS, ConfigDef][]) {
  for (const name of config.names) {
    const def = config.keys[name] as KeyDef
    if (def.type === 'class' || isOurs({ name }) || ELSEWHERE.test(name)) continue
    test(`${kind} key ${name} refuses what Java refuses, in its words`, () => {
      const alone = defineConfig({ [name]: def })
      const isStricter = (text: string) => STRICTER[name]?.test(text) === true || (text === '' && EMPTY_TOO.includes(name))
      for (const text of texts) {
        const expected = probes[kind]?.[name]?.[text]
        const errors = alone.validate({ [name]: text })[0]?.errors ?? []
        if (isStricter(text)) {
          assert.deepEqual(expected ?? [], [], `Java refuses ${JSON.stringify(text)}: it is no difference`)
          assert.equal(errors.length, 1, JSON.stringify(text))
        } else if (expected === null) assert.notEqual(errors.length, 0)
        else assert.deepEqual(errors.map(withoutReason), (expected ?? []).map(withoutReason), JSON.stringify(text))
      }
    })
  }
}

const minimal: Props = {
  'bootstrap.servers': 'localhost:9092',
  'key.converter': 'String',
  'value.converter': 'Json',
  'offset.storage.file.filename': '/tmp/offsets',
}

test('a minimal worker config is enough, with the defaults of our own keys', () => {
  const config = standaloneConfig.parse(minimal)
  assert.deepEqual(config.listeners, ['http://:8083'])
  assert.equal(config['task.memory.max.mb'], 512)
  assert.equal(config['task.restart.enable'], true)
  assert.equal(config['task.restart.backoff.unit.ms'], 10_000)
  assert.equal(config['task.restart.max.attempts'], 10)
  assert.equal(config['task.restart.healthy.ms'], 600_000)
  assert.equal(config['task.stuck.timeout.ms'], 300_000)
  assert.equal(config['task.buffer.memory.bytes'], 64 * 1024 * 1024)
  assert.equal(config['sink.buffer.max.bytes'], 12 * 1024 * 1024)
  assert.equal(config['log.level'], 'info')
  assert.equal(config['log.format'], null)
})

for (const missing of Object.keys(minimal)) {
  test(`a worker without ${missing} is told so`, () => {
    const { [missing]: _, ...rest } = minimal
    assert.throws(() => standaloneConfig.parse(rest), {
      key: missing,
      message: `Missing required configuration "${missing}" which has no default value.`,
    })
  })
}

const badValues: [string, string, RegExp][] = [
  ['listeners', 'localhost:8083', /'localhost:8083' is no listener/],
  ['listeners', 'ftp://:8083', /has the scheme ftp/],
  ['listeners', 'http://:99999', /has the port 99999/],
  ['listeners', '', /at least one URL is expected/],
  ['log.level', 'loud', /String must be one of: trace/],
  ['log.format', 'xml', /String must be one of: text, json/],
  ['task.memory.max.mb', '1', /Value must be at least 16/],
  ['offset.flush.interval.ms', '1m', /Not a number of type LONG/],
  ['rest.advertised.port', '70000', /between 0 and 65535/],
  ['bootstrap.servers', ' ', /must not be empty/],
]
for (const [name, value, message] of badValues) {
  test(`a worker with ${name}=${value} is refused`, () => {
    assert.throws(() => standaloneConfig.parse({ ...minimal, [name]: value }), { key: name, message })
  })
}

test('rest.port and rest.host.name of old files stand for listeners', () => {
  const listeners = (props: Props) => standaloneConfig.parse({ ...minimal, ...props }).listeners
  assert.deepEqual(listeners({ 'rest.port': '8090' }), ['http://:8090'])
  assert.deepEqual(listeners({ 'rest.host.name': 'localhost', 'rest.port': ' 1 ' }), ['http://localhost:1'])
  assert.deepEqual(listeners({ 'rest.host.name': '::1' }), ['http://[::1]:8083'])
  assert.deepEqual(listeners({ 'rest.port': '8090', listeners: 'http://a:1, https://b:2' }), ['http://a:1', 'https://b:2'])
})

test('a mistyped worker key is found with the key that was meant, keys of clients and plugins are not', () => {
  const props = {
    ...minimal,
    'ofset.flush.interval.ms': '1',
    'sasl.mechanism': 'PLAIN',
    'security.protocol': 'SSL',
    'producer.anything': 'x',
    'value.converter.schemas.enable': 'false',
    'rest.port': '1',
    'plugins.are.here': 'x',
  }
  assert.deepEqual(unknownWorkerKeys(props), [
    { name: 'ofset.flush.interval.ms', nearest: 'offset.flush.interval.ms' },
    { name: 'plugins.are.here', nearest: null },
  ])
})

test("a mistyped connector key is found with the key that was meant, a worker converter's keys are not", () => {
  const props = {
    name: 'x',
    fiel: 'y',
    'task.max': '1',
    'value.converter.schemas.enable': 'false',
    'consumer.override.x': 'y',
    'topic.creation.default.partitions': '1',
  }
  assert.deepEqual(unknownConnectorKeys(props, ['file', 'topic']), [
    { name: 'fiel', nearest: 'file' },
    { name: 'task.max', nearest: 'tasks.max' },
  ])
  const own = ['value.converter.schemas.enable']
  assert.deepEqual(unknownConnectorKeys({ 'value.converter.schema.enable': '' }, own), [
    { name: 'value.converter.schema.enable', nearest: own[0] },
  ])
})

test('of a connector that declares no keys any may be its own; slips in keys of the worker or a transform are found', () => {
  const props = { topic: 't', throughput: '1', 'task.max': '1', 'transforms.a.feld': 'x', 'my.option': 'y' }
  assert.deepEqual(
    unknownConnectorKeys(props, ['name', 'tasks.max', 'transforms.a.field', 'topic.creation.default.partitions']),
    [
      { name: 'task.max', nearest: 'tasks.max' },
      { name: 'transforms.a.feld', nearest: 'transforms.a.field' },
    ],
  )
})

test('of many unknown keys only the first are compared with every known one', () => {
  const props = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`transforms.slip.field${i}`, 'x']))
  const known = Array.from({ length: 100 }, (_, i) => `transforms.slip.fields${i}x`)
  const found = unknownConnectorKeys(props, known)
  assert.equal(found.length, 50_000)
  assert.equal(found.filter(({ nearest }) => nearest !== null).length, 20)
})

test('keys of the Kafka clients that change nothing are named as they are written', () => {
  const worker = { 'consumer.client.rack': 'a', 'consumer.max.poll.records': '1', 'client.rack': 'b', 'producer.linger.ms': '1' }
  assert.deepEqual(idleKeys(worker, '.'), ['consumer.client.rack'])
  const connector = {
    'producer.override.interceptor.classes': 'a.B',
    'producer.override.no.such.key': 'x',
    'admin.override.retries': '1',
  }
  assert.deepEqual(idleKeys(connector, '.override.'), ['producer.override.interceptor.classes', 'admin.override.retries'])
  assert.match(idleKeyMessage('admin.override.retries'), /admin\.override\.retries changes nothing/)
})
