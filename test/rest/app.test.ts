// The REST API over the real herder on fake actors: status codes, bodies and headers as CONNECT.md section 1 has them from Java.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import { BODY_BYTES_MAX, createRestApp } from '../../src/rest/app.ts'
import type { RestContext } from '../../src/rest/resource.ts'
import { config, type Setup, SINK, SOURCE, setUp } from '../supervisor/fake-worker.ts'
import { settle } from '../support/clock.ts'

interface Answered {
  readonly status: number
  readonly body: unknown
  readonly text: string
  readonly headers: Record<string, unknown>
}

interface Rest extends Setup {
  call(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
}

function rest(change: Partial<RestContext> = {}): Rest {
  const setup = setUp()
  const context: RestContext = {
    herder: setup.herder,
    previews: setup.previews,
    clock: setup.clock,
    version: '0.1.0',
    topicTracking: { enabled: true, allowReset: true },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'kafka_connect_x 1\n' }),
    ...change,
  }
  const app = createRestApp({ log: { requests: silentLogger, errors: silentLogger }, context: () => context })
  return {
    ...setup,
    async call(method, url, body, headers = {}) {
      const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      const type = payload === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: { host: 'h:8083', ...type, ...headers },
        ...(payload === undefined ? {} : { payload }),
      })
      const isJson = String(answer.headers['content-type']).startsWith('application/json')
      return {
        status: answer.statusCode,
        text: answer.body,
        body: isJson && answer.body !== '' ? JSON.parse(answer.body) : answer.body,
        headers: answer.headers,
      }
    },
  }
}

async function withConnector(): Promise<Rest> {
  const r = rest()
  await r.call('POST', '/connectors', { name: 'c', config: config('c') })
  await settle()
  return r
}

const error = (code: number, message: string) => ({ error_code: code, message })

describe('the worker', () => {
  it('GET / tells version, commit and cluster', async () => {
    const { status, body, headers } = await rest().call('GET', '/')
    assert.equal(status, 200)
    assert.deepEqual(body, { version: '0.1.0', commit: 'unknown', kafka_cluster_id: 'cluster' })
    assert.equal(headers['content-type'], 'application/json')
  })

  it('GET /health', async () => {
    const { status, body } = await rest().call('GET', '/health')
    assert.equal(status, 200)
    assert.equal((body as { status: string }).status, 'healthy')
  })

  it('answers 503 to everything while it starts', async () => {
    const app = createRestApp({ log: { requests: silentLogger, errors: silentLogger }, context: () => null })
    const health = await app.inject({ url: '/health' })
    assert.equal(health.statusCode, 503)
    assert.equal(health.json().status, 'starting')
    const list = await app.inject({ url: '/connectors' })
    assert.equal(list.statusCode, 503)
    assert.equal(list.json().error_code, 503)
  })

  it('GET /metrics is text for Prometheus, whatever it accepts', async () => {
    const { status, text, headers } = await rest().call('GET', '/metrics', undefined, { accept: 'text/plain' })
    assert.equal(status, 200)
    assert.equal(text, 'kafka_connect_x 1\n')
    assert.match(String(headers['content-type']), /^text\/plain/)
  })

  it('loggers: read, set, unknown logger or level 404, no level 400', async () => {
    const { call } = rest()
    assert.ok('root' in ((await call('GET', '/admin/loggers')).body as object))
    assert.equal((await call('GET', '/admin/loggers/org.example')).status, 404)
    assert.equal((await call('PUT', '/admin/loggers/root', { level: 'NOPE' })).status, 404)
    assert.equal((await call('PUT', '/admin/loggers/root', {})).status, 400)
    assert.ok(((await call('PUT', '/admin/loggers/root', { level: 'debug' })).body as string[]).includes('root'))
    assert.equal((await call('PUT', '/admin/loggers/root?scope=cluster', { level: 'info' })).status, 204)
    assert.equal((await call('GET', '/admin/loggers/ROOT')).status, 200)
    assert.equal((await call('PUT', '/admin/loggers/org.example', { level: ' WARN ' })).status, 200)
    assert.equal(((await call('GET', '/admin/loggers/org.example')).body as { level: string }).level, 'WARN')
  })
})

