// Requests that another worker must answer, over two and three real HTTP servers: what is sent on, how often, and what is refused. Internal
// requests: that the very bytes reach whoever checks their signature.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { WrongWorkerError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import { workerClientTls } from '../../src/cli/rest-tls.ts'
import { createRestApp } from '../../src/rest/app.ts'
import type { ClusterDoor, RestContext } from '../../src/rest/resource.ts'
import type { SessionKey } from '../../src/store/cluster-config.ts'
import { checkSignature } from '../../src/supervisor/distributed/request-signature.ts'
import { WorkerClient } from '../../src/supervisor/distributed/worker-client.ts'
import type { Herder } from '../../src/supervisor/herder.ts'
import { config, setUp } from '../supervisor/fake-worker.ts'

const apps: { close(): Promise<unknown> }[] = []
after(() => Promise.all(apps.map(app => app.close())))

const client = new WorkerClient({ tls: workerClientTls({}), clock: systemClock, algorithm: 'HmacSHA256' })

interface Listening {
  readonly url: string
  readonly lines: string[]
}

/** A worker whose herder is `herder` laid over a standalone one. */
async function listening(herder: Partial<Herder> | null, door: Partial<ClusterDoor> = {}): Promise<Listening> {
  const setup = setUp()
  const real = setup.herder
  const changed = new Proxy(real, {
    get(target, name) {
      const own = herder?.[name as keyof Herder]
      if (own !== undefined) return own
      const value = target[name as keyof typeof target] as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const refuse = () => Promise.reject(new Error('not asked'))
  const context: RestContext = {
    herder: changed,
    previews: setup.previews,
    clock: systemClock,
    version: '0.1.0',
    topicTracking: { enabled: true, allowReset: true },
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    cluster: { send: (url, request) => client.send(url, request), putTaskConfigs: refuse, fence: refuse, ...door },
  }
  const app = createRestApp({ log: { requests: silentLogger, errors: silentLogger }, context: () => context })
  const lines: string[] = []
  app.addHook('onRequest', async request => {
    lines.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${request.headers['x-other'] ?? '-'}`)
  })
  apps.push(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`, lines }
}

/** What must go to the worker at `url`. */
function elsewhere(url: string | null): Partial<Herder> {
  const refuse = () => Promise.reject(new WrongWorkerError('Only the leader can do that', url))
  return { putConfig: refuse, deleteConnector: refuse, restartConnector: refuse, restartParts: refuse, patchConfig: refuse }
}

async function call(url: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const payload = body === undefined ? null : JSON.stringify(body)
  const answer = await fetch(url.replace(/\/$/, '') + path, { method, headers: { ...type, ...headers }, body: payload })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : JSON.parse(text), location: answer.headers.get('location') }
}

describe('a request for another worker', () => {
  it('is sent on with body and Authorization only; status, body and a Location of the worker asked come back', async () => {
    const leader = await listening(null)
    const follower = await listening(elsewhere(leader.url))
    const created = await call(
      follower.url,
      'POST',
      '/connectors',
      { name: 'a b', config: config('a b') },
      {
        authorization: 'Basic eDp5',
        'x-other': '1',
      },
    )
    assert.equal(created.status, 201)
    assert.equal(created.body.name, 'a b')
    assert.equal(created.location, `${follower.url}connectors/a%20b`)
    assert.deepEqual(leader.lines, ['POST /connectors?forward=true Basic eDp5 -'])
    assert.equal((await call(follower.url, 'DELETE', '/connectors/a%20b')).status, 204)
    const missing = await call(follower.url, 'PATCH', '/connectors/x%3Fy/config', { a: '1' })
    assert.deepEqual(missing, {
      status: 404,
      body: { error_code: 404, message: 'Connector x?y not found' },
      location: null,
    })
  })

  it('keeps its query, and goes over two hops but not three', async () => {
    const owner = await listening(null)
    const leader = await listening(elsewhere(owner.url))
    const follower = await listening(elsewhere(leader.url))
    const path = '/connectors/c/restart?includeTasks=true&onlyFailed=false'
    assert.equal((await call(follower.url, 'POST', path)).status, 404)
    assert.deepEqual(owner.lines, [`POST ${path}&forward=false - -`])
    const lost = await listening(elsewhere(follower.url))
    const refused = await call(lost.url, 'POST', path)
    assert.deepEqual(refused.body, {
      error_code: 409,
      message: 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
    })
  })

  it('is refused with 409 where nobody knows who must answer', async () => {
    const worker = await listening(elsewhere(null))
    const { status, body } = await call(worker.url, 'DELETE', '/connectors/c')
    assert.equal(status, 409)
    assert.match(body.message, /no known leader URL/)
  })

  it('fails with 500 when the worker that must answer is not there', async () => {
    const worker = await listening(elsewhere('http://127.0.0.1:1/'))
    const { status, body } = await call(worker.url, 'DELETE', '/connectors/c')
    assert.equal(status, 500)
    assert.match(body.message, /IO Error trying to forward REST request/)
  })
})

/** As `call`, with the path as it stands: fetch makes another one of `..` and `\\`. */
async function callAsWritten(url: string, method: string, path: string): Promise<IncomingMessage> {
  const sent = httpRequest(url, { method, path, agent: false }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return answer.resume()
}

describe('a path that other readers take for another one', () => {
  it('is sent on as it came', async () => {
    const leader = await listening({ deleteConnector: async () => undefined })
    const follower = await listening(elsewhere(leader.url))
    const paths = ['/connectors/c\\offsets', '/connectors/..', '/connectors/%2E', '/connectors/a%2F..%2Fb?x=1']
    for (const path of paths) assert.equal((await callAsWritten(follower.url, 'DELETE', path)).statusCode, 204, path)
    assert.deepEqual(leader.lines, [
      'DELETE /connectors/c\\offsets?forward=true - -',
      'DELETE /connectors/..?forward=true - -',
      'DELETE /connectors/%2E?forward=true - -',
      'DELETE /connectors/a%2F..%2Fb?x=1&forward=true - -',
    ])
  })

  it('is that of the same connector for a follower and the Location that it tells', async () => {
    const leader = await listening(null)
    const follower = await listening(elsewhere(leader.url))
    const created = await call(follower.url, 'POST', '/connectors', { name: '..', config: config('..') })
    assert.equal(created.status, 201)
    assert.equal(created.location, `${follower.url}connectors/..`)
    assert.equal((await callAsWritten(leader.url, 'GET', '/connectors/%2E%2E')).statusCode, 200)
  })
})

describe('requests between workers', () => {
  it('carry a signature of the very bytes of their body', async () => {
    const key: SessionKey = { key: Buffer.from('0123456789abcdef0123456789abcdef'), algorithm: 'HmacSHA256', createdAtMs: 0 }
    const got: unknown[] = []
    const leader = await listening(null, {
      async putTaskConfigs(connector, tasks, request) {
        checkSignature(request, key, ['HmacSHA256'])
        got.push([connector, tasks()])
      },
      async fence(connector, request) {
        checkSignature(request, key, ['HmacSHA256'])
        got.push(connector)
      },
    })
    await client.putTaskConfigs(leader.url, 'a/ü', [{ text: 'ü "\u2028', n: '1' }], key)
    await client.fence(leader.url, 'a/ü', key)
    assert.deepEqual(got, [['a/ü', [{ text: 'ü "\u2028', n: '1' }]], 'a/ü'])
    await client.fence(leader.url, '..', key)
    assert.equal(got.at(-1), '..')
    const other = { ...key, key: Buffer.alloc(32) }
    await assert.rejects(client.fence(leader.url, 'c', other), { code: 'CONNECT_WORKER_REFUSED', status: 403 })
    await assert.rejects(client.putTaskConfigs(leader.url, 'c', [], null), {
      code: 'CONNECT_WORKER_REFUSED',
      status: 400,
      message: 'Internal request missing required signature',
    })
  })
})
