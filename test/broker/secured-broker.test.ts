// Goal: every way to a broker that wants to know who comes (SASL PLAIN, SCRAM, OAUTHBEARER; TLS with each form of key and trust store) carries a
// source and a sink, and a wrong secret is told without being shown. Method: one real broker with a listener for each protocol; a distributed
// worker whose own clients use SASL_SSL; connectors that override everything. Stores are made by Java's keytool, whose formats they are.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { requireJava } from '../../scripts/kafka/maven.ts'
import { type Broker, ownBroker } from '../support/broker.ts'
import { Authority } from '../support/certificates.ts'
import { ConnectCluster } from '../support/connect-cluster.ts'
import { type Config, create, untilFailed } from '../support/connectors.ts'
import { runJava } from '../support/java.ts'
import { append, linesOf, numbered } from '../support/line-files.ts'
import { uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'pa,ss=w;o\'rd"1'
const STORE_PASSWORD = 'store-Secret-1'
const CLIENT_SECRET = 'client-Secret-2'
const folder = mkdtempSync(join(tmpdir(), 'sluice-secured-'))
const authority = new Authority('Brokers and their callers')
let kafka: Broker
let cluster: ConnectCluster
let tokens: Server

const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const pkcs8 = (key: string) => createPrivateKey(key).export({ type: 'pkcs8', format: 'pem' }).toString()

const server = authority.identity('broker')
const client = authority.identity('worker')
const clientKey = pkcs8(client.key)
const authorityFile = file('ca.pem', authority.certificate)
const serverFile = file('broker.pem', pkcs8(server.key) + server.certificate)

/** Store `name` as keytool makes it of the client's key, or of the authority's certificate. */
function keytool(name: string, type: 'JKS' | 'PKCS12', what: 'key' | 'trust', ...jvm: readonly string[]): string {
  const store = join(folder, name)
  const into = ['-noprompt', '-deststoretype', type]
  const secrets = ['-srcstorepass', STORE_PASSWORD, '-deststorepass', STORE_PASSWORD]
  const from = ['-importkeystore', '-srckeystore', file('client.p12', client.pkcs12(STORE_PASSWORD)), '-srcstoretype', 'PKCS12']
  const trusted = ['-importcert', '-alias', 'ca', '-file', authorityFile, '-keystore', store, '-storetype', type]
  const args =
    what === 'key'
      ? [...from, '-destkeystore', store, ...into, ...secrets]
      : [...trusted, '-noprompt', '-storepass', STORE_PASSWORD]
  execFileSync(requireJava('keytool'), [...jvm, ...args], { stdio: 'pipe' })
  return store
}

const module = (name: string, options: string) => `org.apache.kafka.common.security.${name}LoginModule required ${options};`
const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
const asMe = `username="me" password=${quoted(PASSWORD)}`
const trust: Config = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': authorityFile }

const LISTENERS = { LOGIN: 'SASL_PLAINTEXT', SECRET: 'SASL_SSL', TLS: 'SSL' }
const brokerKeys = (): Config => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': serverFile,
  ...trust,
  'listener.name.tls.ssl.client.auth': 'required',
  // a session is renewed many times in this file (KIP-368)
  'listener.name.login.connections.max.reauth.ms': '2000',
  'listener.name.secret.connections.max.reauth.ms': '5000',
  'listener.name.login.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,OAUTHBEARER',
  'listener.name.login.plain.sasl.jaas.config': module('plain.Plain', `user_me=${quoted(PASSWORD)}`),
  'listener.name.login.scram-sha-256.sasl.jaas.config': module('scram.Scram', ''),
  'listener.name.login.oauthbearer.sasl.jaas.config': module('oauthbearer.OAuthBearer', 'unsecuredLoginStringClaim_sub="broker"'),
  'listener.name.secret.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'listener.name.secret.scram-sha-512.sasl.jaas.config': module('scram.Scram', ''),
})

