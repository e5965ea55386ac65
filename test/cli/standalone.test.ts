// The command line as users run it: a process, its exit code and what it says. No broker: bootstrap.servers names a port nobody serves.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Folder, Sluice } from './sluice.ts'

const folder = new Folder()
const started: Sluice[] = []
after(() => {
  for (const sluice of started) sluice.kill()
  folder.remove()
})

function run(bin: string, ...args: string[]): Sluice {
  const sluice = new Sluice(bin, args)
  started.push(sluice)
  return sluice
}

async function ends(sluice: Sluice, code: number, ...texts: RegExp[]): Promise<void> {
  assert.equal(await sluice.exit, code, sluice.output)
  for (const text of texts) assert.match(sluice.output, text)
}

describe('usage', () => {
  it('--help and --version end 0', async () => {
    await ends(run('sluice.js', '--help'), 0, /sluice standalone worker\.properties/)
    await ends(run('connect-standalone.js', '--version'), 0, /^\d+\.\d+\.\d+\n$/)
  })

  it('nothing, an unknown command or option end 1 with the usage', async () => {
    await ends(run('sluice.js'), 1, /Usage:/)
    await ends(run('sluice.js', 'dance'), 1, /Usage:/)
    await ends(run('connect-standalone.js'), 1, /Usage:/)
    await ends(run('connect-standalone.js', '--fast', 'x'), 1, /Unknown option --fast/)
  })

  it('a distributed worker takes one file, and names the keys of a cluster that it misses', async () => {
    await ends(run('connect-distributed.js', 'worker.properties', 'c.properties'), 1, /takes connectors by REST/)
    await ends(run('connect-distributed.js'), 1, /sluice distributed worker\.properties/)
    await ends(run('connect-distributed.js', folder.worker({})), 2, /group\.id/, /config\.storage\.topic/)
  })
})

describe('a worker that cannot start ends 2 and names what is wrong', () => {
  it('the file is not there', async () => {
    await ends(run('connect-standalone.js', join(folder.path, 'nope.properties')), 2, /nope\.properties.*ENOENT/)
  })

  it('required keys are missing: all of them', async () => {
    const file = folder.write('empty.properties', {})
    await ends(
      run('connect-standalone.js', file),
      2,
      /bootstrap\.servers/,
      /key\.converter/,
      /offset\.storage\.file\.filename/,
      /empty\.properties/,
    )
  })

  it('a value has the wrong type', async () => {
    const file = folder.worker({ 'offset.flush.interval.ms': 'soon' })
    await ends(run('connect-standalone.js', file), 2, /Invalid value soon for configuration offset\.flush\.interval\.ms/)
  })

  it('a client key has a bad value, and a password is not printed', async () => {
    const file = folder.worker({ 'security.protocol': 'TELEPATHY', 'ssl.key.password': 'hunter2' })
    const sluice = run('connect-standalone.js', file)
    await ends(sluice, 2, /security\.protocol/)
    assert.doesNotMatch(sluice.output, /hunter2/)
  })

  it('the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.on('listening', resolve))
    const { port } = server.address() as { port: number }
    try {
      const file = folder.worker({ listeners: `http://127.0.0.1:${port}` })
      await ends(run('connect-standalone.js', file), 2, new RegExp(`Port ${port} of listeners=.* is taken`))
    } finally {
      server.close()
    }
  })

  it('an https listener without a key', async () => {
    await ends(
      run('connect-standalone.js', folder.worker({ listeners: 'https://:8443' })),
      2,
      /An https listener needs a key and a certificate/,
    )
  })

  it('an extension that guards something and is not known', async () => {
    await ends(
      run('connect-standalone.js', folder.worker({ 'rest.extension.classes': 'x.BasicAuth' })),
      2,
      /rest\.extension\.classes names x\.BasicAuth, which is not supported/,
    )
  })

  it('the offset file is damaged, and it is left alone', async () => {
    const offsets = folder.write('damaged.offsets', 'not a map')
    await ends(
      run('connect-standalone.js', folder.worker({ 'offset.storage.file.filename': offsets })),
      2,
      /damaged\.offsets .* is damaged/,
    )
    assert.equal(readFileSync(offsets, 'utf8'), 'not a map')
  })

  it('the folder of the offset file is not there', async () => {
    const file = folder.worker({ 'offset.storage.file.filename': join(folder.path, 'no', 'where') })
    await ends(run('connect-standalone.js', file), 2, /offset\.storage\.file\.filename/)
  })
})

