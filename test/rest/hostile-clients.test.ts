// What clients may do to the REST thread over real sockets: none of it ends or blocks it, and each gets an answer in the form of every
// error.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { silentLogger } from '../../src/base/log.ts'
import { BODY_BYTES_MAX, createRestApp } from '../../src/rest/app.ts'
import { config, type Setup, setUp } from '../supervisor/fake-worker.ts'

let app: FastifyInstance
let setup: Setup
let port = 0

before(async () => {
  setup = setUp()
  const context = {
    herder: setup.herder,
    previews: setup.previews,
    clock: setup.clock,
    version: '0.1.0',
    topicTracking: { enabled: true, allowReset: true },
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  }
  app = createRestApp({ log: { requests: silentLogger, errors: silentLogger }, context: () => context })
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as { port: number }).port
})
after(() => app.close())

/** Writes the pieces as they are, and settles with all that came back when the server closes. */
function raw(...pieces: (string | Buffer)[]): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', data => (answer += data.toString()))
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
    for (const piece of pieces) socket.write(piece)
  })
}

const url = (path: string) => `http://127.0.0.1:${port}${path}`
const json = { 'content-type': 'application/json' }
const isWell = async () => assert.equal((await fetch(url('/'))).status, 200)

async function refused(answer: Response, status: number): Promise<void> {
  const body = (await answer.json()) as { error_code: number }
  assert.equal(answer.status, status)
  assert.equal(body.error_code, status)
  await isWell()
}

describe('a body that is too large', () => {
  it('is refused by its length before it is read', async () => {
    const head = `POST /connectors HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${BODY_BYTES_MAX + 1}\r\n\r\n`
    assert.match(await raw(head), /^HTTP\/1\.1 413 .*"error_code":413/s)
    await isWell()
  })

  it('is refused while it comes in chunks without a length', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(chunk)
      },
    })
    const sent = fetch(url('/connectors'), { method: 'POST', headers: json, body: stream, duplex: 'half' } as RequestInit)
    const status = await sent.then(
      answer => answer.status,
      // the server closes while the client still writes
      () => 413,
    )
    assert.equal(status, 413)
    await isWell()
  })
})

describe('a head that makes no sense', () => {
  for (const path of ['/connectors/%', '/connectors/%zz', '/connectors/%E4%A', '/%']) {
    it(`bad percent-encoding ${path} is a 400`, async () => {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 400 .*"error_code":400/s)
      await isWell()
    })
  }

  for (const method of ['OPTIONS', 'GET']) {
    it(`${method} * is not the root`, async () => {
      const answer = await raw(`${method} * HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 404 .*"error_code":404/s)
      await isWell()
    })
  }

  it('a request as to a proxy has its path, in which a fixed part must stand as it is', async () => {
    const get = (path: string) => raw(`GET http://h${path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`)
    assert.match(await get('/connectors;a'), /^HTTP\/1\.1 200 /)
    assert.match(await get('/connectors?%63'), /^HTTP\/1\.1 200 /)
    assert.match(await get('/%63onnectors'), /^HTTP\/1\.1 404 /)
  })

  it('bad percent-encoding in a query is text like any other', async () => {
    assert.equal((await fetch(url('/connectors?expand=%zz'))).status, 200)
  })

  it('a flood of headers is a 431', async () => {
    const flood = Array.from({ length: 2_000 }, (_, i) => `x-${i}: ${'y'.repeat(100)}\r\n`).join('')
    assert.match(await raw(`GET / HTTP/1.1\r\nhost: h\r\n${flood}\r\n`), /^HTTP\/1\.1 431 .*"error_code":431/s)
    await isWell()
  })

  it('no HTTP at all is a 400', async () => {
    assert.match(await raw('\x16\x03\x01 hello\r\n\r\n'), /^HTTP\/1\.1 400 .*"error_code":400/s)
    await isWell()
  })

  it('a query of a thousand parameters and a name of many kilobytes are only a query and a name', async () => {
    assert.equal((await fetch(url(`/connectors?${'expand=info&'.repeat(1_000)}`))).status, 200)
    await refused(await fetch(url(`/connectors/${'a'.repeat(8_000)}`)), 404)
  })
})

describe('JSON made to hurt', () => {
  it('nesting of a hundred thousand levels is refused', async () => {
    const body = `{"name":"x","config":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`
    await refused(await fetch(url('/connectors'), { method: 'POST', headers: json, body }), 500)
  })

  it('more values than a worker takes are a 413', async () => {
    const body = `{"a":[${'1,'.repeat(100_000)}1]}`
    await refused(await fetch(url('/connectors/p/config'), { method: 'PUT', headers: json, body }), 413)
  })

  it('bytes that are no UTF-8 are refused, and nothing is stored', async () => {
    const text = JSON.stringify({ ...config('bytes'), a: '?' })
    const body = Buffer.from(text)
    body[body.lastIndexOf('?')] = 0xff
    await refused(await fetch(url('/connectors/bytes/config'), { method: 'PUT', headers: json, body }), 500)
    assert.equal((await fetch(url('/connectors/bytes'))).status, 404)
  })

  it('a byte order mark before the JSON is passed over', async () => {
    const body = `\ufeff${JSON.stringify({ name: 'marked', config: config('marked') })}`
    assert.equal((await fetch(url('/connectors'), { method: 'POST', headers: json, body })).status, 201)
  })

  it('__proto__ is a key like any other', async () => {
    const body = '{"__proto__":{"x":"y"},"connector.class":"org.example.Sink"}'
    const answer = await fetch(url('/connectors/p/config'), { method: 'PUT', headers: json, body })
    assert.equal(answer.status, 500)
    assert.equal(({} as Record<string, unknown>).x, undefined)
    await isWell()
  })
})

describe('clients that are slow or go away', () => {
  it('half a request holds a socket and nothing else; both timeouts are set', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /connectors HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"na')
    await isWell()
    assert.ok(app.server.headersTimeout > 0 && app.server.headersTimeout <= 60_000)
    assert.ok(app.server.requestTimeout > 0)
    socket.destroy()
    await isWell()
  })

  it('a client that leaves while its request waits changes nothing', async () => {
    const leaving = new AbortController()
    setup.cast.onStart.set('gone', () => new Promise(() => undefined))
    const sent = fetch(url('/connectors/gone/config'), {
      method: 'PUT',
      headers: json,
      body: JSON.stringify(config('gone')),
      signal: leaving.signal,
    })
    setTimeout(() => leaving.abort(), 50)
    await assert.rejects(sent)
    await isWell()
  })
})

describe('one name created and deleted by many at the same time', () => {
  it('ends with at most one connector thread, and with what the list says', async () => {
    const body = JSON.stringify({ name: 'race', config: config('race') })
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const request =
          i % 2 === 0
            ? { path: '/connectors', method: 'POST', body, headers: json }
            : { path: '/connectors/race', method: 'DELETE' }
        const { path, ...init } = request
        return (await fetch(url(path), init)).status
      }),
    )
    assert.deepEqual(
      statuses.filter(status => ![201, 204, 404, 409].includes(status)),
      [],
    )
    const names = (await (await fetch(url('/connectors'))).json()) as string[]
    assert.equal(setup.worker.hasConnector('race'), names.includes('race'))
    assert.deepEqual(setup.bugs, [])
    await isWell()
  })
})
