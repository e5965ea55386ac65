// Goal: Java client properties become connection settings, and a bad one names its key. Method: pure calls, one PEM file.
// Main thread of a test file.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError } from '../../src/base/errors.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Authority } from '../support/certificates.ts'
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
  const store = { 'security.protocol': 'SSL', 'ssl.truststore.location': '/no/such' }
  bad({ ...store, 'ssl.truststore.type': 'BCFKS' }, 'ssl.truststore.type', /BCFKS.*PEM, PKCS12, JKS/)
  bad({ 'security.protocol': 'SSL', 'ssl.enabled.protocols': 'SSLv3' }, 'ssl.enabled.protocols', /SSLv3.*TLSv1\.3/)
  bad({ 'security.protocol': 'SSL', 'ssl.cipher.suites': 'TLS_NOPE' }, 'ssl.cipher.suites', /TLS_NOPE/)
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
  const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  writeFileSync(pem, certificate)
  const tls = (props: Record<string, string>) => clientConfigFrom({ ...server, 'security.protocol': 'SSL', ...props }, 'id').tls
  assert.deepEqual(tls({}), {})
  assert.deepEqual(tls({ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': pem }), { ca: certificate })
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

test('TLS keeps to the protocols and cipher suites that are enabled', () => {
  const { tls } = clientConfigFrom(
    {
      ...server,
      'security.protocol': 'SSL',
      'ssl.enabled.protocols': 'TLSv1.3,TLSv1.2',
      'ssl.cipher.suites': 'TLS_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    },
    'id',
  )
  assert.deepEqual(tls, {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES128-GCM-SHA256',
  })
})

test('PEM on one line, as a properties file with backslashes has it, is made into lines', () => {
  const { certificate } = new Authority('CA')
  for (const separator of ['', ' ']) {
    const tls = clientConfigFrom(
      { ...server, 'security.protocol': 'SSL', 'ssl.truststore.certificates': certificate.trim().split(/\r?\n/).join(separator) },
      'id',
    ).tls
    assert.equal(tls?.ca, `${certificate.trim().replaceAll('\r', '')}\n`)
  }
})

test('what a store file is, is told by its content; a wrong one is named', t => {
  const folder = tempFolder(t)
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const authority = new Authority('CA')
  const trust = (location: string, more: Record<string, string> = {}) => ({
    'security.protocol': 'SSL',
    'ssl.truststore.location': location,
    ...more,
  })
  // keytool writes PKCS12 also where the file is called .jks
  const named = file('trust.jks', authority.trustStore('secret'))
  for (const type of [{}, { 'ssl.truststore.type': 'jks' }, { 'ssl.truststore.type': 'PKCS12' }])
    assert.equal(
      clientConfigFrom({ ...server, ...trust(named, { 'ssl.truststore.password': 'secret', ...type }) }, 'id').tls?.ca?.length,
      1,
    )
  bad(
    trust(named, { 'ssl.truststore.password': 'sesame' }),
    'ssl.truststore.location',
    /trust\.jks.*is ssl\.truststore\.password right/,
  )
  bad(trust(file('a', authority.certificate)), 'ssl.truststore.location', /PEM file: set ssl\.truststore\.type=PEM/)
  bad(trust(named, { 'ssl.truststore.type': 'PEM' }), 'ssl.truststore.location', /trust\.jks: it is no PEM file/)
  bad(trust(file('b', 'what')), 'ssl.truststore.location', /neither a JKS nor a PKCS12 file/)
  bad(trust(file('c', Buffer.from('feedfeed000000020000000100', 'hex'))), 'ssl.truststore.location', /cut off or damaged/)
})
