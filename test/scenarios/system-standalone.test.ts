// Goal: two standalone workers, started by properties files, pass lines of a file through a topic into another file, go on where they were when they are
// started again, and write the topic in the form of the converter; records that cannot be read go to the dead letters, with the task that fails
// of them or goes on. Method: real processes, files and topics; names and topics by a variable of a config provider. Java: connect_test.py.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { readTopic } from '../broker/producer-parts.ts'
import { untilFailed } from '../support/connectors.ts'
import { linesOf } from '../support/line-files.ts'
import { type SecureBroker, secureBroker } from '../support/secure-broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { FILE_SINK, FILE_SOURCE } from './system-cluster.ts'
import { appendLines, FIRST, SECOND } from './system-file-parts.ts'

type Config = Record<string, string>

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'

let kafka: SecureBroker
const folder = mkdtempSync(join(tmpdir(), 'sluice-system-standalone-'))

before(async () => {
  kafka = await secureBroker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const both = (part: 'converter' | 'converter.schemas.enable', value: string): Config => ({
  [`key.${part}`]: value,
  [`value.${part}`]: value,
})

/** A worker for the source and one for the sink, which may be started again. */
class Pair {
  readonly topic = uniqueName('test')
  readonly #at = mkdtempSync(join(folder, 'run-'))
  readonly input = join(this.#at, 'input')
  readonly output = join(this.#at, 'output')
  readonly #configs: Record<'source' | 'sink', Config>
  readonly #bootstrap: string
  readonly #worker: Config
  #workers: WorkerProcess[] = []

  /** @param worker keys of both workers */
  constructor(worker: Config, source: Config, sink: Config, bootstrap = kafka.broker.bootstrap) {
    this.#bootstrap = bootstrap
    this.#worker = {
      ...both('converter', JSON_CONVERTER),
      'config.providers': 'file',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'offset.flush.interval.ms': '500',
      'task.restart.enable': 'false',
      ...worker,
    }
    const external = join(this.#at, 'external.properties')
    writeFileSync(external, `topic.external=${this.topic}\n`)
    const topic = `\${file:${external}:topic.external}`
    this.#configs = {
      source: { 'connector.class': FILE_SOURCE, 'tasks.max': '1', file: this.input, topic, ...source },
      sink: { 'connector.class': FILE_SINK, 'tasks.max': '1', file: this.output, topics: topic, ...sink },
    }
  }

  async start(): Promise<void> {
    this.#workers = await Promise.all(
      (['source', 'sink'] as const).map(part => {
        const at = join(this.#at, part)
        mkdirSync(at, { recursive: true })
        const connectors = { [`local-file-${part}`]: this.#configs[part] }
        return startWorker({ bootstrap: this.#bootstrap, worker: this.#worker, connectors, folder: at })
      }),
    )
  }

  async restart(): Promise<void> {
    for (const worker of this.#workers) assert.equal(await worker.stop(), 0)
    await this.start()
  }

  get sink(): WorkerProcess {
    return this.#workers[1] as WorkerProcess
  }

  async kill(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.kill()))
  }
}

interface Form {
  readonly name: string
  readonly worker?: Config
  readonly connector?: Config
  /** the text of a line's record */
  readonly value: (line: string) => string
  readonly isSecured?: boolean
}

const withSchema = (line: string) => JSON.stringify({ schema: { type: 'string', optional: false }, payload: line })

const FORMS: readonly Form[] = [
  { name: 'JSON with schemas', worker: both('converter.schemas.enable', 'true'), value: withSchema },
  { name: 'JSON without schemas', worker: both('converter.schemas.enable', 'false'), value: line => JSON.stringify(line) },
  { name: 'strings', connector: both('converter', STRING_CONVERTER), value: line => line },
  { name: 'SASL_SSL', worker: both('converter.schemas.enable', 'true'), value: withSchema, isSecured: true },
]

for (const { name, worker = {}, connector = {}, value, isSecured } of FORMS)
  it(`standalone workers, file to file over a restart: ${name}`, async t => {
    const clients = ['', 'producer.', 'consumer.', 'admin.'].flatMap(prefix =>
      Object.entries(isSecured ? kafka.client : {}).map(([key, text]): [string, string] => [prefix + key, text]),
    )
    const bootstrap = isSecured ? kafka.bootstrap : kafka.broker.bootstrap
    const pair = new Pair({ ...worker, ...Object.fromEntries(clients) }, connector, connector, bootstrap)
    t.after(() => pair.kill())
    await createTopic(kafka.broker.bootstrap, pair.topic)
    await pair.start()
    appendLines(pair.input, FIRST)
    await until(() => linesOf(pair.output).length >= FIRST.length)
    assert.deepEqual(linesOf(pair.output), FIRST)
    await pair.restart()
    appendLines(pair.input, SECOND)
    await until(() => linesOf(pair.output).includes(SECOND.at(-1) ?? ''))
    assert.deepEqual(linesOf(pair.output), [...FIRST, ...SECOND])
    assert.deepEqual(
      (await readTopic(kafka.broker.bootstrap, pair.topic)).map(record => record.value),
      [...FIRST, ...SECOND].map(value),
    )
  })

const RECORDS = 1000

for (const tolerance of ['none', 'all'] as const)
  it(`standalone workers, records that are no JSON go to the dead letters: errors.tolerance=${tolerance}`, async t => {
    const letters = uniqueName('my-connector-errors')
    const errors = {
      'errors.tolerance': tolerance,
      'errors.log.enable': 'true',
      'errors.log.include.messages': 'true',
      'errors.deadletterqueue.topic.name': letters,
      'errors.deadletterqueue.topic.replication.factor': '1',
    }
    const pair = new Pair({}, both('converter', STRING_CONVERTER), {
      ...both('converter', JSON_CONVERTER),
      ...both('converter.schemas.enable', 'false'),
      ...errors,
    })
    t.after(() => pair.kill())
    await createTopic(kafka.broker.bootstrap, pair.topic)
    await pair.start()
    const numbers = Array.from({ length: RECORDS }, (_, i) => i)
    const isGood = (i: number) => i % 2 === 0
    appendLines(
      pair.input,
      numbers.map(i => (isGood(i) ? `{"some_key":${i}}` : `{"some_key:${i}}`)),
    )
    const good = numbers.filter(isGood).map(i => `{some_key=${i}}`)
    const bad = numbers.filter(i => !isGood(i)).map(i => `{"some_key:${i}}`)
    const letterTexts = async () => (await readTopic(kafka.broker.bootstrap, letters)).map(record => record.value)
    if (tolerance === 'none') {
      assert.match(await untilFailed(pair.sink, 'local-file-sink'), /Tolerance exceeded in error handler/)
      assert.deepEqual(await letterTexts(), bad.slice(0, 1))
      // what came before the first bad one may have been put
      const written = linesOf(pair.output)
      assert.deepEqual(written, good.slice(0, written.length))
      assert.ok(written.length <= 1)
      return
    }
    await until(async () => linesOf(pair.output).length >= good.length && (await letterTexts()).length >= bad.length)
    assert.deepEqual(linesOf(pair.output), good)
    assert.deepEqual(await letterTexts(), bad)
  })
