// Listeners as configured: http and https, certificates asked of callers, /admin apart, who may call. In this process, on free ports.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Loggers } from '../../src/base/log.ts'
import { machineHost } from '../../src/cli/listeners.ts'
import { planRest, RestServers } from '../../src/cli/rest-servers.ts'
import { standaloneConfig } from '../../src/config/worker-config.ts'
import type { RestContext } from '../../src/rest/resource.ts'
import { setUp } from '../supervisor/fake-worker.ts'
import { Authority } from '../support/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-rest-'))
const open: RestServers[] = []
after(async () => {
  await Promise.all(open.map(servers => servers.close()))
  rmSync(folder, { recursive: true, force: true })
})

const authority = new Authority('Test CA')
const stranger = new Authority('Another CA')
const server = authority.identity('server')
const client = authority.identity('client')

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const pem = file('server.pem', server.key + server.certificate)
const pemStore = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': pem }
const trustPem = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': file('ca.pem', authority.certificate) }

function plan(worker: Record<string, string>, kafkaOpts?: string) {
  const props = {
    'bootstrap.servers': 'nowhere:1',
    'key.converter': 'x',
    'value.converter': 'x',
    'offset.storage.file.filename': join(folder, 'offsets'),
    ...worker,
  }
  return planRest({ props, config: standaloneConfig.parse(props), kafkaOpts })
}

function context(): RestContext {
  const { herder, previews, clock } = setUp()
  return {
    herder,
    previews,
    clock,
    version: '0.1.0',
    topicTracking: { enabled: true, allowReset: true },
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  }
}

async function serve(worker: Record<string, string>, kafkaOpts?: string) {
  const servers = new RestServers()
  open.push(servers)
  const known = context()
  return servers.open(plan(worker, kafkaOpts), new Loggers({ root: 'OFF' }, { write: () => undefined }), () => known)
}

