// Goal: `sluice cluster` and `sluice connectors` show what a worker says, and say plainly what is wrong where it refuses or cannot be asked.
// Method: the commands in this process, against our REST over the real herder on fake actors. Java's REST: test/broker/commands.test.ts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Loggers } from '../../src/base/log.ts'
import { commandGroups } from '../../src/cli/commands.ts'
import { runRemote } from '../../src/cli/remote/run.ts'
import { planRest, RestServers } from '../../src/cli/rest-servers.ts'
import { standaloneConfig } from '../../src/config/worker-config.ts'
import { type Setup, SINK, SOURCE, setUp } from '../supervisor/fake-worker.ts'
import { Authority } from '../support/certificates.ts'
import { settle } from '../support/clock.ts'
import { Folder } from './sluice.ts'

const folder = new Folder()
const open: RestServers[] = []
after(async () => {
  await Promise.all(open.map(servers => servers.close()))
  folder.remove()
})

interface Served extends Setup {
  readonly url: string
  /** runs a command against this worker */
  sluice(...args: string[]): Promise<Ran>
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  let [out, err] = ['', '']
  const code = await runRemote(args, { env, out: text => void (out += text), err: text => void (err += text) })
  return { code, out, err }
}

async function serve(worker: Record<string, string> = {}): Promise<Served> {
  const setup = setUp()
  const props = {
    'bootstrap.servers': 'nowhere:1',
    'key.converter': 'x',
    'value.converter': 'x',
    'offset.storage.file.filename': join(folder.path, 'offsets'),
    listeners: 'http://127.0.0.1:0',
    ...worker,
  }
  const servers = new RestServers()
  open.push(servers)
  const plan = planRest({ props, config: standaloneConfig.parse(props), kafkaOpts: undefined })
  const { scheme, port } = await servers.open(plan, new Loggers({ root: 'OFF' }, { write: () => undefined }), () => ({
    ...setup,
    version: '0.1.0',
    topicTracking: { enabled: true, allowReset: true },
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  }))
  const url = `${scheme}://127.0.0.1:${port}`
  return { ...setup, url, sluice: (...args) => run([...args, '--url', url]) }
}

const jsonFile = (name: string, value: unknown) => folder.write(name, JSON.stringify(value))
const sinkFile = (name: string) =>
  folder.write(`${name}.properties`, { name, 'connector.class': SINK, topics: 't', 'tasks.max': '2' })

async function withSink(): Promise<Served> {
  const served = await serve()
  assert.deepEqual(await served.sluice('connectors', 'create', sinkFile('c')), { code: 0, out: 'c: created\n', err: '' })
  await settle()
  return served
}