/** Gives everybody who knows the client secret a token of a kind that the broker takes. */
function tokenEndpoint(): Server {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return createServer((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${Buffer.from(`me:${CLIENT_SECRET}`).toString('base64')}`
    const iat = Math.floor(Date.now() / 1000)
    const token = `${part({ alg: 'none' })}.${part({ sub: 'me', iat, exp: iat + 600 })}.`
    request.resume()
    response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ access_token: token }))
  })
}

before(async () => {
  kafka = await ownBroker({ listeners: LISTENERS, config: brokerKeys() })
  await runJava(new URL('java/ScramUsers.java', import.meta.url), [kafka.bootstrap, 'me', PASSWORD])
  tokens = tokenEndpoint()
  await new Promise<void>(resolve => tokens.listen(0, '127.0.0.1', resolve))
  cluster = new ConnectCluster({
    bootstrap: kafka.bootstrapOf('SECRET'),
    worker: {
      ...trust,
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': module('scram.Scram', asMe),
    },
  })
  await cluster.add('sluice')
})
after(async () => {
  await cluster?.stop()
  await new Promise(resolve => tokens?.close(resolve))
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const sasl = (mechanism: string, jaas: string, more: Config = {}): Config => ({
  'bootstrap.servers': kafka.bootstrapOf('LOGIN'),
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': mechanism,
  'sasl.jaas.config': jaas,
  ...more,
})
const tls = (stores: Config): Config => ({ 'bootstrap.servers': kafka.bootstrapOf('TLS'), 'security.protocol': 'SSL', ...stores })
const bearer = (secret: string) =>
  sasl('OAUTHBEARER', module('oauthbearer.OAuthBearer', `clientId="me" clientSecret="${secret}"`), {
    'sasl.login.callback.handler.class': 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler',
    'sasl.oauthbearer.token.endpoint.url': `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
  })
/** As java.util.Properties makes it of lines that end in backslashes. */
const inOneLine = (pem: string) => pem.trim().split(/\r?\n/).join(' ')
const stores = (key: string, trusted: string, type = 'JKS'): Config => ({
  'ssl.keystore.location': key,
  'ssl.keystore.password': STORE_PASSWORD,
  'ssl.key.password': STORE_PASSWORD,
  'ssl.truststore.location': trusted,
  'ssl.truststore.password': STORE_PASSWORD,
  'ssl.keystore.type': type,
  'ssl.truststore.type': type,
})

const WAYS: Readonly<Record<string, () => Config>> = {
  'SASL PLAIN': () => sasl('PLAIN', module('plain.Plain', asMe)),
  'SASL SCRAM-SHA-256': () => sasl('SCRAM-SHA-256', module('scram.Scram', asMe)),
  'SASL OAUTHBEARER, unsecured, with an extension': () =>
    sasl('OAUTHBEARER', module('oauthbearer.OAuthBearer', 'unsecuredLoginStringClaim_sub="me" extension_cluster="c1"')),
  'SASL OAUTHBEARER, client credentials': () => bearer(CLIENT_SECRET),
  'TLS, PEM files': () =>
    tls({ ...trust, 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': file('client.pem', clientKey + client.certificate) }),
  'TLS, PEM in the config, each in one line': () =>
    tls({
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': inOneLine(clientKey),
      'ssl.keystore.certificate.chain': inOneLine(client.certificate),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': inOneLine(authority.certificate),
    }),
  'TLS, JKS': () => tls(stores(keytool('key.jks', 'JKS', 'key'), keytool('trust.jks', 'JKS', 'trust'))),
  'TLS, PKCS12': () => tls(stores(keytool('key.p12', 'PKCS12', 'key'), keytool('trust.p12', 'PKCS12', 'trust'), 'PKCS12')),
  'TLS, PKCS12 as Java before 17 wrote it, under the type JKS': () => {
    const legacy = '-J-Dkeystore.pkcs12.legacy'
    return tls(stores(keytool('old-key.jks', 'PKCS12', 'key', legacy), keytool('old-trust.jks', 'PKCS12', 'trust', legacy)))
  },
}

const below = (prefix: string, keys: Config): Config =>
  Object.fromEntries(Object.entries(keys).map(([name, value]) => [`${prefix}.override.${name}`, value]))

const worker = () => cluster.members[0] ?? assert.fail('no worker')

for (const [name, keys] of Object.entries(WAYS))
  test(`a source, its new topic and a sink go by ${name}`, async () => {
    const topic = uniqueName('secured')
    const [input, output] = [join(folder, `${topic}.in`), join(folder, `${topic}.out`)]
    append(input, 0, 50)
    const way = keys()
    const source: Config = {
      'connector.class': 'FileStreamSource',
      file: input,
      topic,
      'topic.creation.default.replication.factor': '1',
      'topic.creation.default.partitions': '1',
      ...below('producer', way),
      ...below('admin', way),
    }
    const sink: Config = { 'connector.class': 'FileStreamSink', file: output, topics: topic, ...below('consumer', way) }
    for (const [stem, config] of [
      ['source', source],
      ['sink', sink],
    ] as const)
      assert.equal(await cluster.put(`${stem}-${topic}`, config), 201)
    await until(() => linesOf(output).length >= 50)
    append(input, 50, 100)
    await until(() => linesOf(output).length >= 100)
    assert.deepEqual(linesOf(output), numbered(0, 100))
    for (const stem of ['source', 'sink']) await cluster.rest(`/connectors/${stem}-${topic}`, 'DELETE')
  })

const WRONG: Readonly<Record<string, readonly [keys: () => Config, trace: RegExp]>> = {
  'a wrong password': [
    () => sasl('PLAIN', module('plain.Plain', 'username="me" password="wrong-Secret-3"')),
    /SASL PLAIN authentication failed/,
  ],
  'a wrong client secret': [() => bearer('wrong-Secret-3'), /token end point .*\/token answered 401/],
  'a wrong password of a store': [
    () => tls({ ...stores(join(folder, 'key.jks'), join(folder, 'trust.jks')), 'ssl.truststore.password': 'wrong-Secret-3' }),
    /ssl\.truststore\.location .*trust\.jks: the password is wrong.*is ssl\.truststore\.password right/,
  ],
  'a certificate that nobody vouches for': [() => tls({}), /certificate/],
  'a mechanism that is not there': [
    () => sasl('GSSAPI', module('plain.Plain', asMe)),
    /GSSAPI.*PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER/,
  ],
}

for (const [what, [keys, trace]] of Object.entries(WRONG))
  test(`${what} fails the task with the reason, and no secret is told`, async () => {
    const name = uniqueName('wrong')
    const config = { 'connector.class': 'FileStreamSink', file: join(folder, name), topics: name, ...below('consumer', keys()) }
    assert.equal((await create(worker(), name, config)).status, 201)
    const told = await untilFailed(worker(), name)
    assert.match(told, trace)
    assert.doesNotMatch(told, /Secret/)
    await cluster.rest(`/connectors/${name}`, 'DELETE')
  })

test('the log of all this has no secret', () => {
  const log = worker().logs()
  assert.ok(log.length > 1000)
  for (const secret of [PASSWORD, STORE_PASSWORD, CLIENT_SECRET, 'wrong-Secret-3']) assert.ok(!log.includes(secret), secret)
})
