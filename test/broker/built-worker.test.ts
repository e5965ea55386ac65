// Goal: what `npm run build` makes does what the sources do: every thread starts, and a plugin meets the worker's own classes. Method: a package
// without sources, built by the test; connector files, plugin.path, a lake sink with transforms of both kinds, a dead thread, a preview.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from '../../scripts/build.ts'
import { broker } from '../support/broker.ts'
import { create, untilFailed } from '../support/connectors.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker } from '../support/worker.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A package as released: bin/, dist/ and what npm installs. */
async function released(root: string): Promise<string> {
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  await build(join(root, 'dist'))
  return join(root, 'bin/sluice.js')
}

const linesBelow = (folder: string): string[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(path => path.endsWith('.json'))
        .flatMap(path => readFileSync(join(folder, path), 'utf8').trim().split('\n'))

test('a worker built without its sources runs plugins of plugin.path, transforms and a lake sink', async t => {
  const root = tempFolder(t)
  const bin = await released(root)
  const plugins = join(root, 'plugins')
  mkdirSync(plugins)
  // As it stands: its `sluice` must become the built worker's, not the sources'.
  cpSync(join(ROOT, 'examples/sqlite-sink'), join(plugins, 'sqlite-sink'), {
    recursive: true,
    filter: path => !path.includes('node_modules'),
  })
  const kafka = await broker()
  t.after(() => kafka.stop())
  const worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: { 'plugin.path': plugins, 'task.restart.enable': 'false' },
    command: [process.execPath, bin, 'standalone'],
  })
  t.after(() => worker.stop())
  assert.match(worker.logs(), /standalone, built, Node/)
  assert.doesNotMatch(worker.logs(), /could not be loaded/)

  const topic = uniqueName('built')
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [
    { value: JSON.stringify({ id: 1, email: 'a@example.com' }) },
    { value: JSON.stringify({ id: 2, email: 'b@example.com' }) },
  ])
  const config = {
    'connector.class': 'LakeSink',
    topics: topic,
    'store.url': join(root, 'lake'),
    'format.class': 'json',
    'flush.size': '2',
    transforms: 'hash,insert',
    'transforms.hash.type': 'HashField',
    'transforms.hash.field': 'email',
    'transforms.hash.secret': 'pepper',
    'transforms.insert.type': 'InsertField$Value',
    'transforms.insert.static.field': 'by',
    'transforms.insert.static.value': 'built',
  }
  const name = uniqueName('lake')
  const created = await create(worker, name, config)
  assert.equal(created.status, 201, JSON.stringify(created.body))
  await until(() => linesBelow(join(root, 'lake')).length === 2 || null)
  const rows = linesBelow(join(root, 'lake')).map(line => JSON.parse(line) as { id: number; email: string; by: string })
  assert.deepEqual(
    rows.map(({ id, by }) => [id, by]),
    [
      [1, 'built'],
      [2, 'built'],
    ],
  )
  for (const { email } of rows) assert.match(email, /^[0-9a-f]{64}$/)

  const preview = await worker.rest<{ records?: unknown[] }>(`/connectors/${name}/preview`, { method: 'POST', body: {} })
  assert.equal(preview.status, 200, JSON.stringify(preview.body))

  // The plugin's own error: its class is the worker's, under the name that it has in the sources.
  await produce(kafka.bootstrap, topic, [{ value: JSON.stringify({ id: 3, email: 5 }) }])
  const trace = await untilFailed(worker, name)
  assert.match(trace, /ToleranceExceededError: /)
  assert.match(trace, /Caused by: DataError: /)
})