describe('what is refused before any resource', () => {
  const cases: [
    what: string,
    method: string,
    url: string,
    body: unknown,
    headers: Record<string, string>,
    status: number,
    message: RegExp,
  ][] = [
    ['unknown path', 'GET', '/nope', undefined, {}, 404, /HTTP 404 Not Found/],
    ['wrong verb', 'DELETE', '/connectors', undefined, {}, 405, /HTTP 405 Method Not Allowed/],
    ['wrong verb below', 'GET', '/connectors/c/pause', undefined, {}, 405, /HTTP 405/],
    ['no JSON body', 'POST', '/connectors', 'name=c', { 'content-type': 'text/plain' }, 415, /HTTP 415 Unsupported Media Type/],
    ['JSON not accepted', 'GET', '/connectors', undefined, { accept: 'text/html' }, 406, /HTTP 406 Not Acceptable/],
    ['malformed JSON', 'POST', '/connectors', '{"name":', {}, 500, /not JSON/],
    ['empty body', 'POST', '/connectors', undefined, {}, 500, /empty/],
    ['an array', 'POST', '/connectors', [1], {}, 500, /must be a JSON object/],
    ['unknown field', 'POST', '/connectors', { name: 'c', config: config('c'), zzz: 1 }, {}, 500, /Unrecognized field "zzz"/],
    ['bad initial_state', 'POST', '/connectors', { name: 'c', config: config('c'), initial_state: 'HALF' }, {}, 500, /HALF/],
    ['no config', 'POST', '/connectors', { name: 'c' }, {}, 500, /config/],
    ['an object as value', 'PUT', '/connectors/c/config', { a: {} }, {}, 500, /"a" must be a string/],
    ['bad escape', 'GET', '/connectors/%zz', undefined, {}, 400, /^HTTP 400 Bad Request/],
    ['a verb of others', 'TRACE', '/connectors/c', undefined, {}, 405, /HTTP 405 Method Not Allowed/],
    ['a verb of others at the root', 'PROPFIND', '/', undefined, {}, 405, /HTTP 405 Method Not Allowed/],
    ['a verb of others, unknown path', 'PROPFIND', '/nope', undefined, {}, 404, /HTTP 404 Not Found/],
    ['a fixed part written with %XX', 'GET', '/%63onnectors', undefined, {}, 404, /^HTTP 404 Not Found$/],
    ['a fixed part below, too', 'GET', '/connectors/c/%73tatus', undefined, {}, 404, /^HTTP 404 Not Found$/],
    ['such a path with a wrong verb', 'DELETE', '/conn%65ctors', undefined, {}, 404, /^HTTP 404 Not Found$/],
    ['a wrong verb with matrix parameters', 'DELETE', '/connectors;a=b', undefined, {}, 405, /HTTP 405/],
    ['almost JSON', 'POST', '/connectors', '{}', { 'content-type': 'application/jsonx' }, 415, /HTTP 415/],
    ['a path that is too long', 'GET', `/connectors/${'a'.repeat(9_000)}`, undefined, {}, 414, /^HTTP 414 URI Too Long$/],
  ]
  for (const [what, method, url, body, headers, status, message] of cases) {
    it(`${what} is ${status} with a JSON error body`, async () => {
      const answer = await rest().call(method, url, body, headers)
      assert.equal(answer.status, status)
      const found = answer.body as { error_code: number; message: string }
      assert.equal(found.error_code, status)
      assert.match(found.message, message)
    })
  }

  it('a body over the limit is 413, before it is parsed', async () => {
    const answer = await rest().call('PUT', '/connectors/c/config', { a: 'x'.repeat(BODY_BYTES_MAX) })
    assert.equal(answer.status, 413)
    assert.equal((answer.body as { error_code: number }).error_code, 413)
  })

  it('matrix parameters are passed over, in every part of a path, and a name with a semicolon is written with %3B', async () => {
    const { call } = await withConnector()
    assert.deepEqual((await call('GET', '/connectors;a=b/;c')).body, ['c'])
    assert.equal((await call('GET', '/connectors;a/c;v=1;w/status;?x=;y')).status, 200)
    assert.equal(((await call('GET', '/;a')).body as { version: string }).version, '0.1.0')
    assert.deepEqual((await call('GET', '/connectors/c%3Bv=1')).body, error(404, 'Connector c;v=1 not found'))
    const { headers, body } = await call('PUT', '/connectors/d%3Be;f/config', config('d;e'))
    assert.equal((body as { name: string }).name, 'd;e')
    assert.equal(headers.location, 'http://h:8083/connectors/d%3Be')
  })

  it('only what is fixed in a path must stand as it is', async () => {
    const { call } = await withConnector()
    assert.equal((await call('GET', '/connectors/%63/status?%63')).status, 200)
    assert.equal((await call('GET', 'http://h:8083/connectors/%63/')).status, 200)
  })

  it('OPTIONS lists the verbs', async () => {
    const answer = await rest().call('OPTIONS', '/connectors/c/config')
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.equal(answer.headers.allow, 'HEAD,GET,PUT,PATCH,OPTIONS')
  })
})

