// What the scenarios share: a cluster of our workers on the test broker with the connectors of test/support/plugins/monitored.ts, requests that
// wait for the end of a rebalance, and what the connectors were asked. Main thread of a test file.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster, type Member, type StateInfo } from '../support/connect-cluster.ts'
import { until } from '../support/until.ts'
import type { RestAnswer } from '../support/worker.ts'

export type Config = Record<string, string>

/** A hook of a connector (task null) or task, with what it was given. */
export interface Told {
  readonly connector: string
  readonly task: number | null
  readonly hook: string
  readonly what: unknown
}

export interface OffsetEntry {
  readonly partition: Record<string, unknown>
  readonly offset: Record<string, unknown> | null
}

interface RestError {
  readonly error_code?: number
  readonly message?: string
}

const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'
export const MONITORED = fileURLToPath(new URL('../support/plugins/monitored.ts', import.meta.url))
export const PLAIN_CONVERTERS = fileURLToPath(new URL('../support/plugins/plain-converters.ts', import.meta.url))

/** Worker keys of every scenario: what fails stays FAILED as in Java, offsets are committed soon. */
export const WORKER_KEYS: Config = {
  'plugin.path': MONITORED,
  'value.converter': STRING_CONVERTER,
  'task.restart.enable': 'false',
  'offset.flush.interval.ms': '200',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
}

export class Stage {
  readonly kafka: Broker
  readonly cluster: ConnectCluster
  /** removed at the end */
  readonly folder: string

  private constructor(kafka: Broker, worker: Config) {
    this.kafka = kafka
    this.folder = mkdtempSync(join(tmpdir(), 'sluice-scenario-'))
    this.cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker: { ...WORKER_KEYS, ...worker } })
  }

  /** @param worker keys on top of WORKER_KEYS */
  static async open(workers: number, worker: Config = {}, kafka?: Broker): Promise<Stage> {
    const stage = new Stage(kafka ?? (await broker()), worker)
    await Promise.all(Array.from({ length: workers }, () => stage.cluster.add('sluice')))
    return stage
  }

  async close(): Promise<void> {
    await this.cluster.stop()
    await this.kafka.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  path(file: string): string {
    return join(this.folder, file)
  }

  source(name: string, more: Config = {}): Config {
    return {
      'connector.class': 'MonitoredSource',
      'tasks.max': '2',
      topic: name,
      'topic.creation.default.replication.factor': '1',
      'topic.creation.default.partitions': '1',
      log: this.path(`${name}.log`),
      ...more,
    }
  }

  sink(name: string, topics: string, more: Config = {}): Config {
    return { 'connector.class': 'MonitoredSink', 'tasks.max': '2', topics, log: this.path(`${name}.log`), ...more }
  }

  /** Asks a member (any, unless given) until there is no rebalance in the way. */
  ask<T = RestError>(method: string, path: string, body?: unknown, member?: Member): Promise<RestAnswer<T & RestError>> {
    return until(async () => {
      const init = { method, ...(body === undefined ? {} : { body }) }
      const answer = await (member === undefined
        ? this.cluster.rest<T & RestError>(path, method, body)
        : member.rest<T & RestError>(path, init))
      return answer.status === 409 || /IO Error trying to forward/.test(JSON.stringify(answer.body)) ? null : answer
    })
  }

  /** As `ask`, and the answer must have this status. */
  async expect<T = RestError>(
    status: number,
    method: string,
    path: string,
    body?: unknown,
    member?: Member,
  ): Promise<T & RestError> {
    const answer = await this.ask<T>(method, path, body, member)
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async create(name: string, config: Config, initialState?: 'RUNNING' | 'PAUSED' | 'STOPPED'): Promise<void> {
    const state = initialState === undefined ? {} : { initial_state: initialState }
    await this.expect(201, 'POST', '/connectors', { name, config, ...state })
  }

  /** PUT config; 200 or 201. */
  put(name: string, config: Config): Promise<number> {
    return this.cluster.put(name, config)
  }

  async remove(...names: string[]): Promise<void> {
    for (const name of names) {
      await this.expect(204, 'DELETE', `/connectors/${name}`)
      await until(async () => (await this.cluster.rest(`/connectors/${name}/status`)).status === 404)
    }
  }

  /** Until connector and tasks are in these states, in order of the tasks. */
  states(name: string, connector: string, tasks: readonly string[]): Promise<StateInfo> {
    return until(async () => {
      const info = await this.cluster.status(name)
      if (info?.connector.state !== connector || info.tasks.length !== tasks.length) return null
      return info.tasks.every(({ state }, i) => state === tasks[i]) ? info : null
    })
  }

  /** Until connector and `tasks` tasks run. */
  running(name: string, tasks: number): Promise<StateInfo> {
    return this.cluster.running(name, tasks)
  }

  async stopConnector(name: string): Promise<void> {
    await this.expect(204, 'PUT', `/connectors/${name}/stop`)
    await this.states(name, 'STOPPED', [])
  }

  async resume(name: string): Promise<void> {
    await this.expect(202, 'PUT', `/connectors/${name}/resume`)
  }

  async offsets(name: string): Promise<readonly OffsetEntry[]> {
    return (await this.expect<{ offsets: OffsetEntry[] }>(200, 'GET', `/connectors/${name}/offsets`)).offsets
  }

  /** What the connector and its tasks were asked, oldest first. */
  told(name: string, hook?: string): Told[] {
    const log = this.path(`${name}.log`)
    if (!existsSync(log)) return []
    const all = readFileSync(log, 'utf8').split('\n').slice(0, -1)
    return all.map(line => JSON.parse(line) as Told).filter(told => hook === undefined || told.hook === hook)
  }

  /** How often the connector and each of its tasks were started and stopped. */
  counts(name: string, tasks: number) {
    const told = this.told(name)
    const count = (hook: string, task: number | null) => told.filter(t => t.hook === hook && t.task === task).length
    const of = (task: number | null) => ({ starts: count('start', task), stops: count('stop', task) })
    return { connector: of(null), tasks: Array.from({ length: tasks }, (_, task) => of(task)) }
  }
}