/** The status, or the code of the error that ended the connection. */
function status(port: number, options: RequestOptions = {}): Promise<number | string> {
  return new Promise(resolve => {
    const sent = request({ host: '127.0.0.1', port, path: '/', ca: authority.certificate, agent: false, ...options }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    sent.end()
  })
}

const https = 'https://127.0.0.1:0'

describe('https listeners', () => {
  it('take a PEM key store, file or inline', async () => {
    const { scheme, port } = await serve({ listeners: https, ...pemStore })
    assert.equal(scheme, 'https')
    assert.equal(await status(port), 200)
    const inline = await serve({
      listeners: https,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': server.key,
      'ssl.keystore.certificate.chain': server.certificate,
    })
    assert.equal(await status(inline.port), 200)
  })

  it('take a PKCS12 key store; a wrong password is told with the key, not shown', async () => {
    const location = file('server.p12', server.pkcs12('hunter2'))
    const store = { listeners: https, 'ssl.keystore.type': 'PKCS12', 'ssl.keystore.location': location }
    const { port } = await serve({ ...store, 'ssl.keystore.password': 'hunter2' })
    assert.equal(await status(port), 200)
    await assert.rejects(serve({ ...store, 'ssl.keystore.password': 'sesame' }), (error: Error) => {
      assert.match(error.message, /ssl\.keystore\.location.*mac verify failure; is ssl\.keystore\.password right/s)
      return !error.message.includes('sesame')
    })
  })

  it('refuse a file that is no key store, and an https listener without a key', () => {
    const broken = { listeners: https, 'ssl.keystore.location': file('old.jks', 'x') }
    assert.throws(() => plan(broken), /ssl\.keystore\.location.*old\.jks.*neither a JKS nor a PKCS12/s)
    assert.throws(() => plan({ listeners: https }), /https listener needs a key and a certificate/)
    assert.throws(
      () => plan({ listeners: https, 'listeners.https.ssl.keystore.location': join(folder, 'old.jks') }),
      /listeners\.https\.ssl\.keystore\.location/,
    )
  })

  it('prefer keys of their own to those of the worker, all or nothing', async () => {
    const own = Object.fromEntries(Object.entries(pemStore).map(([key, value]) => [`listeners.https.${key}`, value]))
    const { port } = await serve({ listeners: https, 'ssl.keystore.location': join(folder, 'nope'), ...own })
    assert.equal(await status(port), 200)
    assert.throws(() => plan({ listeners: https, ...pemStore, 'listeners.https.ssl.client.auth': 'none' }), /needs a key/)
  })

  it('ssl.client.auth=required lets nobody in without a trusted certificate', async () => {
    const { port } = await serve({ listeners: https, ...pemStore, ...trustPem, 'ssl.client.auth': 'required' })
    assert.equal(await status(port, { key: client.key, cert: client.certificate }), 200)
    assert.equal(typeof (await status(port)), 'string')
    const other = stranger.identity('client')
    assert.equal(typeof (await status(port, { key: other.key, cert: other.certificate })), 'string')
  })

  it('ssl.client.auth=requested: none is fine, a trusted one too, one that is not trusted is refused', async () => {
    const trust = {
      'ssl.truststore.type': 'PKCS12',
      'ssl.truststore.location': file('trust.p12', authority.trustStore('secret')),
      'ssl.truststore.password': 'secret',
    }
    const { port } = await serve({ listeners: https, ...pemStore, ...trust, 'ssl.client.auth': 'requested' })
    assert.equal(await status(port), 200)
    assert.equal(await status(port, { key: client.key, cert: client.certificate }), 200)
    const other = stranger.identity('client')
    assert.equal(typeof (await status(port, { key: other.key, cert: other.certificate })), 'string')
  })

  it('keep to the protocols and cipher suites that are enabled', async () => {
    const suite = { 'ssl.enabled.protocols': 'TLSv1.2', 'ssl.cipher.suites': 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' }
    const { port } = await serve({ listeners: https, ...pemStore, ...suite })
    assert.equal(await status(port, { maxVersion: 'TLSv1.2' }), 200)
    assert.equal(typeof (await status(port, { minVersion: 'TLSv1.3' })), 'string')
    assert.equal(typeof (await status(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })), 'string')
    assert.throws(() => plan({ listeners: https, ...pemStore, 'ssl.cipher.suites': 'TLS_NOPE' }), /TLS_NOPE/)
    assert.throws(() => plan({ listeners: https, ...pemStore, 'ssl.enabled.protocols': 'SSLv3' }), /SSLv3/)
  })

  it('a listener on all interfaces is told as the address of the machine, its name where that is none for others', async () => {
    assert.equal((await serve({ listeners: 'http://:0' })).host, await machineHost(hostname()))
    const unknown = 'x'.repeat(300)
    for (const [name, host] of [
      ['192.0.2.7', '192.0.2.7'],
      ['2001:db8::7', '2001:db8::7'],
      ['localhost', 'localhost'],
      ['127.0.1.1', '127.0.1.1'],
      [unknown, unknown],
    ] as const)
      assert.equal(await machineHost(name), host)
  })

  it('http is told to others where there is both, unless rest.advertised.listener says https', async () => {
    const both = { listeners: `${https},http://127.0.0.1:0`, ...pemStore }
    assert.equal((await serve(both)).scheme, 'http')
    const told = await serve({ ...both, 'rest.advertised.listener': 'HTTPS', 'rest.advertised.host.name': 'me' })
    assert.deepEqual([told.scheme, told.host], ['https', 'me'])
    await assert.rejects(
      serve({ listeners: 'http://127.0.0.1:0', 'rest.advertised.listener': 'https' }),
      /no listener has that scheme/,
    )
  })
})

const EXTENSION = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const users = file('users', 'admin=se\\u0063ret\n')
const loginConfig = (module: string, option = `file="${users}"`) =>
  file(
    `jaas-${Math.random()}.conf`,
    `// who may call\nOther { x.Y optional; };\nKafkaConnect {\n  ${module} required /* all */ ${option};\n};\n`,
  )
const MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'

async function fetchStatus(port: number, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type'), headers: answer.headers }
}

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

describe('the basic-auth extension', () => {
  it("answers 401 in Java's form without the right user and password; calls between workers pass", async () => {
    const extension = { 'rest.extension.classes': EXTENSION, 'rest.auth.login.config': loginConfig(MODULE) }
    const { port } = await serve({ listeners: 'http://127.0.0.1:0', ...extension })
    assert.equal((await fetchStatus(port, '/', basic('admin:secret'))).status, 200)
    const refused = await fetchStatus(port, '/')
    assert.deepEqual([refused.status, refused.text, refused.type], [401, 'User cannot access the resource.', 'application/json'])
    assert.equal(refused.headers.get('www-authenticate'), null)
    for (const credentials of ['admin:wrong', 'admin', 'admin:', ':', 'nobody:', '__proto__:x'])
      assert.equal((await fetchStatus(port, '/connectors', basic(credentials))).status, 401, credentials)
    for (const authorization of ['Bearer x', 'Basic !!!', 'Basic'])
      assert.equal((await fetchStatus(port, '/health', { authorization })).status, 401)
    assert.equal((await fetchStatus(port, '/connectors', {}, 'OPTIONS')).type, 'text/plain')
    assert.equal((await fetchStatus(port, '/connectors/x/fence', {}, 'PUT')).status, 500)
    assert.equal((await fetchStatus(port, '/connectors/x/tasks', {}, 'POST')).status, 500)
    assert.equal((await fetchStatus(port, '/connectors/x/tasks')).status, 401)
    assert.equal((await fetchStatus(port, '/metrics')).status, 401)
    assert.equal((await fetchStatus(port, '/openapi.json')).status, 401)
  })

  it("takes the JAAS file from KAFKA_OPTS as Java's scripts give it", async () => {
    const options = `-Xmx1g -Djava.security.auth.login.config=${loginConfig(MODULE)} -Dx=y`
    const { port } = await serve({ listeners: 'http://127.0.0.1:0', 'rest.extension.classes': EXTENSION }, options)
    assert.equal((await fetchStatus(port, '/')).status, 401)
  })

  it('an empty file of users lets everybody in, with a warning', () => {
    const extension = {
      'rest.extension.classes': EXTENSION,
      'rest.auth.login.config': loginConfig(MODULE, `file="${file('none', '')}"`),
    }
    assert.match(plan(extension).warnings.join(), /lets everybody in/)
  })

  it('does not start with another extension, another module, or a file that is not there', () => {
    const only = { 'rest.extension.classes': EXTENSION }
    assert.throws(() => plan({ 'rest.extension.classes': 'org.example.Audit' }), /org\.example\.Audit/)
    assert.throws(() => plan(only), /rest\.auth\.login\.config.*KAFKA_OPTS/s)
    assert.throws(() => plan({ ...only, 'rest.auth.login.config': join(folder, 'nope.conf') }), /nope\.conf cannot be read/)
    assert.throws(() => plan({ ...only, 'rest.auth.login.config': loginConfig('org.example.Ldap') }), /org\.example\.Ldap/)
    assert.throws(() => plan({ ...only, 'rest.auth.login.config': loginConfig(MODULE, '') }), /no option "file"/)
    assert.throws(
      () => plan({ ...only, 'rest.auth.login.config': file('bad.conf', 'KafkaConnect {') }),
      /bad\.conf is not usable: it ends/,
    )
  })
})

describe('admin.listeners', () => {
  it('has /admin alone, without extension and headers, and the others do not have it', async () => {
    const servers = new RestServers()
    open.push(servers)
    const known = context()
    const { freePorts } = await import('../../scripts/kafka/probe.ts')
    const [adminPort = 0] = await freePorts(1)
    const worker = {
      listeners: 'http://127.0.0.1:0',
      'admin.listeners': `http://127.0.0.1:${adminPort}`,
      'rest.extension.classes': EXTENSION,
      'rest.auth.login.config': loginConfig(MODULE),
      'response.http.headers.config': 'set X-A: 1',
    }
    const { port } = await servers.open(plan(worker), new Loggers({ root: 'OFF' }, { write: () => undefined }), () => known)
    const admin = await fetchStatus(adminPort, '/admin/loggers/root')
    assert.equal(admin.status, 200)
    assert.equal(admin.headers.get('x-a'), null)
    assert.equal((await fetchStatus(adminPort, '/connectors')).status, 404)
    const main = await fetchStatus(port, '/admin/loggers', basic('admin:secret'))
    assert.equal(main.status, 404)
    assert.equal(main.headers.get('x-a'), '1')
  })

  it('empty: /admin is nowhere', async () => {
    const { port } = await serve({ listeners: 'http://127.0.0.1:0', 'admin.listeners': '' })
    assert.equal((await fetchStatus(port, '/admin/loggers')).status, 404)
    assert.equal((await fetchStatus(port, '/connectors')).status, 200)
  })
})

describe('CORS', () => {
  const cors = {
    listeners: 'http://127.0.0.1:0',
    'access.control.allow.origin': 'http://a\\.example, https?://[a-z]+[.]b[.]example',
  }

  it('tells the origins that match as a whole, and no others', async () => {
    const { port } = await serve(cors)
    const allowed = async (origin: string) =>
      (await fetchStatus(port, '/', { origin })).headers.get('access-control-allow-origin')
    for (const origin of ['http://a.example', 'https://x.b.example']) assert.equal(await allowed(origin), origin)
    for (const origin of ['http://a.example.evil', 'https://x.y.b.example', 'null']) assert.equal(await allowed(origin), null)
    assert.equal((await fetchStatus(port, '/')).headers.get('vary'), 'Origin')
  })

  it('answers a preflight with methods, headers and age, and the list of verbs', async () => {
    const { port } = await serve({ ...cors, 'access.control.allow.methods': 'GET, PUT' })
    const asked = { origin: 'http://a.example', 'access-control-request-method': 'DELETE' }
    const { status, text, headers } = await fetchStatus(port, '/connectors', asked, 'OPTIONS')
    assert.deepEqual([status, text], [200, 'HEAD, GET, POST, OPTIONS'])
    assert.equal(headers.get('access-control-allow-methods'), 'GET,PUT')
    assert.equal(headers.get('access-control-allow-headers'), 'Content-Type')
    assert.equal(headers.get('access-control-max-age'), '60')
  })

  it('is off without origins; an origin that is no regular expression is refused', async () => {
    const { port } = await serve({ listeners: 'http://127.0.0.1:0' })
    assert.equal((await fetchStatus(port, '/', { origin: 'http://a.example' })).headers.get('vary'), null)
    assert.throws(() => plan({ 'access.control.allow.origin': 'http://(a' }), /access\.control\.allow\.origin/)
  })
})

describe('response.http.headers.config', () => {
  it('sets and adds to every answer, errors included; quotes hold commas; dates count from now', async () => {
    const rules = 'add X-A: 1, ADD x-a: 2, set X-B: "b", "add X-C: c, d", setDate Expires: 0, set Content-Type: text/foo'
    const { port } = await serve({ listeners: 'http://127.0.0.1:0', 'response.http.headers.config': rules })
    for (const path of ['/', '/nope']) {
      const { headers } = await fetchStatus(port, path)
      assert.deepEqual(
        ['x-a', 'x-b', 'x-c', 'content-type'].map(name => headers.get(name)),
        ['1, 2', '"b"', 'c, d', 'application/json'],
      )
      assert.match(headers.get('expires') ?? '', / GMT$/)
    }
  })

  it("refuses what Java refuses, in Java's words", () => {
    const cases: [string, RegExp][] = [
      ['foo X: y', /Invalid header config action: 'foo'\. Expected one of \[set, add, setDate, addDate\]/],
      ['set', /Invalid format of header config 'set'\. Expected: '\[action\] \[header name\]:\[header value\]'/],
      ['set X', /Invalid format of header name and header value pair 'X'\. Expected: '\[header name\]:\[header value\]'/],
      ['set X: y: z', /Invalid format of header name and header value pair 'X: y: z'/],
      ['set X Y: z', /Invalid header name 'X Y'\. The '\[header name\]' cannot contain whitespace/],
      ['setDate Expires: soon', /'soon' of Expires must be a number/],
      ['set X(: y', /response\.http\.headers\.config/],
    ]
    for (const [rule, message] of cases) assert.throws(() => plan({ 'response.http.headers.config': rule }), message, rule)
  })
})

it('where Node forbids functions of text the REST server says so, and blames no key store', () => {
  const script = `import { Loggers } from './src/base/log.ts'
    import { planRest, RestServers } from './src/cli/rest-servers.ts'
    import { standaloneConfig } from './src/config/worker-config.ts'
    const props = { 'bootstrap.servers': 'nowhere:1', listeners: 'http://127.0.0.1:0', 'offset.storage.file.filename': 'none',
      'key.converter': 'x', 'value.converter': 'x' }
    const plan = planRest({ props, config: standaloneConfig.parse(props), kafkaOpts: undefined })
    new RestServers().open(plan, new Loggers({ write() {} }), () => null).catch(error => console.log(String(error)))`
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script]
  const said = execFileSync(process.execPath, flags, { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' })
  assert.match(said, /^ConnectError: the REST server makes functions .*--disallow-code-generation-from-strings/)
})