describe('connectors', () => {
  it('POST: 201, Location, ConnectorInfo; numbers and booleans become their own text', async () => {
    const { call } = rest()
    const answer = await call(
      'POST',
      '/connectors',
      `{"name":" my c ","config":{"connector.class":"${SINK}","topics":"t","tasks.max":1,"ratio":1.50,"long":12345678901234567890,"flag":true}}`,
    )
    assert.equal(answer.status, 201)
    assert.equal(answer.headers.location, 'http://h:8083/connectors/my%20c')
    assert.deepEqual(answer.body, {
      name: 'my c',
      config: {
        'connector.class': SINK,
        topics: 't',
        'tasks.max': '1',
        ratio: '1.50',
        long: '12345678901234567890',
        flag: 'true',
        name: 'my c',
      },
      tasks: [{ connector: 'my c', task: 0 }],
      type: 'sink',
    })
    assert.equal((await call('GET', '/connectors/my%20c')).status, 200)
  })

  it('POST: 409 where it exists, 400 for another name in the config, unknown class, invalid config', async () => {
    const { call } = await withConnector()
    const again = await call('POST', '/connectors', { name: 'c', config: config('c') })
    assert.deepEqual([again.status, again.body], [409, error(409, 'Connector c already exists')])
    const other = await call('POST', '/connectors', { name: 'd', config: config('e') })
    assert.deepEqual(other.body, error(400, "Connector name configuration (e) doesn't match connector name in the URL (d)"))
    const unknown = await call('POST', '/connectors', { name: 'd', config: config('d', { 'connector.class': 'X' }) })
    assert.equal(unknown.status, 400)
    const invalid = await call('POST', '/connectors', { name: 'd', config: config('d', { bad: '1' }) })
    assert.equal(invalid.status, 400)
    assert.match(
      (invalid.body as { message: string }).message,
      /^Connector configuration is invalid .* 1 error\(s\):\nbad is not good\n/,
    )
  })

  it('POST with initial_state in any case', async () => {
    const { call } = rest()
    const answer = await call('POST', '/connectors', { name: 'c', config: config('c'), initial_state: 'paused' })
    assert.equal(answer.status, 201)
    const { body } = await call('GET', '/connectors/c/status')
    assert.equal((body as { connector: { state: string } }).connector.state, 'PAUSED')
  })

  it('PUT config: 201 with Location when new, 200 when not, 400 for another name', async () => {
    const { call } = rest()
    const created = await call('PUT', '/connectors/c/config', config('c'))
    assert.deepEqual([created.status, created.headers.location], [201, 'http://h:8083/connectors/c'])
    const changed = await call('PUT', '/connectors/c/config', config('c', { a: '1' }))
    assert.deepEqual([changed.status, changed.headers.location], [200, undefined])
    assert.equal((await call('PUT', '/connectors/c/config', config('x'))).status, 400)
  })

  it('PATCH config merges, null removes; 404 for an unknown one', async () => {
    const { call } = await withConnector()
    const answer = await call('PATCH', '/connectors/c/config', { a: 1, topics: null })
    assert.equal(answer.status, 200)
    assert.deepEqual((await call('GET', '/connectors/c/config')).body, { name: 'c', 'connector.class': SINK, a: '1' })
    assert.equal((await call('PATCH', '/connectors/x/config', {})).status, 404)
  })

  it('a null value in PUT is a validation error', async () => {
    const answer = await rest().call('PUT', '/connectors/c/config', { ...config('c'), k: null })
    assert.equal(answer.status, 400)
    assert.match((answer.body as { message: string }).message, /Null value can not be supplied/)
  })

  it('list, and expand in the order asked; unknown and comma forms give nothing', async () => {
    const { call } = await withConnector()
    assert.deepEqual((await call('GET', '/connectors')).body, ['c'])
    const { body } = await call('GET', '/connectors?expand=info&expand=status')
    const { info, status } = (body as { c: { info: unknown; status: unknown } }).c
    assert.deepEqual(info, (await call('GET', '/connectors/c')).body)
    assert.deepEqual(status, (await call('GET', '/connectors/c/status')).body)
    assert.deepEqual((await call('GET', '/connectors?expand=info,status')).body, { c: {} })
  })

  it('status has worker_id and version, and a trace only where there is one', async () => {
    const { call, cast } = await withConnector()
    assert.deepEqual((await call('GET', '/connectors/c/status')).body, {
      name: 'c',
      connector: { state: 'RUNNING', worker_id: 'worker:8083', version: '1.0' },
      tasks: [{ id: 0, state: 'RUNNING', worker_id: 'worker:8083', version: '1.0' }],
      type: 'sink',
    })
    cast.find('task', 'c-0').die(new ConnectError('disk full'))
    const { body } = await call('GET', '/connectors/c/tasks/0/status')
    assert.equal((body as { state: string }).state, 'FAILED')
    assert.match((body as { trace: string }).trace, /disk full/)
  })

  it('a name with a slash, and names that are special in JavaScript', async () => {
    const { call } = rest()
    for (const name of ['a/b', '__proto__', 'constructor', 'ü €']) {
      const url = `/connectors/${encodeURIComponent(name)}`
      const created = await call('POST', '/connectors', { name, config: { 'connector.class': SINK, topics: 't' } })
      assert.equal(created.status, 201, created.text)
      assert.equal(((await call('GET', url)).body as { name: string }).name, name)
    }
    const expanded = await call('GET', '/connectors?expand=status')
    assert.ok(expanded.text.includes('"__proto__":{"status"'))
    assert.equal((await call('DELETE', `/connectors/${encodeURIComponent('a/b')}`)).status, 204)
  })

  it('tasks, and 404 for tasks that are not', async () => {
    const { call } = await withConnector()
    assert.deepEqual((await call('GET', '/connectors/c/tasks')).body, [{ id: { connector: 'c', task: 0 }, config: { n: '0' } }])
    for (const task of ['7', 'x', '-1']) assert.equal((await call('GET', `/connectors/c/tasks/${task}/status`)).status, 404)
  })

  it('pause and resume 202, stop 204, without bodies', async () => {
    const { call } = await withConnector()
    for (const [verb, status] of [
      ['pause', 202],
      ['resume', 202],
      ['stop', 204],
      ['stop', 204],
    ] as const) {
      const answer = await call('PUT', `/connectors/c/${verb}`)
      assert.deepEqual([answer.status, answer.text], [status, ''])
    }
  })

  it('restart: 204 alone, 202 with the states otherwise; text that is not "true" is false', async () => {
    const { call } = await withConnector()
    assert.equal((await call('POST', '/connectors/c/restart')).status, 204)
    assert.equal((await call('POST', '/connectors/c/restart?includeTasks=yes')).status, 204)
    const answer = await call('POST', '/connectors/c/restart?includeTasks=true')
    assert.equal(answer.status, 202)
    const { connector, tasks } = answer.body as { connector: { state: string; version: string }; tasks: { state: string }[] }
    assert.deepEqual([connector.state, connector.version, tasks[0]?.state], ['RESTARTING', '1.0', 'RESTARTING'])
    assert.equal((await call('POST', '/connectors/c/tasks/0/restart')).status, 204)
    assert.equal((await call('POST', '/connectors/c/tasks/3/restart')).status, 404)
  })

  it('404 with Java texts for what is not there', async () => {
    const { call } = rest()
    const cases: [string, string, string][] = [
      ['GET', '/connectors/x', 'Connector x not found'],
      ['GET', '/connectors/x/config', 'Connector x not found'],
      ['GET', '/connectors/x/tasks', 'Connector x not found'],
      ['GET', '/connectors/x/status', 'No status found for connector x'],
      ['DELETE', '/connectors/x', 'Connector x not found'],
      ['PUT', '/connectors/x/pause', 'Unknown connector x'],
      ['POST', '/connectors/x/restart', 'Connector x not found'],
      ['POST', '/connectors/x/restart?onlyFailed=true', 'Unknown connector: x'],
      ['GET', '/connectors/x/offsets', 'Connector x not found'],
    ]
    for (const [method, url, message] of cases) {
      const answer = await call(method, url)
      assert.deepEqual([answer.status, answer.body], [404, error(404, message)], `${method} ${url}`)
    }
  })

  it('a plugin that fails in start is 500, and the connector is there, FAILED', async () => {
    const { call, cast } = rest()
    cast.onStart.set('c', () => Promise.reject(new ConnectError('no such host')))
    const answer = await call('POST', '/connectors', { name: 'c', config: config('c') })
    assert.deepEqual(answer.body, error(500, 'Failed to transition connector c to state STARTED: no such host'))
    const { body } = await call('GET', '/connectors/c/status')
    assert.equal((body as { connector: { state: string } }).connector.state, 'FAILED')
  })

  it('a request that hangs is answered after 90 s with what the worker is doing', async () => {
    const { call, cast, clock } = rest()
    cast.onStart.set('c', () => new Promise(() => undefined))
    const answering = call('POST', '/connectors', { name: 'c', config: config('c') })
    await clock.advance(90_000)
    const answer = await answering
    const began = new Date(clock.now() - 90_000).toISOString()
    const stage = `The worker is currently configuring connector c, which began at ${began}`
    assert.deepEqual(answer.body, error(500, `Request timed out. ${stage}`))
  })

  it('the last stage is told with both times when nothing runs', async () => {
    const { herder, clock } = await withConnector()
    const at = new Date(clock.now()).toISOString()
    assert.equal(
      herder.stage(),
      `The last operation the worker completed was configuring connector c, which began at ${at} and completed at ${at}`,
    )
  })

  it('health that is not answered within 10 s is a 500, unhealthy', async () => {
    const setup = setUp()
    const { call } = rest({
      herder: Object.assign(setup.herder, { health: () => new Promise<never>(() => undefined) }),
      clock: setup.clock,
    })
    const answering = call('GET', '/health')
    await setup.clock.advance(10_000)
    const { status, body } = await answering
    assert.equal(status, 500)
    assert.equal((body as { status: string }).status, 'unhealthy')
  })
})

