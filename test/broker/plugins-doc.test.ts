// Goal: docs/plugins.md is true: its commands install the example as a package, list, validate, preview and run it on a broker.
// Method: the shell blocks of the file (```sh) are run as they stand, in one shell; where things are comes by the environment variables that they name.
// And: what `sluice new` makes runs on the same broker, loaded from plugin.path.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { create, untilTasks } from '../support/connectors.ts'
import { createTopic } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker } from '../support/worker.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RUN_MS_MAX = 240_000
let kafka: Broker
let folder: string

before(async () => {
  kafka = await broker()
  folder = mkdtempSync(join(tmpdir(), 'sluice-example-'))
})
after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/** The commands of docs/plugins.md, in order. */
function commands(): string {
  const text = readFileSync(join(ROOT, 'docs/plugins.md'), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block).join('\n')
}

/** Runs a shell script to its end; what it printed. */
function run(script: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  return new Promise(resolve => {
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: RUN_MS_MAX,
    })
    let output = ''
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', chunk => (output += String(chunk)))
    shell.on('close', code => resolve({ code, output }))
  })
}

test('the commands of docs/plugins.md do what they say', { timeout: RUN_MS_MAX + 30_000 }, async () => {
  const work = join(folder, 'work')
  const rest = `http://localhost:${await freePort()}`
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`
  const { code, output } = await run(commands(), { SLUICE: ROOT, KAFKA: kafka.bootstrap, REST: rest, WORK: work, PATH: path })
  const log = existsSync(join(work, 'worker.log')) ? readFileSync(join(work, 'worker.log'), 'utf8') : 'no worker.log'
  try {
    assert.equal(code, 0, `${output}\n${log}`)
    for (const listed of [
      'SqliteSinkConnector","type":"sink',
      'HashField","type":"transformation',
      'FieldEquals","type":"predicate',
    ])
      assert.ok(output.includes(`"class":"io.sluice.examples.${listed}","version":"1.0.0"`), `${listed}\n${output}`)
    assert.match(output, /"name":"columns","type":"LIST"/)
    assert.match(output, /matches the version range \[2\.0,3\.0\), available versions: \[1\.0\.0\]/)
    assert.match(output, /"error_count":0/)
    assert.match(output, /^mail[^@]{3,9}@example\.com$/m, 'the preview shows a record before the transform')
    assert.match(output, /^mail[^0-9a-f]{3,9}[0-9a-f]{64}$/m, 'and after it')
    const rows = output.split('\n').filter(line => line.startsWith('{"id":'))
    assert.equal(rows.length, 3, `${output}\n${log}`)
    const [first, second, third] = rows.map(row => JSON.parse(row) as { country: string; mail: string; amount: number })
    assert.match(first?.mail ?? '', /^[0-9a-f]{64}$/)
    assert.equal(first?.mail, third?.mail)
    assert.deepEqual(second, { id: 2, country: 'fr', mail: 'bob@example.com', amount: 7 })
    assert.match(output, /"state":"RUNNING","worker_id":"[^"]+","version":"1\.0\.0"/)
    assert.match(output, /"summary":\{"read":3,"ok":3/)
    assert.ok(output.includes(`"target":{"path":"${join(work, 'orders.db')}","table":"orders"}`), output)
    assert.match(output, /^"transforms":\[\]$/m)
    const previewed = readFileSync(join(work, 'preview.json'), 'utf8')
    assert.match(previewed, /"alias":"hide","class":"io\.sluice\.examples\.HashField","result":"changed"/)
    assert.match(previewed, /"alias":"hide","class":"io\.sluice\.examples\.HashField","result":"not_applied"/)
    assert.ok(!previewed.includes('between us'), 'the secret is not in the preview')
    assert.ok(!`${output}${log}`.includes('between us'), 'the secret is nowhere')
  } finally {
    const pid = Number(existsSync(join(work, 'worker.pid')) ? readFileSync(join(work, 'worker.pid'), 'utf8') : 0)
    if (code !== 0 && pid > 0) process.kill(pid, 'SIGKILL')
  }
})

test('what the templates make runs in a worker: source, transform, sink', async () => {
  const made = join(folder, 'made')
  mkdirSync(made)
  for (const args of [
    ['connector', 'my-sink'],
    ['connector', 'my', '--source'],
    ['transform', 'my-smt'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/sluice.js'), 'new', ...args, '--into', made], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
  }
  // two versions at once: the older one says so
  const older = join(folder, 'older')
  mkdirSync(older)
  for (const file of ['index.ts', 'package.json'])
    writeFileSync(
      join(older, file),
      readFileSync(join(made, 'my-smt', file), 'utf8')
        .replace('"0.1.0"', '"0.0.9"')
        .replace('replaceAll(this.#find, this.#replacement)', "concat(' older')"),
    )
  symlinkSync(join(made, 'my-sink'), join(folder, 'linked'))
  const paths = [join(folder, 'linked'), join(made, 'my'), join(made, 'my-smt'), older]
  const string = 'org.apache.kafka.connect.storage.StringConverter'
  const worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: { 'plugin.path': paths.join(','), 'value.converter': string },
  })
  try {
    const input = join(worker.folder, 'in.txt')
    writeFileSync(input, 'banana\n')
    await createTopic(kafka.bootstrap, 'fruit')
    const source = {
      'connector.class': 'MySource',
      topic: 'fruit',
      path: input,
      transforms: 'smt',
      'transforms.smt.type': 'MySmt',
      'transforms.smt.find': 'a',
      'transforms.smt.replacement': 'o',
    }
    assert.equal((await create(worker, 'source', source)).status, 201)
    const lines = (name: string) => join(worker.folder, `${name}.jsonl`)
    const sink = {
      'connector.class': 'com.example.MySinkConnector',
      topics: 'fruit',
      transforms: 'smt',
      'transforms.smt.type': 'MySmt',
      'transforms.smt.find': 'x',
    }
    assert.equal((await create(worker, 'newest', { ...sink, path: lines('newest') })).status, 201)
    const asked = { ...sink, path: lines('asked'), 'transforms.smt.plugin.version': '(,0.1.0)' }
    assert.equal((await create(worker, 'asked', asked)).status, 201)
    const refused = await create(worker, 'refused', { ...sink, path: lines('refused'), 'transforms.smt.plugin.version': '9' })
    assert.equal(refused.status, 400)
    assert.match(
      refused.body.message ?? '',
      /MySmt not found that matches the version range \[9,9\], available versions: \[0\.0\.9, 0\.1\.0\]/,
    )
    const text = (name: string) => (existsSync(lines(name)) ? readFileSync(lines(name), 'utf8') : '')
    await until(() => text('newest') !== '' && text('asked') !== '')
    assert.equal(text('newest'), '"bonono"\n')
    assert.equal(text('asked'), '"bonono older"\n')
    await untilTasks(worker, 'asked', 'RUNNING')
  } finally {
    await worker.stop()
  }
})
