// Goal: levels of loggers, connectors created stopped and the answer to a health check, as Java's StandaloneWorkerIntegrationTest has them. Method: two
// standalone workers; one has a connector on its command line that never starts.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { untilTasks } from '../support/connectors.ts'
import { uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { WORKER_KEYS } from './stage.ts'

interface Level {
  readonly level: string
  readonly last_modified: number | null
}
type Levels = Record<string, Level>

let kafka: Broker
let worker: WorkerProcess

before(async () => {
  kafka = await broker()
  worker = await startWorker({ bootstrap: kafka.bootstrap, worker: WORKER_KEYS })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

const levels = async () => (await worker.rest<Levels>('/admin/loggers')).body
const setLevel = (logger: string, level: unknown, query = '') =>
  worker.rest<string[]>(`/admin/loggers/${logger}${query}`, { method: 'PUT', body: { level } })

/** Sets the level and checks what has changed and what has not. */
async function change(namespace: string, level: string, scope: '' | '?scope=worker' | '?scope=cluster'): Promise<void> {
  const before = await levels()
  const started = Date.now()
  const { status, body } = await setLevel(namespace, level, scope)
  if (scope === '?scope=cluster') assert.equal(status, 204)
  else {
    assert.equal(status, 200)
    assert.ok(body.includes(namespace), JSON.stringify(body))
    assert.deepEqual(
      body.filter(logger => !logger.startsWith(namespace)),
      [],
    )
  }
  const one = (await worker.rest<Level>(`/admin/loggers/${namespace}`)).body
  assert.equal(one.level, level)
  assert.ok(one.last_modified !== null && one.last_modified >= started, JSON.stringify(one))
  const after = await levels()
  for (const [logger, was] of Object.entries(before)) {
    if (logger.startsWith(namespace)) assert.equal(after[logger]?.level, level, logger)
    else assert.deepEqual(after[logger], was, logger)
  }
}

it('levels of loggers: a namespace is changed with all below it and nothing else; bad levels and unknown loggers are refused', async () => {
  const before = await levels()
  assert.ok(Object.keys(before).length > 0)
  assert.deepEqual(
    Object.values(before).filter(({ last_modified: at }) => at !== null),
    [],
  )
  const namespace = 'org.apache.kafka.connect'
  assert.equal((await setLevel(namespace, 'HUH')).status, 404)
  assert.equal((await setLevel(namespace, null)).status, 400)
  assert.equal((await worker.rest('/admin/loggers/this.logger.is.unknown')).status, 404)
  assert.deepEqual(await levels(), before)
  const clients = 'org.apache.kafka.clients'
  for (const [logger, first, level, scope] of [
    [namespace, 'ERROR', 'DEBUG', ''],
    [clients, 'WARN', 'INFO', '?scope=worker'],
    ['org.apache.kafka.streams', 'DEBUG', 'TRACE', '?scope=cluster'],
  ] as const) {
    await setLevel(logger, first, scope)
    await change(logger, level, scope)
  }
  const { body: once } = await worker.rest(`/admin/loggers/${clients}`)
  await setLevel(clients, 'INFO', '?scope=worker')
  assert.deepEqual((await worker.rest(`/admin/loggers/${clients}`)).body, once)
})

it('a connector created STOPPED has no tasks, and runs once it is resumed', async () => {
  const name = uniqueName('stopped')
  const config = { 'connector.class': 'MonitoredSource', topic: name, 'tasks.max': '2' }
  const body = { name, config, initial_state: 'STOPPED' }
  assert.equal((await worker.rest('/connectors', { method: 'POST', body })).status, 201)
  const status = (await worker.rest<{ connector: { state: string }; tasks: unknown[] }>(`/connectors/${name}/status`)).body
  assert.equal(status.connector.state, 'STOPPED')
  assert.deepEqual(status.tasks, [])
  assert.deepEqual((await worker.rest(`/connectors/${name}/tasks`)).body, [])
  assert.equal((await worker.rest(`/connectors/${name}/resume`, { method: 'PUT' })).status, 202)
  await until(async () => (await untilTasks(worker, name, 'RUNNING')).length === 2)
  assert.equal((await worker.rest(`/connectors/${name}`, { method: 'DELETE' })).status, 204)
})

it('a connector of the command line that never starts does not make a worker unwell', async () => {
  const name = uniqueName('blocked')
  const blocked = { 'connector.class': 'MonitoredSource', topic: name, 'block.in': 'connector.start' }
  const other = await startWorker({ bootstrap: kafka.bootstrap, worker: WORKER_KEYS, connectors: { [name]: blocked } })
  try {
    const health = await until(async () => {
      const answer = await other.rest<{ status: string; message: string }>('/health')
      return answer.status === 200 ? answer.body : null
    })
    assert.equal(health.status, 'healthy')
  } finally {
    await other.kill()
  }
})
