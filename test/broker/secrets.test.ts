// Goal: a secret appears in no log line, REST answer, status, trace, metric or dead letter, however it got into a config and whatever fails.
// Method: a distinct secret for each provider and each place of a config, a plugin that tells all it was given whenever it can, a worker at
// log level trace; then everything it wrote or answered is searched for all of them. Configs answered as they were written may hold the
// secrets that were written literally, as in Java.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { type Config, untilFailed } from '../support/connectors.ts'
import { saslBroker } from '../support/sasl-broker.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type RestAnswer, startWorker, type WorkerProcess } from '../support/worker.ts'
import { readTopic } from './producer-parts.ts'

const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
const variable = (...parts: string[]) => `\${${parts.join(':')}}`
const jaas = (password: string) =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="${password}";`

/** By place. Those of providers must be nowhere; those written literally only where a config is answered. */
const provided = {
  file: 'file-Secret/1 "quoted"',
  directory: 'directory-Secret-2',
  env: 'env-Secret-3',
  workerFile: 'worker-file-Secret-4',
  workerEnv: 'worker-env-Secret-5',
  jaasFile: 'jaas-file-Secret-6',
}
const literal = { pin: 'pin-Secret-7', override: 'override-Secret-8', unknown: 'unknown-Secret-9' }
const workerLiteral = 'worker-literal-Secret-10'

mkdirSync(join(folder, 'mounted'))
writeFileSync(join(folder, 'a.properties'), `text=${provided.file}\nworker=${provided.workerFile}\njaas=${provided.jaasFile}\n`)
writeFileSync(join(folder, 'mounted', 'token'), `${provided.directory}\n`)

const workerKeys: Config = {
  'config.providers': 'file,directory,env',
  'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
  'config.providers.directory.class': 'DirectoryConfigProvider',
  'config.providers.env.class': 'EnvVarConfigProvider',
  'plugin.path': PLUGINS,
  'log.level': 'trace',
  'log.format': 'json',
  'task.restart.enable': 'false',
  'sasl.jaas.config': jaas(variable('file', join(folder, 'a.properties'), 'worker')),
  'producer.sasl.jaas.config': jaas(workerLiteral),
  'consumer.ssl.key.password': variable('env', 'SLUICE_WORKER_SECRET'),
}
const env = { SLUICE_SECRET: provided.env, SLUICE_WORKER_SECRET: provided.workerEnv }

const secretKeys: Config = {
  'own.text': variable('file', join(folder, 'a.properties'), 'text'),
  'own.token': variable('directory', join(folder, 'mounted'), 'token'),
  'own.env': `<${variable('env', 'SLUICE_SECRET')}>`,
  pin: literal.pin,
  'own.password': literal.unknown,
  'consumer.override.ssl.key.password': literal.override,
  'consumer.override.sasl.jaas.config': jaas(variable('file', join(folder, 'a.properties'), 'jaas')),
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter.converter.encoding': 'UTF-8',
  'value.converter.own.text': variable('env', 'SLUICE_SECRET'),
}

let kafka: Broker
let worker: WorkerProcess
const topic = uniqueName('secrets')
const deadLetters = uniqueName('dead')
/** everything REST said, apart from configs that were asked for */
const answers: string[] = []
const configs: string[] = []

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [{ key: null, value: 'x' }])
  worker = await startWorker({ bootstrap: kafka.bootstrap, worker: workerKeys, env })
})
after(async () => {
  await worker?.stop()
  await kafka?.stop()
  rmSync(folder, { recursive: true })
})

async function rest(path: string, method = 'GET', body?: unknown): Promise<RestAnswer> {
  const answer = await worker.rest(path, body === undefined ? { method } : { method, body })
  const isConfig = answer.status < 300 && /^\/connectors(\/[^/]*(\/config|\/tasks)?)?(\?expand=info)?$/.test(path)
  const text = JSON.stringify(answer.body) ?? ''
  ;(isConfig ? configs : answers).push(`${method} ${path} ${answer.status} ${text}`)
  return answer
}

const leaky = (more: Config): Config => ({ 'connector.class': 'LeakySink', topics: topic, ...secretKeys, ...more })
const create = (name: string, more: Config) => rest('/connectors', 'POST', { name, config: leaky(more) })

function assertHidden(where: string, text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      const at = text.indexOf(form)
      assert.equal(at, -1, `${where} tells '${form}': …${text.slice(Math.max(at - 300, 0), at + 100)}…`)
    }
  }
}
const everySecret = [...Object.values(provided), ...Object.values(literal), workerLiteral]

test('everything fails, and nobody tells', async () => {
  // refused
  assert.equal((await create('a', { limit: variable('env', 'SLUICE_SECRET'), 'tasks.max': '0' })).status, 400)
  assert.equal((await create('a', { when: 'validate' })).status, 400)
  assert.equal((await create('a', { 'connector.class': variable('env', 'SLUICE_SECRET') })).status, 400)
  const validate = '/connector-plugins/LeakySink/config/validate'
  const bad = { when: 'validate', limit: variable('file', join(folder, 'a.properties'), 'text'), name: 'a' }
  assert.equal((await rest(validate, 'PUT', leaky(bad))).status, 200)
  assert.equal(
    (await rest('/connectors', 'POST', `{"name": "a", "config": {"own.password": ${literal.unknown}}}`)).status >= 400,
    true,
  )
  // failing
  assert.equal((await create('start', { when: 'start' })).status, 500)
  assert.equal((await create('configs', { when: 'taskConfigs' })).status, 500)
  for (const when of ['task.start', 'put', 'later']) {
    assert.equal((await create(when, { when })).status, 201)
    const trace = await untilFailed(worker, when)
    assert.match(trace, /told: /)
  }
  const letters: Config = {
    'errors.tolerance': 'all',
    'errors.log.enable': 'true',
    'errors.log.include.messages': 'true',
    'errors.deadletterqueue.topic.name': deadLetters,
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
    transforms: 'l',
    'transforms.l.type': 'io.sluice.test.Leaky',
    'transforms.l.text': variable('directory', join(folder, 'mounted'), 'token'),
    'transforms.l.api.key': literal.unknown,
  }
  assert.equal((await create('letters', letters)).status, 201)
  const records = await until(async () => {
    const found = await readTopic(kafka.bootstrap, deadLetters).catch(() => [])
    return found.length > 0 ? found : null
  })
  assert.match(JSON.stringify(records), /told: /)
  assertHidden('a dead letter', JSON.stringify(records), everySecret)
  assertHidden('a dead letter', records.flatMap(r => r.headers.flat()).join('\n'), everySecret)
  // handled
  await rest('/connectors/letters/preview', 'POST', {})
  await rest('/connector-plugins/LeakySink/preview', 'POST', leaky({ ...letters, name: 'p' }))
  for (const path of ['start/restart?includeTasks=true', 'put/tasks/0/restart']) await rest(`/connectors/${path}`, 'POST')
  for (const path of ['put/pause', 'put/resume', 'letters/stop']) await rest(`/connectors/${path}`, 'PUT')
  await rest('/connectors/letters/offsets', 'DELETE')
  await rest('/connectors/letters/offsets', 'PATCH', {
    offsets: [{ partition: { kafka_topic: topic, kafka_partition: 0 }, offset: { kafka_offset: 0 } }],
  })
})

test('no GET answer tells a secret', async () => {
  for (const path of ['', '/config', '/tasks', '/status', '/topics', '/offsets', '/tasks/0/status'])
    for (const name of ['start', 'configs', 'put', 'later', 'letters']) await rest(`/connectors/${name}${path}`)
  const others = [
    '/',
    '/health',
    '/connectors',
    '/connectors?expand=info',
    '/connectors?expand=status',
    '/connector-plugins',
    '/metrics',
  ]
  for (const path of [...others, '/admin/loggers', '/openapi.json', '/connector-plugins/LeakySink/config', '/nowhere'])
    await rest(path)
  assert.ok(answers.some(answer => answer.includes('told: ')))
  for (const answer of answers) assertHidden('an answer', answer, everySecret)
  for (const answer of configs) assertHidden('a config', answer, [...Object.values(provided), workerLiteral])
})

test('no log line tells a secret', () => {
  const log = worker.logs()
  assert.ok(log.includes('told: ') && log.includes('with props'))
  assertHidden('the log', log, everySecret)
})

test("the main thread's own clients tell nothing when the broker refuses them", async () => {
  const sasl = await saslBroker('another')
  const own = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN' }
  const refused = await startWorker({ bootstrap: sasl.bootstrap, worker: { ...workerKeys, ...own }, env })
  try {
    const config = { 'connector.class': 'FileStreamSink', topics: topic, file: join(folder, 'out') }
    const said = [
      await refused.rest('/'),
      await refused.rest('/connectors', { method: 'POST', body: { name: 's', config } }),
      await refused.rest('/connectors/s/offsets'),
    ]
    assert.equal(said[2]?.status, 500)
    assertHidden('an answer', JSON.stringify(said), everySecret)
    assert.match(refused.logs(), /wrong password|[Aa]uthentication/)
    assertHidden('the log', refused.logs(), everySecret)
  } finally {
    await refused.stop()
    await sasl.close()
  }
})

test('a worker file that is wrong is refused without its secrets', async () => {
  const wrong = { ...workerKeys, 'offset.flush.interval.ms': variable('env', 'SLUICE_SECRET') }
  await assert.rejects(startWorker({ bootstrap: kafka.bootstrap, worker: wrong, env }), (error: Error) => {
    assert.match(error.message, /offset\.flush\.interval\.ms/)
    assertHidden('standard error', error.message, everySecret)
    return true
  })
})

test('a value that changes restarts the connector with it, unless config.action.reload is none', async () => {
  const file = join(folder, 'live.properties')
  writeFileSync(file, 'out=first\n')
  const ttl = { ...workerKeys, 'config.providers.file.param.ttl.ms': '200' }
  const live = await startWorker({ bootstrap: kafka.bootstrap, worker: { ...ttl, 'log.level': 'info' }, env })
  try {
    const path = (name: string) => `${join(live.folder, name)}-${variable('file', file, 'out')}`
    for (const [name, reload] of [
      ['r', 'restart'],
      ['n', 'none'],
    ] as const) {
      const body = {
        name,
        config: { 'connector.class': 'FileStreamSource', topic, file: path(name), 'config.action.reload': reload },
      }
      assert.equal((await live.rest('/connectors', { method: 'POST', body })).status, 201)
    }
    const tells = (text: string) => until(() => live.logs().includes(text))
    await tells('r-')
    writeFileSync(file, 'out=second\n')
    await tells('values of config providers have changed')
    writeFileSync(join(live.folder, 'r-second'), 'a line\n')
    await until(async () => {
      const { body } = await live.rest<{ offsets: unknown[] }>('/connectors/r/offsets')
      return body.offsets.length > 0
    })
    assert.doesNotMatch(live.logs(), /"connector":"n"[^\n]*have changed/)
  } finally {
    await live.stop()
  }
})
