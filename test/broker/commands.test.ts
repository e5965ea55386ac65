// Goal: `sluice cluster` and `sluice connectors` work with Java's REST as with ours, word for word. Method: one session of commands against Java's
// standalone worker and against ours, on one broker; what they print must be the same but for addresses and versions.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runRemote } from '../../src/cli/remote/run.ts'
import { type Broker, broker } from '../support/broker.ts'
import { status, untilTasks } from '../support/connectors.ts'
import { javaWorkerCommand } from '../support/java.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { propertiesText, startWorker, type WorkerProcess } from '../support/worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-commands-'))
let kafka: Broker
/** java, sluice */
let workers: WorkerProcess[] = []

before(async () => {
  kafka = await broker()
  workers = await Promise.all([
    startWorker({ bootstrap: kafka.bootstrap, command: await javaWorkerCommand() }),
    startWorker({ bootstrap: kafka.bootstrap }),
  ])
})
after(async () => {
  await Promise.all(workers.map(worker => worker.kill()))
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The session's lines: each command with its exit code and what it printed. */
async function session(worker: WorkerProcess, names: { source: string; sink: string; topic: string }): Promise<string> {
  const { source, sink, topic } = names
  const said: string[] = []
  const sluice = async (...args: string[]) => {
    const write = (text: string) => void said.push(text)
    const code = await runRemote([...args, '--url', worker.url], { env: {}, out: write, err: write })
    said.push(`= ${args.join(' ')}: ${code}\n`)
  }
  const state = (name: string, wanted: string) =>
    until(async () => {
      const found = await status(worker, name)
      return found?.connector.state === wanted && found.tasks.every(task => task.state === wanted)
    })
  const file = (name: string, config: Record<string, string>) => {
    const path = join(folder, `${name}.properties`)
    writeFileSync(path, propertiesText({ name, ...config }))
    return path
  }
  const lines = join(worker.folder, 'lines.txt')
  writeFileSync(lines, 'one\ntwo\n')
  const sourceFile = file(source, { 'connector.class': 'FileStreamSource', file: lines, topic: `${topic}-${source}` })
  const sinkConfig = { 'connector.class': 'FileStreamSink', topics: topic, file: join(worker.folder, 'out.txt') }
  const own = { 'consumer.override.group.id': `${sink}-${worker.pid}`, 'value.converter.schemas.enable': 'false' }
  const sinkFile = file(sink, { ...sinkConfig, ...own, 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' })

  await sluice('connectors', 'list')
  await sluice('connectors', 'create', sourceFile)
  await sluice('connectors', 'create', sourceFile)
  await sluice('connectors', 'create', sinkFile, '--state', 'paused')
  await untilTasks(worker, source, 'RUNNING')
  await state(sink, 'PAUSED')
  await sluice('connectors', 'list')
  await sluice('connectors', 'status')
  await sluice('connectors', 'status', source)
  await sluice('connectors', 'config', source)
  await sluice('connectors', 'resume', sink)
  await untilTasks(worker, sink, 'RUNNING')
  const hasOffsets = async (name: string) =>
    (await worker.rest<{ offsets: unknown[] }>(`/connectors/${name}/offsets`)).body.offsets.length > 0
  await until(async () => (await hasOffsets(source)) && (await hasOffsets(sink)))
  await sluice('connectors', 'offsets', source)
  await sluice('connectors', 'offsets', sink)
  await sluice('connectors', 'offsets', source, '--reset')
  await sluice('connectors', 'stop', source)
  await until(async () => (await status(worker, source))?.connector.state === 'STOPPED')
  await sluice('connectors', 'offsets', source, '--reset')
  await sluice('connectors', 'offsets', source)
  await sluice('connectors', 'restart', sink, '--tasks')
  await untilTasks(worker, sink, 'RUNNING')
  await sluice('connectors', 'restart', sink, '--task', '0')
  await untilTasks(worker, sink, 'RUNNING')
  await sluice('cluster', 'status', '--check')
  await sluice('connectors', 'status', 'absent')
  await sluice('connectors', 'pause', 'absent')
  await sluice('connectors', 'delete', source, sink)
  await sluice('connectors', 'delete', source)
  await sluice('connectors', 'list', '--json')
  const address = worker.url.replace('http://', '')
  return said
    .join('')
    .replaceAll(worker.folder, 'FOLDER')
    .replaceAll(String(worker.pid), 'PID')
    .replaceAll(address, 'WORKER')
    .replace(/(?<=\bversion )[^,\s]+(?:, commit [^,\s]+)?/g, 'V')
    .replace(/^(\d+ +RUNNING +WORKER +)\S+$/gm, '$1V')
    .replace(/ +/g, ' ')
}

test('one session prints the same with Java and with us', async () => {
  const names = { source: uniqueName('in'), sink: uniqueName('out'), topic: uniqueName('commands') }
  await createTopic(kafka.bootstrap, names.topic)
  await produce(kafka.bootstrap, names.topic, [{ key: null, value: '{"a":1}' }])
  const java = await session(workers[0] as WorkerProcess, names)
  const sluice = await session(workers[1] as WorkerProcess, names)
  assert.match(java, /= cluster status --check: 0\n/)
  assert.equal(sluice, java)
})
