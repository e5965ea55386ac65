// Goal: REST answers as Java Connect's does. Method: one list of requests goes to a Java worker and to ours, on the same broker, one after
// the other; status, content type, Location and the form of the body (field names and types, not texts and values) must be equal. Where
// we differ on purpose the step says so, and docs/differences.md why.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { classpath } from '../../scripts/kafka/java.ts'
import { requireJava } from '../../scripts/kafka/maven.ts'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-parity-'))
const topic = uniqueName('parity')
const input = join(folder, 'input.txt')
let kafka: Broker
/** java, sluice */
let workers: WorkerProcess[] = []

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic)
  writeFileSync(input, 'a\nb\n')
  const worker = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
  const command = [requireJava(), '-Xmx512m', '-cp', await classpath(), 'org.apache.kafka.connect.cli.ConnectStandalone']
  workers = await Promise.all([
    startWorker({ bootstrap: kafka.bootstrap, worker, command }),
    startWorker({ bootstrap: kafka.bootstrap, worker }),
  ])
})

after(async () => {
  await Promise.all(workers.map(worker => worker.kill()))
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Step {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** our status where it is not Java's, on purpose */
  readonly ours?: number
  /** before it: both workers' first task is in this state */
  readonly when?: string
}

const s = uniqueName('source')
const k = uniqueName('sink')
const source = { 'connector.class': 'FileStreamSource', file: input, topic }
const sink = { 'connector.class': 'FileStreamSink', file: join(folder, 'output.txt'), topics: topic }
const at = (position: unknown) => ({ offsets: [{ partition: { filename: input }, offset: { position } }] })
const sinkAt = (partition: object, offset: object | null) => ({ offsets: [{ partition, offset }] })
const get = (path: string): Step => ({ method: 'GET', path })
const put = (path: string, body?: unknown, more: Partial<Step> = {}): Step => ({ method: 'PUT', path, body, ...more })
const post = (path: string, body?: unknown, more: Partial<Step> = {}): Step => ({ method: 'POST', path, body, ...more })
const patch = (path: string, body: unknown): Step => ({ method: 'PATCH', path, body })
const remove = (path: string): Step => ({ method: 'DELETE', path })
const create = (name: string, config: object, more: object = {}) => post('/connectors', { name, config, ...more })

const refused: Step[] = [
  get('/'),
  get('/health'),
  get('/connectors'),
  get('/nope'),
  remove('/connectors'),
  put('/connectors'),
  { method: 'OPTIONS', path: '/connectors' },
  { method: 'HEAD', path: '/connectors' },
  post('/connectors', 'x', { headers: { 'content-type': 'text/plain' } }),
  { ...get('/connectors'), headers: { accept: 'text/html' } },
  post('/connectors', '{"name":'),
  post('/connectors', '[]'),
  post('/connectors', ''),
  create(s, source, { zzz: 1 }),
  create(s, source, { initial_state: 'x' }),
  post('/connectors', { name: s }),
  post('/connectors', { config: source }),
  create(s, {}),
  create(s, { 'connector.class': 'nope' }),
  create(s, { ...source, name: 'other' }),
  create(s, { 'connector.class': 'FileStreamSource' }),
  create(s, { ...source, 'tasks.max': 'x' }),
  create(s, { ...source, x: {} }),
]

const lifecycle: Step[] = [
  create(s, { ...source, 'tasks.max': 1 }),
  create(s, source),
  get(`/connectors/${s}`),
  get(`/connectors/${s}/`),
  get(`/connectors/${s}/config`),
  get(`/connectors/${s}/tasks`),
  { ...get(`/connectors/${s}/status`), when: 'RUNNING' },
  get(`/connectors/${s}/tasks/0/status`),
  get(`/connectors/${s}/tasks/9/status`),
  get(`/connectors/${s}/tasks/x/status`),
  get('/connectors?expand=info'),
  get('/connectors?expand=status&expand=info'),
  get('/connectors?expand=info,status'),
  get('/connectors?expand=zzz'),
  put(`/connectors/${s}/config`, { ...source, name: 'other' }),
  put(`/connectors/${s}/config`, { ...source, k: '1' }),
  patch(`/connectors/${s}/config`, { k: null, z: '2' }),
  patch(`/connectors/${s}/config`, { 'tasks.max': 'x' }),
  get(`/connectors/${s}/config`),
  get(`/connectors/${s}/topics`),
  put(`/connectors/${s}/topics/reset`),
  patch(`/connectors/${s}/offsets`, at(0)),
  remove(`/connectors/${s}/offsets`),
  put(`/connectors/${s}/pause`, undefined, { when: 'RUNNING' }),
  { ...get(`/connectors/${s}/status`), when: 'PAUSED' },
  put(`/connectors/${s}/resume`),
  { ...get(`/connectors/${s}/status`), when: 'RUNNING' },
  post(`/connectors/${s}/restart`),
  post(`/connectors/${s}/restart?includeTasks=true`, undefined, { when: 'RUNNING' }),
  post(`/connectors/${s}/restart?onlyFailed=true`, undefined, { when: 'RUNNING' }),
  post(`/connectors/${s}/tasks/0/restart`),
  post(`/connectors/${s}/tasks/9/restart`),
  post(`/connectors/${s}/tasks/x/restart`),
  post(`/connectors/${s}/tasks`, [{}]),
  put(`/connectors/${s}/fence`),
  put(`/connectors/${s}/stop`, undefined, { when: 'RUNNING' }),
  put(`/connectors/${s}/stop`),
  get(`/connectors/${s}`),
  get(`/connectors/${s}/tasks`),
  create(uniqueName('p'), source, { initial_state: 'paused' }),
]

const offsets: Step[] = [
  patch(`/connectors/${s}/offsets`, { offsets: [] }),
  patch(`/connectors/${s}/offsets`, {}),
  patch(`/connectors/${s}/offsets`, at('x')),
  patch(`/connectors/${s}/offsets`, { ...at(1), zz: 1 }),
  patch(`/connectors/${s}/offsets`, at(1)),
  get(`/connectors/${s}/offsets`),
  remove(`/connectors/${s}/offsets`),
  remove(`/connectors/${s}/offsets`),
  get(`/connectors/${s}/offsets`),
  put(`/connectors/${k}/config`, sink),
  put(`/connectors/${k}/stop`),
  patch(`/connectors/${k}/offsets`, sinkAt({ kafka_topic: topic }, { kafka_offset: 1 })),
  patch(`/connectors/${k}/offsets`, sinkAt({ kafka_topic: topic, kafka_partition: 0 }, { zz: 1 })),
  patch(`/connectors/${k}/offsets`, sinkAt({ kafka_topic: topic, kafka_partition: 'x' }, { kafka_offset: 1 })),
  patch(`/connectors/${k}/offsets`, sinkAt({ kafka_topic: topic, kafka_partition: '0' }, { kafka_offset: '1' })),
  get(`/connectors/${k}/offsets`),
  remove(`/connectors/${k}/offsets`),
  get(`/connectors/${k}/offsets`),
]

const missing: Step[] = [
  ...['', '/status', '/config', '/tasks', '/offsets', '/topics'].map(path => get(`/connectors/zz${path}`)),
  put('/connectors/zz/pause'),
  put('/connectors/zz/resume'),
  put('/connectors/zz/stop', undefined, { ours: 404 }),
  put('/connectors/zz/topics/reset'),
  patch('/connectors/zz/config', { k: null }),
  post('/connectors/zz/restart', undefined, { ours: 404 }),
  post('/connectors/zz/restart?onlyFailed=true'),
  post('/connectors/zz/tasks/0/restart', undefined, { ours: 404 }),
  remove('/connectors/zz'),
]

const validate = '/connector-plugins/FileStreamSource/config/validate'
const plugins: Step[] = [
  get('/connector-plugins'),
  get('/connector-plugins?connectorsOnly=false'),
  get('/connector-plugins/nope/config'),
  get('/connector-plugins/FileStreamSource/config'),
  put(validate, source),
  put('/connector-plugins/Source/config/validate', { ...source, name: 'q' }),
  put('/connector-plugins/x/config/validate', source),
  put('/connector-plugins/x/config/validate', { 'connector.class': 'x' }),
  put('/connector-plugins/x/config/validate', {}),
  get('/admin/loggers/zzz'),
  put('/admin/loggers/root', { level: 'WARN' }),
  put('/admin/loggers/root', { level: 'X' }),
  put('/admin/loggers/root', {}),
  put('/admin/loggers/root?scope=cluster', { level: 'INFO' }),
]

const end: Step[] = [
  remove(`/connectors/${s}`),
  remove(`/connectors/${s}`),
  get(`/connectors/${s}/status`),
  remove(`/connectors/${k}`),
]

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly location: string | null
  readonly form: unknown
}

async function send(worker: WorkerProcess, { method, path, body, headers }: Step): Promise<Answer> {
  const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  const type = payload === null ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(worker.url + path, { method, headers: { ...type, ...headers }, body: payload })
  const text = await answer.text()
  const isError = answer.status >= 400
  return {
    status: answer.status,
    // Java sends some of its errors without a type
    type: isError ? null : answer.headers.get('content-type'),
    location: answer.headers.get('location')?.replace(worker.url, '') ?? null,
    form: text === '' ? null : text.startsWith('{') || text.startsWith('[') ? formOf(JSON.parse(text)) : 'text',
  }
}

/** Names and types; of lists the first element, for what is installed differs. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [formOf(value[0])]
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const entries = Object.entries(value).map(([key, item]) => [key, formOf(item)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function untilBothAre(state: string): Promise<void> {
  await until(async () => {
    const answers = await Promise.all(workers.map(worker => worker.rest<{ state?: string }>(`/connectors/${s}/tasks/0/status`)))
    return answers.every(({ body }) => body.state === state)
  })
}

for (const [what, steps] of Object.entries({ refused, lifecycle, offsets, missing, plugins, end })) {
  it(`${what}: ${steps.length} requests are answered alike`, async () => {
    for (const step of steps) {
      if (step.when !== undefined) await untilBothAre(step.when)
      const [java, sluice] = await Promise.all(workers.map(worker => send(worker, step)))
      const label = `${step.method} ${step.path} ${step.body === undefined ? '' : JSON.stringify(step.body)}`
      if (step.ours === undefined) assert.deepEqual(sluice, java, label)
      else assert.equal(sluice?.status, step.ours, label)
    }
  })
}
