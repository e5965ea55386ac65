// Goal: the REST API as Kafka's system test goes through it, from an empty list of connectors to an empty list: plugins, exact keys of validation, creation,
// conflict, info, config and tasks with variables as they were written, lines that flow, a changed config, deletion. Method: two workers,
// FileStreamSource -> topic -> FileStreamSink; in the third group one is Java's, and both must say the same. Java: connect_rest_test.py.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import type { Kind } from '../support/connect-cluster.ts'
import { linesOf } from '../support/line-files.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { FILE_SINK, FILE_SOURCE, SystemCluster } from './system-cluster.ts'
import { groupText, type Protocol } from './system-parameters.ts'

/** Of every connector. */
const COMMON_KEYS = [
  'name',
  'connector.class',
  'connector.plugin.version',
  'tasks.max',
  'tasks.max.enforce',
  ...['key', 'value', 'header'].flatMap(part => [`${part}.converter`, `${part}.converter.plugin.version`]),
  'transforms',
  'predicates',
  'config.action.reload',
  'errors.retry.timeout',
  'errors.retry.delay.max.ms',
  'errors.tolerance',
  'errors.log.enable',
  'errors.log.include.messages',
]
const SOURCE_KEYS = [
  ...COMMON_KEYS,
  'topic.creation.groups',
  'exactly.once.support',
  'transaction.boundary',
  'transaction.boundary.interval.ms',
  'offsets.storage.topic',
  'file',
  'topic',
  'batch.size',
]
const SINK_KEYS = [
  ...COMMON_KEYS,
  'topics',
  'topics.regex',
  'errors.deadletterqueue.topic.name',
  'errors.deadletterqueue.topic.replication.factor',
  'errors.deadletterqueue.context.headers.enable',
  'file',
]
const FIRST = ['foo', 'bar', 'baz']
const LONGER = [...FIRST, 'razz', 'ma', 'tazz']

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-system-rest-'))

before(async () => {
  kafka = await broker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const append = (file: string, lines: readonly string[]) => appendFileSync(file, lines.map(line => `${line}\n`).join(''))

/** Files, topic and configs of one run; the topic's name is a variable in them. */
async function scene() {
  const at = mkdtempSync(join(folder, 'run-'))
  const external = join(at, 'external.properties')
  const name = uniqueName('test')
  writeFileSync(external, `topic.external=${name}\n`)
  await createTopic(kafka.bootstrap, `topic-${name}`)
  const topic = `topic-\${file:${external}:topic.external}`
  const files = { input: join(at, 'input'), input2: join(at, 'input2'), output: join(at, 'output') }
  const errors = { 'errors.tolerance': 'none', 'errors.log.enable': 'true', 'errors.log.include.messages': 'true' }
  const source = {
    name: 'local-file-source',
    'connector.class': FILE_SOURCE,
    'tasks.max': '1',
    file: files.input,
    topic,
    ...errors,
  }
  const sink = {
    name: 'local-file-sink',
    'connector.class': FILE_SINK,
    'tasks.max': '1',
    file: files.output,
    topics: topic,
    'key.converter.schemas.enable': 'True',
    'value.converter.schemas.enable': 'True',
    ...errors,
  }
  return { files, source, sink }
}

interface Validation {
  readonly name: string
  readonly error_count: number
  readonly configs: readonly { readonly definition: { readonly name: string } }[]
}

const GROUPS: readonly { kinds: readonly Kind[]; protocol: Protocol }[] = [
  { kinds: ['sluice', 'sluice'], protocol: 'compatible' },
  { kinds: ['sluice', 'sluice'], protocol: 'eager' },
  { kinds: ['java', 'sluice'], protocol: 'compatible' },
]

for (const { kinds, protocol } of GROUPS)
  it(`the REST API from an empty list to an empty list: ${groupText(kinds)}; ${protocol}`, async t => {
    const { files, source, sink } = await scene()
    const cluster = await SystemCluster.start({
      bootstrap: kafka.bootstrap,
      protocol,
      kinds,
      worker: {
        'config.providers': 'file',
        'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      },
    })
    t.after(() => cluster.stop())
    /** What each of the workers answers. */
    const assertAll = async (path: string, expected: unknown) => {
      for (const member of cluster.live()) assert.deepEqual((await member.rest(path)).body, expected, `${member.kind} ${path}`)
    }
    const lists = (expected: readonly string[]) =>
      until(async () => {
        const answers = await Promise.all(cluster.live().map(member => member.rest<string[]>('/connectors')))
        return answers.every(({ body }) => body.toSorted().join() === expected.join())
      })

    await assertAll('/connectors', [])
    for (const member of cluster.live()) {
      const { body: plugins } = await member.rest<{ class: string }[]>('/connector-plugins')
      for (const file of [FILE_SOURCE, FILE_SINK]) assert.ok(plugins.some(plugin => plugin.class === file))
      for (const [config, keys] of [
        [source, SOURCE_KEYS],
        [sink, SINK_KEYS],
      ] as const) {
        const path = `/connector-plugins/${config['connector.class']}/config/validate`
        const { body } = await member.rest<Validation>(path, { method: 'PUT', body: config })
        assert.deepEqual([body.name, body.error_count], [config['connector.class'], 0])
        assert.deepEqual(body.configs.map(({ definition }) => definition.name).toSorted(), keys.toSorted(), member.kind)
      }
    }

    for (const config of [source, sink])
      assert.equal((await cluster.ask('POST', '/connectors', { name: config.name, config })).status, 201)
    await lists(['local-file-sink', 'local-file-source'])
    append(files.input, FIRST)
    await until(() => linesOf(files.output).join() === FIRST.join())

    // 409 is also the answer while the group has a rebalance
    const again = await until(async () => {
      const answer = await cluster.rest<{ message: string }>('/connectors', 'POST', { name: source.name, config: source })
      return /rebalance/.test(answer.body.message) ? null : answer
    })
    assert.deepEqual([again.status, again.body], [409, { error_code: 409, message: `Connector ${source.name} already exists` }])

    for (const [config, type] of [
      [source, 'source'],
      [sink, 'sink'],
    ] as const) {
      const { name } = config
      await assertAll(`/connectors/${name}`, { name, config, tasks: [{ connector: name, task: 0 }], type })
      await assertAll(`/connectors/${name}/config`, config)
    }
    const taskOf = (config: Record<string, string>, task: string) => [
      { id: { connector: config.name, task: 0 }, config: { ...config, 'task.class': `org.apache.kafka.connect.file.${task}` } },
    ]
    await assertAll('/connectors/local-file-source/tasks', taskOf(source, 'FileStreamSourceTask'))
    await assertAll('/connectors/local-file-sink/tasks', taskOf(sink, 'FileStreamSinkTask'))

    const changed = { ...source, file: files.input2, 'batch.size': '10' }
    await cluster.tell('PUT', '/connectors/local-file-source/config', changed)
    append(files.input2, LONGER)
    await until(() => linesOf(files.output).join() === [...FIRST, ...LONGER].join())
    for (const member of cluster.live())
      await until(async () => JSON.stringify(await member.rest('/connectors/local-file-source/tasks')).includes('batch.size'))
    await assertAll('/connectors/local-file-source/tasks', taskOf(changed, 'FileStreamSourceTask'))

    for (const { name } of [source, sink]) assert.equal((await cluster.ask('DELETE', `/connectors/${name}`)).status, 204)
    await lists([])
  })