describe('topics', () => {
  it('of a connector, and none for an unknown one', async () => {
    const { call, cast } = await withConnector()
    cast.find('task', 'c-0').say({ type: 'topicUsed', topic: 't' })
    assert.deepEqual((await call('GET', '/connectors/c/topics')).body, { c: { topics: ['t'] } })
    assert.deepEqual((await call('GET', '/connectors/x/topics')).body, { x: { topics: [] } })
    assert.equal((await call('PUT', '/connectors/c/topics/reset')).status, 202)
    assert.deepEqual((await call('GET', '/connectors/c/topics')).body, { c: { topics: [] } })
  })

  it('are 403 where tracking is off', async () => {
    const { call } = rest({ topicTracking: { enabled: false, allowReset: true } })
    assert.equal((await call('GET', '/connectors/c/topics')).status, 403)
    assert.equal((await call('PUT', '/connectors/c/topics/reset')).status, 403)
  })
})

describe('offsets', () => {
  it('of a source: read, alter, reset, with digits kept beyond 2^53', async () => {
    const { call } = rest()
    await call('POST', '/connectors', { name: 's', config: config('s', { 'connector.class': SOURCE }), initial_state: 'STOPPED' })
    const body = '{"offsets":[{"partition":{"f":"a","n":1},"offset":{"position":9007199254740993}}]}'
    const altered = await call('PATCH', '/connectors/s/offsets', body)
    assert.equal(altered.status, 200, altered.text)
    assert.match((altered.body as { message: string }).message, /altered successfully/)
    assert.equal((await call('GET', '/connectors/s/offsets')).text, body)
    assert.equal((await call('DELETE', '/connectors/s/offsets')).status, 200)
    assert.deepEqual((await call('GET', '/connectors/s/offsets')).body, { offsets: [] })
  })

  it('400 while it runs or where offsets are missing, 500 for nested values', async () => {
    const { call } = await withConnector()
    const entry = { partition: { kafka_topic: 't', kafka_partition: 0 }, offset: { kafka_offset: 1 } }
    assert.equal((await call('PATCH', '/connectors/c/offsets', { offsets: [entry] })).status, 400)
    await call('PUT', '/connectors/c/stop')
    for (const bad of [{}, { offsets: [] }, { offsets: [{ offset: null }] }]) {
      assert.equal((await call('PATCH', '/connectors/c/offsets', bad)).status, 400)
    }
    assert.equal(
      (await call('PATCH', '/connectors/c/offsets', { offsets: [{ partition: { kafka_topic: 't' }, offset: null }] })).status,
      400,
    )
    assert.equal(
      (await call('PATCH', '/connectors/c/offsets', { offsets: [{ partition: { a: [] }, offset: null }] })).status,
      500,
    )
  })
})