describe('a connector file that is refused ends 3 and is named', () => {
  const cases: [what: string, name: string, text: string, message: RegExp][] = [
    ['no name', 'noname.properties', 'connector.class=FileStreamSink\n', /noname\.properties.*"name"/],
    ['broken JSON', 'broken.json', '{"name": ', /broken\.json.*not JSON/],
    ['unknown class', 'unknown.properties', 'name=u\nconnector.class=no.such.Class\n', /unknown\.properties.*no\.such\.Class/s],
    [
      'no class',
      'noclass.json',
      '{"name":"n","config":{"topics":"t"}}',
      /noclass\.json.*connector type|noclass\.json.*connector\.class/s,
    ],
    [
      'missing keys',
      'missing.properties',
      'name=m\nconnector.class=FileStreamSource\n',
      /missing\.properties.*Missing required configuration "topic"/s,
    ],
  ]
  for (const [what, name, text, message] of cases) {
    it(what, async () => {
      await ends(run('connect-standalone.js', folder.worker(), folder.write(name, text)), 3, message)
    })
  }

  it('not there', async () => {
    await ends(run('connect-standalone.js', folder.worker(), join(folder.path, 'gone.json')), 3, /gone\.json.*ENOENT/)
  })
})

describe('a running worker', () => {
  it('without a broker answers REST, shows why a task failed, and ends 0 on SIGTERM', async () => {
    const input = folder.write('input.txt', 'one\n')
    const source = { name: 'source', 'connector.class': 'FileStreamSource', file: input, topic: 't', 'tasks.max': '1' }
    const sluice = run('connect-standalone.js', folder.worker(), folder.write('source.json', JSON.stringify(source)))
    const url = await sluice.url()
    assert.equal((await fetch(`${url}/health`)).status, 200)
    await sluice.waitFor(/created from .*source\.json/)
    assert.deepEqual(await (await fetch(`${url}/connectors`)).json(), ['source'])
    const root = (await (await fetch(url)).json()) as { kafka_cluster_id: null }
    assert.equal(root.kafka_cluster_id, null)
    const state = async () => {
      const status = (await (await fetch(`${url}/connectors/source/status`)).json()) as {
        tasks: { state: string; trace?: string }[]
      }
      return status.tasks[0]
    }
    let task = await state()
    while (task?.state !== 'FAILED') task = await state()
    assert.match(task.trace ?? '', /127\.0\.0\.1:1/)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    assert.match(metrics, /kafka_connect_connect_worker_metrics_connector_count 1/)
    assert.equal(await sluice.stop(), 0, sluice.output)
    assert.match(sluice.output, /Kafka Connect stopped/)
  })

  it('creates connectors by REST, validates, lists plugins', async () => {
    const sluice = run('connect-standalone.js', folder.worker())
    const url = await sluice.url()
    const plugins = (await (await fetch(`${url}/connector-plugins`)).json()) as { class: string }[]
    assert.ok(plugins.some(plugin => plugin.class === 'org.apache.kafka.connect.file.FileStreamSinkConnector'))
    const post = (body: unknown) =>
      fetch(`${url}/connectors`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
    const unknown = await post({ name: 'x', config: { 'connector.class': 'no.such.Class' } })
    assert.equal(unknown.status, 400)
    const invalid = await post({ name: 'x', config: { 'connector.class': 'FileStreamSource', file: 'x' } })
    assert.equal(invalid.status, 400)
    assert.match(((await invalid.json()) as { message: string }).message, /Missing required configuration "topic"/)
    const created = await post({
      name: 'x',
      config: { 'connector.class': 'FileStreamSource', file: 'x', topic: 't' },
      initial_state: 'STOPPED',
    })
    assert.equal(created.status, 201)
    assert.equal(((await created.json()) as { type: string }).type, 'source')
    assert.equal(await sluice.stop(), 0, sluice.output)
  })

  it('JSON logs are one object a line', async () => {
    const sluice = run('connect-standalone.js', folder.worker({ 'log.format': 'json' }))
    await sluice.url()
    assert.equal(await sluice.stop(), 0)
    for (const line of sluice.output.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string')
  })
})

it('an offset file that cannot be read ends 2', async t => {
  if (process.getuid?.() === 0) {
    // root reads everything: a folder in its place is what root cannot read either
    const path = join(folder.path, 'is-a-folder')
    mkdirSync(path)
    return ends(run('connect-standalone.js', folder.worker({ 'offset.storage.file.filename': path })), 2, /is-a-folder/)
  }
  const path = join(folder.path, 'secret.offsets')
  writeFileSync(path, '')
  chmodSync(path, 0)
  t.after(() => chmodSync(path, 0o600))
  return ends(
    run('connect-standalone.js', folder.worker({ 'offset.storage.file.filename': path })),
    2,
    /secret\.offsets.*cannot be read/,
  )
})
