// Calls to another worker over https that fail: the user is told which worker, why, and which key to look at, on which side; nobody's password.
// Real servers of node:https on ports of 127.0.0.1, certificates of our own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { systemClock } from '../../../src/base/clock.ts'
import { workerClientTls } from '../../../src/cli/rest-tls.ts'
import { WorkerClient } from '../../../src/supervisor/distributed/worker-client.ts'
import { Authority } from '../../support/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-worker-tls-'))
const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

const authority = new Authority('Test CA')
const stranger = new Authority('Another CA')
const { key, certificate: cert } = authority.identity('leader')
const trust = { 'ssl.truststore.certificates': authority.certificate, 'ssl.truststore.type': 'PEM' }

function file(name: string, content: Buffer | string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function listening(server: Server, scheme = 'https'): Promise<string> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const leader = (options: ServerOptions = {}) =>
  listening(createServer({ key, cert, ...options }, (_, answer) => answer.end('{}')))

const client = (props: Record<string, string>) =>
  new WorkerClient({ tls: workerClientTls(props), clock: systemClock, algorithm: 'HmacSHA256' })

const get = (url: string, props: Record<string, string>) =>
  client(props).send(url, { method: 'GET', path: '/connectors', body: null })

/** What the user reads. */
async function reason(url: string, props: Record<string, string>): Promise<string> {
  const message = await get(url, props).then(
    ({ status }) => `answered ${status}`,
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'CONNECT_WORKER_UNREACHABLE')
      return error.message
    },
  )
  assert.ok(message.startsWith(`IO Error trying to forward REST request: GET ${url}connectors: `), message)
  return message
}

describe('a worker over https', () => {
  it('is reached with the trust store of the worker, or with that of its listeners, which alone counts then', async () => {
    const url = await leader()
    assert.equal((await get(url, trust)).status, 200)
    const own = { 'listeners.https.ssl.truststore.certificates': authority.certificate }
    const other = { 'ssl.truststore.certificates': stranger.certificate }
    assert.equal((await get(url, { ...other, ...own })).status, 200)
    assert.match(
      await reason(url, { ...trust, 'listeners.https.ssl.protocol': 'TLS' }),
      /listeners\.https\.ssl\.truststore\.location/,
    )
  })

  it('is shown a certificate where it asks for one', async () => {
    const url = await leader({ requestCert: true, rejectUnauthorized: true, ca: authority.certificate })
    const store = (name: string, from: Authority) => ({
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': file(`${name}.p12`, from.identity(name).pkcs12('hunter2')),
      'ssl.keystore.password': 'hunter2',
    })
    assert.equal((await get(url, { ...trust, ...store('follower', authority) })).status, 200)
    for (const props of [trust, { ...trust, ...store('stranger', stranger) }])
      assert.match(await reason(url, props), /127\.0\.0\.1:\d+ (closed the connection|does not accept).* ssl\.keystore\.location/)
    const wrong = await reason(url, { ...trust, ...store('follower', authority), 'ssl.keystore.password': 'sesame' })
    assert.match(
      wrong,
      /this worker cannot speak https.*ssl\.keystore\.location .*follower\.p12: mac verify failure; is ssl\.keystore\.password right/,
    )
    assert.doesNotMatch(wrong, /sesame/)
  })

  it('keeps to the protocols that are enabled', async () => {
    const url = await leader({ minVersion: 'TLSv1.3' })
    assert.equal((await get(url, trust)).status, 200)
    assert.match(await reason(url, { ...trust, 'ssl.enabled.protocols': 'TLSv1.2' }), /TLS with 127.*ssl\.enabled\.protocols/)
  })
})

describe('why a worker over https cannot be reached', () => {
  it('its authority is not trusted', async () => {
    const url = await leader()
    const message =
      /does not trust the certificate of 127\.0\.0\.1:\d+ \(.*\).* ssl\.truststore\.location or ssl\.truststore\.certificates$/
    assert.match(await reason(url, {}), message)
    assert.match(await reason(url, { 'ssl.truststore.certificates': stranger.certificate }), message)
  })

  it('its certificate is for another host, which may be allowed', async () => {
    const { key, certificate: cert } = authority.identity('elsewhere', 'elsewhere.example')
    const far = await leader({ key, cert })
    assert.match(
      await reason(far, trust),
      /certificate of 127\.0\.0\.1:\d+ is for another host .*rest\.advertised\.host\.name there/,
    )
    assert.equal((await get(far, { ...trust, 'ssl.endpoint.identification.algorithm': '' })).status, 200)
  })

  it('it speaks http, or is called by http where it speaks https', async () => {
    const plain = await listening(createHttpServer((_, answer) => answer.end()))
    assert.match(
      await reason(plain, trust),
      /127\.0\.0\.1:\d+ speaks no TLS \(wrong version number\).*listeners and rest\.advertised\.\* there/,
    )
    const secure = (await leader()).replace('https:', 'http:')
    assert.match(await reason(secure, trust), /rest\.advertised\.listener=https is missing on 127\.0\.0\.1:\d+/)
  })

  it('this worker has a trust store that cannot be read, which no call by http minds', async () => {
    const props = { 'ssl.truststore.location': file('old.jks', 'x'), 'ssl.truststore.password': 'sesame' }
    assert.match(
      await reason(await leader(), props),
      /this worker cannot speak https.*ssl\.truststore\.location .*old\.jks: it is neither a JKS nor a PKCS12 file/,
    )
    const plain = await listening(
      createHttpServer((_, answer) => answer.end()),
      'http',
    )
    assert.equal((await get(plain, props)).status, 200)
  })
})