describe('plugins', () => {
  it('connectors only, unless asked', async () => {
    const { call } = rest()
    assert.deepEqual((await call('GET', '/connector-plugins')).body, [
      { class: SINK, type: 'sink', version: '1.0' },
      { class: SOURCE, type: 'source', version: '1.0' },
    ])
    assert.equal(((await call('GET', '/connector-plugins?connectorsOnly=false')).body as unknown[]).length, 3)
  })

  it('config: 404 for an unknown plugin', async () => {
    const { call } = rest()
    assert.deepEqual((await call('GET', `/connector-plugins/${SINK}/config`)).body, [])
    assert.equal((await call('GET', '/connector-plugins/Nope/config')).status, 404)
  })

  it('validate: 200 with errors inside, 400 for another class, 500 for an unknown one', async () => {
    const { call } = rest()
    const answer = await call('PUT', '/connector-plugins/Sink/config/validate', config('c', { bad: '1' }))
    assert.equal(answer.status, 200)
    assert.equal((answer.body as { error_count: number }).error_count, 1)
    assert.equal((await call('PUT', '/connector-plugins/Other/config/validate', config('c'))).status, 400)
    assert.equal((await call('PUT', '/connector-plugins/Nope/config/validate', { 'connector.class': 'Nope' })).status, 500)
    assert.equal((await call('PUT', '/connector-plugins/Nope/config/validate', {})).status, 500)
  })
})
