// No error text repeats more than the beginning of a long text that the caller sent, wherever in the request it stands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../src/base/log.ts'
import { createRestApp } from '../../src/rest/app.ts'
import { ECHO_MAX, MESSAGE_MAX } from '../../src/rest/echo.ts'
import { config, SINK, SOURCE, setUp } from '../supervisor/fake-worker.ts'

const LONG = 'y'.repeat(8_000)

async function app() {
  const setup = setUp()
  const context = {
    herder: setup.herder,
    previews: setup.previews,
    clock: setup.clock,
    version: '0.1.0',
    topicTracking: { enabled: true, allowReset: true },
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  }
  const rest = createRestApp({ log: { requests: silentLogger, errors: silentLogger }, context: () => context })
  const call = async (method: string, url: string, body?: unknown) => {
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const answer = await rest.inject({ method: method as 'GET', url, headers, ...payload })
    return { status: answer.statusCode, message: (answer.json() as { message: string }).message }
  }
  await rest.inject({
    method: 'PUT',
    url: '/connectors/c/config',
    payload: config('c'),
    headers: { 'content-type': 'application/json' },
  })
  for (const [name, className] of [
    ['s', SOURCE],
    ['k', SINK],
  ] as const) {
    const payload = { name, config: config(name, { 'connector.class': className }), initial_state: 'STOPPED' }
    await rest.inject({ method: 'POST', url: '/connectors', payload, headers: { 'content-type': 'application/json' } })
  }
  return call
}

const longest = (text: string) => Math.max(0, ...[...text.matchAll(/[yY]+|9+/g)].map(([run]) => run.length))

const requests: readonly (readonly [method: string, url: string, body?: unknown])[] = [
  ['GET', `/connectors/${LONG}`],
  ['GET', `/connectors/${LONG}/status`],
  ['GET', `/connectors/%79${LONG}`],
  ['GET', `/connectors/%zz${LONG}`],
  ['GET', `/connectors/${LONG}${LONG}`],
  ['GET', `/connector-plugins/${LONG}/config`],
  ['GET', `/admin/loggers/${LONG}`],
  ['PUT', '/admin/loggers/root', { level: LONG }],
  ['PUT', '/admin/loggers/root', { [LONG]: {} }],
  ['POST', '/connectors', { name: LONG, config: config('x', { bad: '1' }) }],
  ['POST', '/connectors', { name: ` ${LONG} `, config: config('x', { name: 'other' }) }],
  ['POST', '/connectors', { name: 'x', config: { 'connector.class': LONG } }],
  ['POST', '/connectors', { name: 'x', config: { name: LONG } }],
  ['POST', '/connectors', { name: 'x', config: {}, [LONG]: 1 }],
  ['POST', '/connectors', { name: 'x', config: {}, initial_state: LONG }],
  ['POST', '/connectors', { name: 'x', config: { [LONG]: [] } }],
  ['POST', '/connectors', `{"name":"x","config":{},"initial_state":${'9'.repeat(8_000)}}`],
  ['PUT', '/connector-plugins/x/config/validate', { 'connector.class': LONG }],
  ['PUT', `/connector-plugins/${LONG}/config/validate`, { 'connector.class': 'a' }],
  ['PATCH', '/connectors/k/offsets', { offsets: [{ partition: { kafka_topic: 't', kafka_partition: LONG }, offset: null }] }],
  ['PATCH', '/connectors/s/offsets', `{"offsets":[{"partition":{"f":${'9'.repeat(8_000)}},"offset":null}]}`],
  ['PATCH', '/connectors/s/offsets', { offsets: [{ partition: { [LONG]: {} }, offset: null }] }],
  ['POST', '/connectors/c/preview', { from: LONG }],
  ['POST', '/connectors/c/preview', { partition: LONG }],
  ['POST', '/connectors/c/preview', { config: { 'connector.class': LONG } }],
]

for (const [method, url, body] of requests) {
  const shown = `${method} ${url.slice(0, 40)} ${JSON.stringify(body ?? null)
    .replaceAll(LONG, 'LONG')
    .slice(0, 90)}`
  test(`${shown}: at most the beginning is told`, async () => {
    const { status, message } = await (await app())(method, url, body)
    assert.ok(status >= 400, `${status}`)
    assert.ok(message.length > 0)
    assert.ok(longest(message) <= ECHO_MAX, `${longest(message)} of ${message.length} characters`)
  })
}

test('what is cut says so, and the rest of the text stays', async () => {
  const { message } = await (await app())('GET', `/connectors/${LONG}`)
  assert.equal(message, `Connector ${LONG.slice(0, ECHO_MAX)}… (8000 characters) not found`)
})

test("an error text that is not the caller's is whole; many long texts make it no longer", async () => {
  const call = await app()
  const running = await call('DELETE', '/connectors/c/offsets')
  assert.match(running.message, /^Connectors must be in the STOPPED state.*endpoint$/)
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, `${i}${LONG.slice(0, 400)}`]))
  const { message } = await call('POST', '/connectors', { name: 'x', config: {}, ...many, [LONG]: 1 })
  assert.ok(message.length < MESSAGE_MAX)
  assert.ok(longest(message) <= ECHO_MAX)
})
