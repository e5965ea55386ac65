// Goal: SASL/OAUTHBEARER gets its tokens as Java's clients do. Method: a token end point of a few lines, a clock of our own; the real broker takes
// such tokens in test/broker/secured-broker.test.ts. Main thread of a test file.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { oauthTokens } from '../../src/kafka/oauth-token.ts'
import { Authority } from '../support/certificates.ts'
import { TestClock } from '../support/clock.ts'
import { tempFolder } from '../support/temp-folder.ts'

const ENDPOINT = 'sasl.oauthbearer.token.endpoint.url'
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object) => `${part({ alg: 'none' })}.${part(claims)}.`
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

interface Asked {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers each request with the next of `answers`, the last one for ever. */
async function endpoint(t: TestContext, answers: readonly (readonly [status: number, body: string])[], tls?: object) {
  const asked: Asked[] = []
  const serve = tls === undefined ? createServer : (listen: Parameters<typeof createServer>[1]) => createTlsServer(tls, listen)
  const server = serve((request, response) => {
    let body = ''
    request.on('data', chunk => (body += String(chunk)))
    request.on('end', () => {
      asked.push({ headers: request.headers, body })
      const [status, text] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, '']
      response.writeHead(status).end(text)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise(resolve => server.close(resolve)))
  const { port } = server.address() as AddressInfo
  return { asked, props: { [ENDPOINT]: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/token` } }
}

const given = (token: string): [number, string] => [200, JSON.stringify({ access_token: token, expires_in: 10 })]
const login = { clientId: 'me', clientSecret: 's e:c+ret' }

test('client credentials are sent as in RFC 6749, from the JAAS entry', async t => {
  const { asked, props } = await endpoint(t, [given('token')])
  const token = await oauthTokens(props, { ...login, scope: 'a b' })()
  assert.equal(token.value, 'token')
  const [first] = asked
  assert.equal(first?.headers.authorization, `Basic ${Buffer.from('me:s e:c+ret').toString('base64')}`)
  assert.equal(first?.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.equal(first?.body, 'grant_type=client_credentials&scope=a+b')
})

test('the keys of KIP-1139 come before those of the JAAS entry; header.urlencode', async t => {
  const { asked, props } = await endpoint(t, [[200, '{"id_token":"other"}']])
  const own = {
    'sasl.oauthbearer.client.credentials.client.id': 'own',
    'sasl.oauthbearer.client.credentials.client.secret': 's:t',
    'sasl.oauthbearer.scope': 'mine',
    'sasl.oauthbearer.header.urlencode': 'true',
  }
  assert.equal((await oauthTokens({ ...props, ...own }, { ...login, scope: 'x' })()).value, 'other')
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from('own:s%3At').toString('base64')}`)
  assert.equal(asked[0]?.body, 'grant_type=client_credentials&scope=mine')
})

test('an https end point is trusted by the ssl keys of the JAAS entry', async t => {
  const authority = new Authority('Token CA')
  const { key, certificate } = authority.identity('server')
  const { props } = await endpoint(t, [given('token')], { key, cert: certificate })
  const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': join(tempFolder(t), 'ca.pem') }
  writeFileSync(trust['ssl.truststore.location'], authority.certificate)
  await assert.rejects(oauthTokens(props, login)(), /cannot be asked: .*certificate/)
  assert.equal((await oauthTokens(props, { ...login, ...trust })()).value, 'token')
})

test('a token is used for four fifths of its life, by all connections at once', async t => {
  const clock = new TestClock()
  const exp = clock.now() / 1000 + 100
  const { asked, props } = await endpoint(t, [given(jwt({ exp })), given(jwt({ exp: exp + 100 }))])
  const next = oauthTokens(props, login, clock)
  const [a, b] = await Promise.all([next(), next()])
  assert.equal(a?.value, b?.value)
  await clock.advance(79_000)
  assert.equal((await next()).value, a?.value)
  await clock.advance(2_000)
  assert.notEqual((await next()).value, a?.value)
  assert.equal(asked.length, 2)
})

test('a token that is no JWT is asked for each time, and a failure is not kept', async t => {
  const { asked, props } = await endpoint(t, [[503, 'later'], given('opaque')])
  const next = oauthTokens(props, login)
  await assert.rejects(next(), /answered 503/)
  await next()
  await next()
  assert.equal(asked.length, 3)
})

test('what an end point refuses is for the user to mend, its own trouble may pass; its answers are not repeated', async t => {
  for (const [status, body, retriable, words] of [
    [401, 'the secret is s e:c+ret', false, /\/token answered 401$/],
    [502, '', true, /answered 502$/],
    [200, '{"error":"s e:c+ret"}', false, /gave no access_token$/],
    [200, 'no JSON', false, /gave no access_token$/],
  ] as const) {
    const { props } = await endpoint(t, [[status, body]])
    await assert.rejects(oauthTokens(props, login)(), (error: Error & { retriable: boolean }) => {
      assert.match(error.message, words)
      assert.equal(error.retriable, retriable)
      return true
    })
  }
})

test('a file: URL is read anew each time', async t => {
  const file = join(tempFolder(t), 'token')
  const next = oauthTokens({ [ENDPOINT]: pathToFileURL(file).href }, {})
  await assert.rejects(next(), /cannot read the token .*ENOENT/)
  writeFileSync(file, 'one\n')
  assert.equal((await next()).value, 'one')
  writeFileSync(file, 'two')
  assert.equal((await next()).value, 'two')
})

test('unsecured tokens have the claims of the JAAS entry', async () => {
  const clock = new TestClock()
  const { value } = await oauthTokens(
    {},
    {
      unsecuredLoginStringClaim_sub: 'alice',
      unsecuredLoginNumberClaim_age: '7',
      unsecuredLoginListClaim_scope: '|a|b',
      unsecuredLoginLifetimeSeconds: '60',
    },
    clock,
  )()
  const iat = clock.now() / 1000
  assert.deepEqual(claimsOf(value), { sub: 'alice', age: 7, scope: ['a', 'b'], iat, exp: iat + 60 })
})

test('extensions of the JAAS entry go with the token (KIP-342)', async () => {
  const alice = { unsecuredLoginStringClaim_sub: 'alice' }
  const { extensions } = await oauthTokens({}, { ...alice, extension_logicalCluster: 'lkc-1', extension_identityPoolId: 'p' })()
  assert.deepEqual(extensions, { logicalCluster: 'lkc-1', identityPoolId: 'p' })
  for (const name of ['auth', 'a-b', ''])
    assert.throws(() => oauthTokens({}, { ...alice, [`extension_${name}`]: 'x' }), /sasl\.jaas\.config/)
})

test('what can give no token is refused with the key', () => {
  const refused = (props: Record<string, string>, options: Record<string, string>, words: RegExp) =>
    assert.throws(() => oauthTokens(props, options), words)
  refused({}, {}, /sasl\.oauthbearer\.token\.endpoint\.url names who gives one/)
  refused({ [ENDPOINT]: 'nowhere' }, login, /it is no URL/)
  refused({ [ENDPOINT]: 'ftp://a' }, login, /https, http or file/)
  refused({ [ENDPOINT]: 'http://a' }, { clientSecret: 'x' }, /client\.credentials\.client\.id, or the option clientId/)
  refused({ [ENDPOINT]: 'http://a' }, { clientId: 'x' }, /client\.credentials\.client\.secret, or the option clientSecret/)
  refused({ 'sasl.login.callback.handler.class': 'io.strimzi.X' }, login, /io\.strimzi\.X.*does not run here/)
  refused({ 'sasl.oauthbearer.jwt.retriever.class': 'a.B' }, login, /jwt\.retriever\.class: a class of Java/)
  refused({ [ENDPOINT]: 'http://a', 'sasl.login.refresh.window.factor': '2' }, login, /between 0\.5 and 1/)
})