describe('a cluster', () => {
  it('is shown with its workers, connectors, tasks and what has failed', async () => {
    const { sluice, statuses, url } = await withSink()
    const failed = { ...statuses.task('c', 0), state: 'FAILED', trace: 'Error: no \u001b[31mroom\n\tat x' } as never
    statuses.putTask('c', 0, failed)
    const { code, out } = await sluice('cluster', 'status')
    assert.equal(code, 0)
    const tasks = statuses.tasks('c').length
    const others = tasks === 1 ? '' : `, ${tasks - 1} RUNNING`
    assert.equal(
      out,
      [
        `${url}/ healthy`,
        'version 0.1.0, commit unknown, Kafka cluster cluster',
        '1 connector: 1 RUNNING',
        `${tasks} task${tasks === 1 ? '' : 's'}: 1 FAILED${others}`,
        '',
        'WORKER       CONNECTORS  TASKS  NOT RUNNING',
        `worker:8083  1           ${tasks}      1 FAILED`,
        '',
        'CONNECTOR  TYPE  STATE    WORKER       TASKS',
        `c          sink  RUNNING  worker:8083  1 FAILED${others}`,
        '',
        'c task 0 FAILED on worker:8083: Error: no \\u001b[31mroom',
        '',
      ].join('\n'),
    )
    assert.equal((await sluice('cluster', 'status', '--check')).code, 4)
    assert.equal((await sluice('connectors', 'status', 'c', '--check')).code, 4)
    const { out: one } = await sluice('connectors', 'status', 'c')
    assert.match(one, /^c: sink, RUNNING on worker:8083, version 1\.0\n\nTASK {2}STATE /)
    assert.match(one, /\n\nc task 0:\n {2}Error: no \\u001b\[31mroom\n {4}at x\n$/)
    const { out: json } = await sluice('cluster', 'status', '--json')
    assert.equal(JSON.parse(json).connectors[0].status.tasks[0].state, 'FAILED')
  })

  it('that is healthy passes the check', async () => {
    const { sluice } = await withSink()
    assert.equal((await sluice('cluster', 'status', '--check')).code, 0)
    assert.equal((await sluice('connectors', 'status', '--check')).code, 0)
  })

  it('without connectors has no tables', async () => {
    const { sluice } = await serve()
    assert.match((await sluice('cluster', 'status')).out, /\n0 connectors\n0 tasks\n$/)
    assert.equal((await sluice('connectors', 'list')).out, 'There are no connectors.\n')
    assert.equal((await sluice('connectors', 'list', '--json')).out, '[]\n')
  })
})

describe('connectors', () => {
  it('are created from each form of file, listed, shown, replaced and deleted', async () => {
    const { sluice, configs } = await withSink()
    const request = { name: 'a b/ü', config: { 'connector.class': SOURCE, n: 1 }, initial_state: 'paused' }
    const made = await sluice('connectors', 'create', jsonFile('request.json', request))
    assert.deepEqual([made.code, made.out], [0, 'a b/ü: created\n'])
    assert.equal(configs.get('a b/ü')?.target, 'PAUSED')
    await settle()
    assert.equal(
      (await sluice('connectors', 'list')).out,
      [
        'CONNECTOR  TYPE    STATE    CLASS',
        `a b/ü      source  PAUSED   ${SOURCE}`,
        `c          sink    RUNNING  ${SINK}`,
        '',
      ].join('\n'),
    )
    assert.match((await sluice('connectors', 'config', 'c')).out, /^connector\.class = org\.example\.Sink\nname = c\n/)
    assert.equal(JSON.parse((await sluice('connectors', 'config', 'c', '--json')).out).topics, 't')
    const changed = folder.write('changed.properties', { name: 'c', 'connector.class': SINK, topics: 'u' })
    assert.equal((await sluice('connectors', 'create', changed, '--update')).code, 0)
    assert.equal(configs.get('c')?.config.topics, 'u')
    const fresh = sinkFile('fresh')
    assert.equal((await sluice('connectors', 'create', fresh, '--state', 'stopped')).code, 0)
    assert.equal(configs.get('fresh')?.target, 'STOPPED')
    const { out } = await sluice('connectors', 'delete', 'c', 'a b/ü', 'fresh')
    assert.equal(out, 'c: deleted\na b/ü: deleted\nfresh: deleted\n')
    assert.deepEqual(configs.names(), [])
  })

  it('are paused, resumed, stopped and restarted', async () => {
    const { sluice, configs } = await withSink()
    for (const [command, target] of [
      ['pause', 'PAUSED'],
      ['resume', 'STARTED'],
      ['stop', 'STOPPED'],
      ['resume', 'STARTED'],
    ] as const) {
      assert.equal((await sluice('connectors', command, 'c')).code, 0, command)
      assert.equal(configs.get('c')?.target, target)
      await settle()
    }
    assert.equal((await sluice('connectors', 'restart', 'c')).out, 'c: restarted\n')
    const { out } = await sluice('connectors', 'restart', 'c', '--tasks', '--json')
    assert.equal(JSON.parse(out)[0].tasks[0].state, 'RESTARTING')
    await settle()
    assert.equal((await sluice('connectors', 'restart', 'c', '--task', '0')).out, 'c task 0: restarted\n')
    const unknown = await sluice('connectors', 'restart', 'c', '--task', '99')
    assert.equal(unknown.code, 3)
    assert.match(unknown.err, /\(404\)\nThe tasks that there are: sluice connectors status NAME\n$/)
  })

  it('of which one is not there are changed all the same, each told', async () => {
    const { sluice, configs } = await withSink()
    await sluice('connectors', 'create', sinkFile('d'))
    await settle()
    for (const [command, done] of [
      ['pause', 'is being paused'],
      ['resume', 'is being resumed'],
      ['stop', 'is being stopped'],
      ['resume', 'is being resumed'],
      ['restart', 'restarted'],
      ['delete', 'deleted'],
    ] as const) {
      const { code, out, err } = await sluice('connectors', command, 'c', 'nope', 'd')
      assert.deepEqual([code, out], [3, `c: ${done}\nd: ${done}\n`], command)
      assert.match(err, new RegExp(`^connectors ${command} nope: .* \\(404\\)\nThe connectors that there are: .*\n$`))
      await settle()
    }
    assert.deepEqual(configs.names(), [])
  })

  it('of which one is not there are in the JSON, with the reason', async () => {
    const { sluice } = await withSink()
    const { code, out } = await sluice('connectors', 'delete', 'nope', 'c', '--json')
    const [nope, ...others] = JSON.parse(out)
    assert.deepEqual([code, nope.name, others], [3, 'nope', [{ name: 'c', done: 'deleted' }]])
    assert.match(nope.error, /nope/)
  })

  it('are no longer asked for when the worker has gone; which, is told', async t => {
    const asked: string[] = []
    const server = createServer((request, answer) => {
      asked.push(request.url ?? '')
      if (request.url === '/connectors/b') request.socket.destroy()
      else answer.writeHead(204).end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, out, err } = await run(['connectors', 'delete', 'a', 'b', 'c', 'd', '--url', url])
    assert.deepEqual([code, out], [2, 'a: deleted\n'])
    assert.match(err, /^connectors delete b: The worker at .* cannot be asked: .*\nNot asked: c, d\n$/)
    assert.deepEqual(asked, ['/connectors/a', '/connectors/b'])
  })

  it('of sources have offsets that can be read, changed and removed while stopped', async () => {
    const { sluice, offsets } = await serve()
    const file = folder.write('source.properties', { name: 's', 'connector.class': SOURCE })
    assert.equal((await sluice('connectors', 'create', file)).code, 0)
    await settle()
    const at = (file: string, position: number) => ({ partition: { file }, offset: { position } })
    await offsets.put('s', [at('x', 7), at('w', 2)])
    assert.equal(
      (await sluice('connectors', 'offsets', 's')).out,
      'PARTITION     OFFSET\n{"file":"w"}  {"position":2}\n{"file":"x"}  {"position":7}\n',
    )
    const running = await sluice('connectors', 'offsets', 's', '--reset')
    assert.equal(running.code, 3)
    assert.match(running.err, /\(400\)\nOffsets change while a connector is stopped: sluice connectors stop NAME\n$/)
    await sluice('connectors', 'stop', 's')
    await settle()
    const changed = jsonFile('offsets.json', { offsets: [{ partition: { file: 'x' }, offset: { position: 3 } }] })
    const set = await sluice('connectors', 'offsets', 's', '--set', changed)
    assert.equal(set.code, 0, set.err)
    assert.match((await sluice('connectors', 'offsets', 's')).out, /"position":3/)
    assert.equal((await sluice('connectors', 'offsets', 's', '--reset')).code, 0)
    assert.equal((await sluice('connectors', 'offsets', 's')).out, 's has no offsets.\n')
  })
})

describe('what goes wrong', () => {
  it('is told with what to do next: not there, there already, not valid', async () => {
    const { sluice } = await withSink()
    const absent = await sluice('connectors', 'status', 'absent')
    assert.equal(absent.code, 3)
    assert.match(
      absent.err,
      /^connectors status absent: .*absent.* \(404\)\nThe connectors that there are: sluice connectors list\n$/,
    )
    const again = await sluice('connectors', 'create', sinkFile('c'))
    assert.equal(again.code, 3)
    assert.match(again.err, /already exists \(409\)\nTo replace its config: sluice connectors create FILE --update\n$/)
    const bad = folder.write('bad.properties', { name: 'b', 'connector.class': SINK, bad: 'x' })
    const invalid = await sluice('connectors', 'create', bad)
    assert.equal(invalid.code, 3)
    assert.match(invalid.err, /bad is not good/)
    const noFile = await sluice('connectors', 'create', join(folder.path, 'none.json'))
    assert.deepEqual([noFile.code, /none\.json cannot be read/.test(noFile.err)], [3, true])
  })

  it('is a 409 of a rebalance, told apart', async t => {
    const server = createServer((_, answer) => {
      answer.writeHead(409, { 'content-type': 'application/json' }).end('{"error_code":409,"message":"rebalance in process"}')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const { code, err } = await run([
      'connectors',
      'stop',
      'x',
      '--url',
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ])
    assert.equal(code, 3)
    assert.match(err, /rebalance in process \(409\)\nThe workers are sharing out the work: try again in some seconds\.\n$/)
  })

  it('is a worker that is not there, is something else, or does not answer', async t => {
    const silent = createTcp(() => undefined)
    const other = createServer((_, answer) => answer.writeHead(200).end('<html>It works!</html>'))
    for (const server of [silent, other]) await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      other.close()
      silent.close()
    })
    const urlOf = (server: { address(): unknown }) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const cases: [string[], RegExp][] = [
      [
        ['--url', 'http://127.0.0.1:1'],
        /^The worker at http:\/\/127\.0\.0\.1:1\/ cannot be asked: nothing listens there\. Is the worker up, and is --url right\?\n$/,
      ],
      [['--url', 'http://no.such.host.invalid'], /its host name is not known/],
      [['--url', urlOf(other)], /is not of Kafka Connect: <html>It works!<\/html>\n$/],
      [['--url', urlOf(silent), '--timeout', '1'], /no answer within 1 s \(--timeout\)/],
      [['--url', urlOf(other).replace('http', 'https')], /no TLS is spoken there|TLS failed/],
    ]
    for (const [args, message] of cases) {
      const { code, err } = await run(['connectors', 'list', ...args])
      assert.deepEqual([code, err.match(message)?.[0] !== undefined], [2, true], err)
    }
  })

  it('is wrong usage: exit code 1, with what is wrong and where help is', async () => {
    const cases: [string[], RegExp][] = [
      [['connectors', 'dance'], /Unknown command connectors dance\. There is: connectors list, /],
      [['cluster'], /Unknown command cluster\. There is: cluster status/],
      [['connectors', 'list', '--fast'], /--fast/],
      [['connectors', 'pause'], /connectors pause needs NAME…/],
      [['connectors', 'list', 'x'], /connectors list takes no argument, not 1/],
      [['connectors', 'list', '--url', 'worker:8083'], /--url must be like/],
      [['connectors', 'list', '--url', 'http://a:sesame@b'], /cannot stand in --url/],
      [['connectors', 'list', '--user', 'a'], /The password of --user is missing/],
      [['connectors', 'list', '--timeout', '0'], /--timeout must be/],
      [['connectors', 'list', '--url', 'https://a', '--cert', folder.write('c.pem', 'x')], /--cert and --key go together/],
      [['connectors', 'list', '--ca', folder.write('ca.pem', 'x')], /for https:\/\/ only/],
      [['connectors', 'list', '--url', 'https://a', '--ca', join(folder.path, 'none.pem')], /The file of --ca cannot be read/],
    ]
    for (const [args, message] of cases) {
      const { code, out, err } = await run(args)
      assert.deepEqual([code, out], [1, ''], err)
      assert.match(err, message)
      assert.match(err, /Help: sluice (connectors|cluster) --help\n$/)
      assert.doesNotMatch(err, /sesame/)
    }
  })
})

describe('access', () => {
  it('is by basic auth, the password in the environment or in a file', async () => {
    const users = folder.write('users.properties', { admin: 'sesame' })
    const jaas = folder.write(
      'jaas.conf',
      `KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required file="${users}";\n};\n`,
    )
    const { sluice, url } = await serve({
      'rest.extension.classes': 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
      'rest.auth.login.config': jaas,
    })
    const asks = ['connectors', 'list', '--url', url]
    const nobody = await sluice('connectors', 'list')
    assert.deepEqual([nobody.code, /it wants to know who asks \(401\): use --user\n$/.test(nobody.err)], [2, true])
    const wrong = await run([...asks, '--user', 'admin'], { SLUICE_PASSWORD: 'hunter2' })
    assert.deepEqual([wrong.code, /does not let admin in \(401\)/.test(wrong.err)], [2, true])
    assert.doesNotMatch(wrong.err, /hunter2/)
    assert.equal((await run([...asks, '--user', 'admin'], { SLUICE_PASSWORD: 'sesame' })).code, 0)
    const file = folder.write('password', 'sesame\n')
    assert.equal((await sluice('connectors', 'list', '--user', 'admin', '--password-file', file)).code, 0)
  })

  it('is by https, with the authority that is trusted and a certificate where one is wanted', async () => {
    const authority = new Authority('Test CA')
    const server = authority.identity('server')
    const client = authority.identity('client')
    const ca = folder.write('authority.pem', authority.certificate)
    const { sluice } = await serve({
      listeners: 'https://127.0.0.1:0',
      'listeners.https.ssl.keystore.type': 'PEM',
      'listeners.https.ssl.keystore.location': folder.write('server.pem', server.key + server.certificate),
      'listeners.https.ssl.truststore.type': 'PEM',
      'listeners.https.ssl.truststore.location': ca,
      'listeners.https.ssl.client.auth': 'required',
    })
    const own = ['--cert', folder.write('client.pem', client.certificate), '--key', folder.write('client.key', client.key)]
    const untrusted = await sluice('connectors', 'list', ...own)
    assert.deepEqual(
      [untrusted.code, /its certificate is not trusted: .* See --ca\n$/.test(untrusted.err)],
      [2, true],
      untrusted.err,
    )
    const unknown = await sluice('connectors', 'list', '--ca', ca)
    assert.deepEqual([unknown.code, /certificate \(--cert/.test(unknown.err)], [2, true], unknown.err)
    const broken = await sluice('connectors', 'list', '--ca', ca, '--cert', ca, '--key', folder.write('broken.key', 'x'))
    assert.equal(broken.code, 2)
    assert.deepEqual(await sluice('connectors', 'list', '--ca', ca, ...own), {
      code: 0,
      out: 'There are no connectors.\n',
      err: '',
    })
  })
})

describe('as a process', () => {
  const sluice = (...args: string[]) =>
    execFileSync(process.execPath, [join(import.meta.dirname, '../../bin/sluice.js'), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })

  it('every command is in --help, and in that of its group with its options', () => {
    const all = sluice('--help')
    for (const { commands, options } of commandGroups) {
      const [first = ''] = (commands[0]?.name ?? '').split(' ')
      const help = sluice(first, '--help')
      for (const command of commands) {
        assert.ok(all.includes(`sluice ${command.name}`), command.name)
        assert.ok(help.includes(`sluice ${command.name}`), command.name)
        for (const option of Object.keys({ ...command.options, ...options })) assert.ok(help.includes(`--${option}`), option)
      }
    }
  })

  it('exits with the code of the command', () => {
    assert.throws(
      () => sluice('cluster', 'status', '--url', 'http://127.0.0.1:1'),
      (error: { status?: number; stderr?: string }) => error.status === 2 && /nothing listens there/.test(error.stderr ?? ''),
    )
  })
})
