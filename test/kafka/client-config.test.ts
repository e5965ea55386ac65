// Goal: Java client properties become connection settings, and a bad one names its key. Method: pure calls, one PEM file.
// Main thread of a test file.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError } from '../../src/base/errors.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { tempFolder } from '../support/temp-folder.ts'

const server = { 'bootstrap.servers': 'a:9092' }
const bad = (props: Record<string, string>, key: string, text: RegExp) =>
  assert.throws(
    () => clientConfigFrom({ ...server, ...props }, 'id'),
    (error: unknown) => error instanceof ConfigError && error.key === key && text.test(error.message),
    `${key} ${text}`,
  )

test("Java's defaults stand where nothing is given", () => {
  assert.deepEqual(clientConfigFrom({ 'bootstrap.servers': ' a:9092, PLAINTEXT://[::1]:9093 ,' }, 'me'), {
    bootstrapServers: ['a:9092', '[::1]:9093'],
    clientId: 'me',
    tls: null,
    sasl: null,
    requestTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    metadataMaxAgeMs: 300_000,
  })
  const config = clientConfigFrom({ ...server, 'client.id': 'mine', 'request.timeout.ms': '5' }, 'me')
  assert.equal(config.clientId, 'mine')
  assert.equal(config.requestTimeoutMs, 5)
})

test('a bad value names its key', () => {
  assert.throws(() => clientConfigFrom({}, 'id'), /Missing required configuration "bootstrap.servers"/)
  bad({ 'bootstrap.servers': 'nowhere' }, 'bootstrap.servers', /Invalid url in bootstrap.servers: nowhere/)
  bad({ 'bootstrap.servers': 'a:99999' }, 'bootstrap.servers', /a:99999/)
  bad(
    { 'request.timeout.ms': 'soon' },
    'request.timeout.ms',
    /Invalid value soon for configuration request.timeout.ms: Not a number of type INT/,
  )
  bad({ 'retry.backoff.ms': '-1' }, 'retry.backoff.ms', /at least 0/)
  bad({ 'security.protocol': 'SSH' }, 'security.protocol', /Invalid value SSH/)
  bad({ 'security.protocol': 'SASL_SSL' }, 'sasl.mechanism', /GSSAPI.*supported here/)
  bad({ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN' }, 'sasl.jaas.config', /missing/)
  bad(
    { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': 'nonsense' },
    'sasl.jaas.config',
    /form/,
  )
  bad(
    { 'security.protocol': 'SSL', 'ssl.truststore.location': '/no/such', 'ssl.truststore.type': 'PEM' },
    'ssl.truststore.location',
    /cannot read/,
  )
  bad({ 'security.protocol': 'SSL', 'ssl.truststore.location': '/no/such.jks' }, 'ssl.truststore.type', /JKS.*keytool/)
})

test('user and password come out of a JAAS entry, quotes and escapes included', () => {
  const sasl = (mechanism: string, module: string, options: string) =>
    clientConfigFrom(
      {
        ...server,
        'security.protocol': 'SASL_PLAINTEXT',
        'sasl.mechanism': mechanism,
        'sasl.jaas.config': `org.x.${module} required ${options}`,
      },
      'id',
    ).sasl
  assert.deepEqual(sasl('PLAIN', 'PlainLoginModule', 'username="a b" password="p;\\"q\\\\";'), {
    mechanism: 'plain',
    username: 'a b',
    password: 'p;"q\\',
  })
  assert.deepEqual(sasl('SCRAM-SHA-512', 'ScramLoginModule', "username=u\n password='p=1' ;"), {
    mechanism: 'scram-sha-512',
    username: 'u',
    password: 'p=1',
  })
  assert.throws(() => sasl('PLAIN', 'ScramLoginModule', 'username="a" password="b";'), /needs PlainLoginModule/)
  assert.equal(sasl('OAUTHBEARER', 'OAuthBearerLoginModule', 'unsecuredLoginStringClaim_sub="alice";')?.mechanism, 'oauthbearer')
})

test('TLS takes PEM from files and from the properties, and can be told not to check the host', t => {
  const folder = tempFolder(t)
  const pem = join(folder, 'ca.pem')
  writeFileSync(pem, 'CA')
  const tls = (props: Record<string, string>) => clientConfigFrom({ ...server, 'security.protocol': 'SSL', ...props }, 'id').tls
  assert.deepEqual(tls({}), {})
  assert.deepEqual(tls({ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': pem }), { ca: 'CA' })
  assert.deepEqual(
    tls({
      'ssl.truststore.certificates': 'X',
      'ssl.keystore.certificate.chain': 'C',
      'ssl.keystore.key': 'K',
      'ssl.key.password': 'P',
    }),
    { ca: 'X', cert: 'C', key: 'K', passphrase: 'P' },
  )
  assert.equal(tls({ 'ssl.endpoint.identification.algorithm': '' })?.checkServerIdentity?.('a', {} as never), undefined)
})
