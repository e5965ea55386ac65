// Levels set over REST change what is written: on the main thread, in a connector thread that runs, and in one that is started later.
// Lines of a thread come before its answers, so that nothing here waits for a line that must not come.
import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { until } from '../support/until.ts'
import { Folder, Sluice } from './sluice.ts'

const folder = new Folder()
const sluice = new Sluice('connect-standalone.js', [folder.worker({ 'log.format': 'json' })])
after(() => {
  sluice.kill()
  folder.remove()
})

const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector'
const REST = 'org.apache.kafka.connect.runtime.rest.RestServer'

interface Line {
  readonly logger?: string
  readonly connector?: string
  readonly msg: string
}

const lines = (): Line[] =>
  sluice.output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Line)
const ofSink = () => lines().filter(line => line.logger === SINK && line.connector === 'c')
const ofRest = (path: string) => lines().filter(line => line.logger === REST && line.msg.includes(` ${path} `))

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const answer = await fetch(`${url}${path}`, { method, ...init })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
}

/** Until the text has left the process: its lines come in order. */
async function drained(): Promise<void> {
  const path = `/connectors/drained-${Math.random()}`
  await call('GET', path)
  await until(() => ofRest(path).length === 1, 10)
}

let url = ''

async function pauseAndResume(): Promise<void> {
  await call('PUT', '/connectors/c/pause')
  const is = (state: string) =>
    until(async () => {
      const { body } = await call('GET', '/connectors/c/status')
      return (body as { connector: { state: string } }).connector.state === state
    }, 10)
  await is('PAUSED')
  await call('PUT', '/connectors/c/resume')
  await is('RUNNING')
}

it('a level counts for threads that run and threads to come, and below its name', async () => {
  url = await sluice.url()
  const config = { name: 'c', 'connector.class': 'FileStreamSink', topics: 't', file: `${folder.path}/out` }
  assert.equal((await call('PUT', '/connectors/c/config', config)).status, 201)
  await drained()
  assert.equal(ofSink().length, 1)

  const changed = (await call('PUT', '/admin/loggers/org.apache.kafka.connect.file', { level: 'warn' })).body as string[]
  assert.ok(changed.includes(SINK), changed.join())
  await pauseAndResume()
  assert.equal((await call('POST', '/connectors/c/restart')).status, 204)
  await drained()
  assert.equal(ofSink().length, 1)

  await call('PUT', `/admin/loggers/${SINK}`, { level: 'INFO' })
  await pauseAndResume()
  await drained()
  assert.equal(ofSink().length, 2)
})

it('the request log is a logger like the others', async () => {
  assert.match(
    ofRest('/connectors/c/restart')[0]?.msg ?? '',
    /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "POST \/connectors\/c\/restart HTTP\/1\.1" 204 0 "" "[^"]*" \d+$/,
  )
  await call('PUT', `/admin/loggers/${REST}`, { level: 'OFF' })
  await call('GET', '/connectors/silent')
  await call('PUT', `/admin/loggers/${REST}`, { level: 'INFO' })
  await drained()
  assert.equal(ofRest('/connectors/silent').length, 0)
})
