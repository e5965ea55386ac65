// Goal: a connector or task that has failed runs again once it is asked to over REST, by the plain calls and by those that take both, in groups of each
// protocol, with sources exactly once and without, and with a Java worker in the group; and only what was asked for is restarted.
// Method: Kafka's mock connectors fail after a while; the status topic keeps all states in their order, so that none is missed.
// Java: connect_distributed_test.py.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readTopic } from '../broker/producer-parts.ts'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type SystemCluster, TOOLS, withCluster } from './system-cluster.ts'
import { groupText, MIXED, PROTOCOLS } from './system-parameters.ts'

const DELAY_MS = '600'

let kafka: Broker

before(async () => {
  kafka = await broker()
})

after(() => kafka?.stop())

const bootstrap = () => kafka.bootstrap

type Failing = 'connector-failure' | 'task-failure'

/** One mock connector that fails. */
class Mock {
  readonly name = uniqueName('mock')
  readonly #cluster: SystemCluster
  readonly #kind: 'source' | 'sink'

  constructor(cluster: SystemCluster, kind: 'source' | 'sink') {
    this.#cluster = cluster
    this.#kind = kind
  }

  async start(mode: Failing): Promise<void> {
    const topics = this.#kind === 'sink' ? { topics: `${this.name}-topic` } : {}
    if (topics.topics !== undefined) await createTopic(kafka.bootstrap, topics.topics)
    const type = this.#kind === 'sink' ? 'MockSinkConnector' : 'MockSourceConnector'
    await this.#cluster.put(this.name, {
      'connector.class': TOOLS + type,
      mock_mode: mode,
      delay_ms: DELAY_MS,
      ...topics,
    })
  }

  /** States that the connector or its task has had, oldest first. */
  async states(part: 'connector' | 'task'): Promise<string[]> {
    const key = part === 'connector' ? `status-connector-${this.name}` : `status-task-${this.name}-0`
    const records = await readTopic(kafka.bootstrap, `${this.#cluster.group}-status`)
    return records.flatMap(({ key: of, value }) => (of === key && value !== null ? [JSON.parse(value).state as string] : []))
  }

  async untilFailed(part: 'connector' | 'task'): Promise<void> {
    await until(async () => {
      const info = await this.#cluster.status(this.name)
      return (part === 'connector' ? info?.connector : info?.tasks[0])?.state === 'FAILED'
    })
  }

  /** Since the first failure. */
  async untilRunsAgain(part: 'connector' | 'task'): Promise<void> {
    await until(async () => {
      const states = await this.states(part)
      return states.slice(states.indexOf('FAILED')).includes('RUNNING')
    }, 300)
  }

  async end(): Promise<void> {
    await this.#cluster.tell('DELETE', `/connectors/${this.name}`)
  }
}

function scenarios(kind: 'source' | 'sink', suffix: string, cluster: () => SystemCluster): void {
  const what = kind === 'source' ? 'a source' : 'a sink'

  it(`restart of ${what} connector that failed: ${suffix}`, async () => {
    const mock = new Mock(cluster(), kind)
    await mock.start('connector-failure')
    await mock.untilFailed('connector')
    await cluster().tell('POST', `/connectors/${mock.name}/restart`)
    await mock.untilRunsAgain('connector')
    await mock.end()
  })

  it(`restart of ${what} task that failed: ${suffix}`, async () => {
    const mock = new Mock(cluster(), kind)
    await mock.start('task-failure')
    await mock.untilFailed('task')
    await cluster().tell('POST', `/connectors/${mock.name}/tasks/0/restart`)
    await mock.untilRunsAgain('task')
    assert.ok(!(await mock.states('connector')).includes('FAILED'))
    await mock.end()
  })
}

/** Those of Java's that have no exactly-once form. */
function combined(suffix: string, cluster: () => SystemCluster): void {
  it(`onlyFailed restart of a sink connector that failed, without its task: ${suffix}`, async () => {
    const mock = new Mock(cluster(), 'sink')
    await mock.start('connector-failure')
    await mock.untilFailed('connector')
    await cluster().tell('POST', `/connectors/${mock.name}/restart?onlyFailed=true&includeTasks=false`)
    await mock.untilRunsAgain('connector')
    assert.ok((await mock.states('connector')).includes('RESTARTING'))
    assert.ok(!(await mock.states('task')).includes('RESTARTING'))
    await mock.end()
  })

  for (const kind of ['source', 'sink'] as const)
    it(`restart of a ${kind} connector and its task that failed: ${suffix}`, async () => {
      const mock = new Mock(cluster(), kind)
      await mock.start('task-failure')
      await mock.untilFailed('task')
      await cluster().tell('POST', `/connectors/${mock.name}/restart?onlyFailed=false&includeTasks=true`)
      await mock.untilRunsAgain('task')
      for (const part of ['connector', 'task'] as const) assert.ok((await mock.states(part)).includes('RESTARTING'), part)
      await mock.end()
    })
}

for (const protocol of PROTOCOLS) {
  describe(`three workers, ${protocol}`, () => {
    withCluster(bootstrap, { protocol }, cluster => {
      scenarios('sink', protocol, cluster)
      scenarios('source', protocol, cluster)
      combined(protocol, cluster)
    })
  })

  describe(`three workers, exactly once, ${protocol}`, () => {
    withCluster(bootstrap, { protocol, isExactlyOnce: true }, cluster =>
      scenarios('source', `exactly once, ${protocol}`, cluster),
    )
  })
}

describe('a group with a Java worker', () => {
  withCluster(bootstrap, { protocol: 'sessioned', kinds: MIXED }, cluster => {
    scenarios('sink', groupText(MIXED), cluster)
    combined(groupText(MIXED), cluster)
  })
})
