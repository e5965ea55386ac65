// A cluster of three workers of one kind whose source tasks write a few records a second into one topic, and what is done to it: a worker
// killed, stopped, a config put, a connector posted. Each gives the time until the tasks concerned have written. Main thread of bench:cluster.
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectCluster, type Member } from '../../scripts/connect-cluster.ts'
import { javaWorkerCommand, testConnectorsJar } from '../../scripts/kafka/java.ts'
import { createTopic } from '../../scripts/kafka/wire.ts'
import { Admin } from '../../src/kafka/admin.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { type ContenderName, JVM } from '../contender.ts'
import type { Bench } from '../peer/input.ts'
import { until } from '../progress.ts'
import { connected } from '../topic.ts'
import type { Moved } from './rows.ts'
import { Sightings, taskName } from './sightings.ts'

export interface Shape {
  readonly workers: number
  readonly connectors: number
  /** of each connector */
  readonly tasks: number
  readonly sessionTimeoutMs: number
}

interface Place {
  /** unique among all workers that ever ran here */
  name: string
  member: Member
}

const SOURCE = 'org.apache.kafka.connect.tools.VerifiableSourceConnector'
const TRANSFORMS = 'org.apache.kafka.connect.transforms'
const ENV = 'org.apache.kafka.common.config.provider.EnvVarConfigProvider'
/** A task's first record comes at once; the others only show where it runs. */
const RECORDS_PER_SECOND = '5'
/** Between two looks at the group. */
const LOOK_MS = 10
/** Nothing has moved for so long: quiet. More than two rounds of a group take. */
const QUIET_MS = 3000
const QUIET_TIMEOUT_MS = 90_000

const elapsedSeconds = (fromMs: number, times: readonly number[]) => (Math.max(...times) - fromMs) / 1000

export class ContenderCluster {
  readonly #kind: ContenderName
  readonly #shape: Shape
  readonly #topic: string
  readonly #client: Cluster
  readonly #admin: Admin
  readonly #workers: ConnectCluster
  readonly #sightings: Sightings
  readonly #places: Place[] = []
  #started = 0
  #version = 0
  #posted = 0

  private constructor(kind: ContenderName, shape: Shape, client: Cluster, workers: ConnectCluster, topic: string) {
    this.#kind = kind
    this.#shape = shape
    this.#topic = topic
    this.#client = client
    this.#admin = new Admin(client)
    this.#workers = workers
    this.#sightings = new Sightings(client, topic)
  }

  /** Resolves when all tasks run, evenly shared. @param name of the group and the topic */
  static async start(
    kind: ContenderName,
    shape: Shape,
    { bootstrap, connection }: Bench,
    name: string,
  ): Promise<ContenderCluster> {
    await createTopic(connection, name, { config: { 'message.timestamp.type': 'LogAppendTime' } })
    const worker = {
      'session.timeout.ms': String(shape.sessionTimeoutMs),
      'scheduled.rebalance.max.delay.ms': '0',
      'config.providers': 'env',
      'config.providers.env.class': ENV,
    }
    const java = await javaWorkerCommand('Distributed', [await testConnectorsJar()], JVM)
    const workers = new ConnectCluster({ bootstrap, group: name, worker, java })
    const cluster = new ContenderCluster(kind, shape, await connected(bootstrap), workers, name)
    try {
      await Promise.all(Array.from({ length: shape.workers }, (_, place) => cluster.#startWorker(place)))
      for (let i = 0; i < shape.connectors; i++) await cluster.#create(`steady-${i}`)
      await cluster.quiet()
      return cluster
    } catch (error) {
      const text = `${(error as Error).message}\n${cluster.logs()}`
      await cluster.close()
      throw new Error(text, { cause: error })
    }
  }

  /** SIGKILL; the worker is started again, the group quiet in the end. */
  async kill(turn: number): Promise<Moved> {
    const place = this.#place(turn)
    const over = new AbortController()
    const noticed = this.#groupStirs(over.signal)
    const seen = this.#moved(place)
    const fromMs = Date.now()
    try {
      await place.member.kill()
      const times = await seen
      const noticedMs = await noticed
      if (noticedMs === null) throw new Error('the tasks moved before the group was seen to rebalance')
      const moved = { seconds: elapsedSeconds(fromMs, times), noticedSeconds: elapsedSeconds(noticedMs, times) }
      await this.#startAgain(place)
      return moved
    } finally {
      over.abort()
    }
  }

  /** SIGTERM; as kill(). */
  async stop(turn: number): Promise<Moved> {
    const place = this.#place(turn)
    const seen = this.#moved(place)
    const fromMs = Date.now()
    const ended = place.member.stop()
    const seconds = elapsedSeconds(fromMs, await seen)
    await ended
    await this.#startAgain(place)
    return { seconds }
  }

  /** A steady connector gets another config, by whichever worker's turn it is. */
  async put(turn: number): Promise<Moved> {
    const connector = `steady-${turn % this.#shape.connectors}`
    const version = String(++this.#version)
    const seen = this.#sightings.first(this.#tasksOf(connector), sighting => sighting.version === version)
    const fromMs = Date.now()
    const body = this.#config(connector, version)
    const answer = await this.#place(turn).member.rest(`/connectors/${connector}/config`, { method: 'PUT', body })
    if (answer.status !== 200) throw new Error(`PUT ${connector}: ${answer.status} ${JSON.stringify(answer.body)}`)
    const seconds = elapsedSeconds(fromMs, await seen)
    await this.quiet()
    return { seconds }
  }

  /** A new connector, which is deleted afterwards. */
  async post(turn: number): Promise<Moved> {
    const connector = `posted-${++this.#posted}`
    const seen = this.#sightings.first(this.#tasksOf(connector), () => true)
    const fromMs = Date.now()
    await this.#create(connector, turn)
    const seconds = elapsedSeconds(fromMs, await seen)
    await this.quiet()
    const { status } = await this.#place(turn).member.rest(`/connectors/${connector}`, { method: 'DELETE' })
    if (status !== 204) throw new Error(`DELETE ${connector}: ${status}`)
    await this.quiet()
    return { seconds }
  }

  /** Until the group is stable, every steady task writes, each worker has its share of them, and nothing has moved for a while. */
  async quiet(): Promise<void> {
    const { workers, connectors, tasks } = this.#shape
    const all = this.#steady()
    const fromMs = performance.now()
    let stirredMs = fromMs
    const isQuiet = async () => {
      const { state, members } = await this.#admin.describeGroup(this.#workers.group)
      if (state !== 'Stable' || members.length !== workers) stirredMs = performance.now()
      const shares = this.#shares(all)
      const even = (connectors * tasks) / workers
      const isEven = this.#places.every(({ name }) => {
        const share = shares.get(name) ?? 0
        return share >= Math.floor(even) && share <= Math.ceil(even)
      })
      return isEven && performance.now() - Math.max(stirredMs, this.#sightings.changedMs) >= QUIET_MS
    }
    try {
      await until('the group is quiet', isQuiet, QUIET_TIMEOUT_MS)
    } catch (error) {
      const shares = [...this.#shares(all)].map(([name, share]) => `${name}: ${share}`).join(', ')
      throw new Error(`${(error as Error).message}; tasks: ${shares}; workers: ${this.#names()}`, { cause: error })
    }
  }

  async close(): Promise<void> {
    await this.#sightings.stop()
    await this.#workers.stop()
    await this.#client.close()
  }

  /** What the workers have to say, for an error's text. */
  logs(): string {
    return this.#places.map(({ name, member }) => `--- ${name}\n${member.logs().slice(-3000)}`).join('\n')
  }

  #place(turn: number): Place {
    const place = this.#places[turn % this.#shape.workers]
    if (place === undefined) throw new Error('no workers yet')
    return place
  }

  #names(): string {
    return this.#places.map(({ name }) => name).join(', ')
  }

  async #startWorker(index: number): Promise<void> {
    const name = `process-${++this.#started}-${this.#kind}`
    const member = await this.#workers.add(this.#kind, {}, { env: { BENCH_WORKER: name } })
    this.#places[index] = { name, member }
  }

  async #startAgain(place: Place): Promise<void> {
    await this.#startWorker(this.#places.indexOf(place))
    await this.quiet()
  }

  #moved({ name }: Place): Promise<number[]> {
    const tasks = this.#steady().filter(task => this.#sightings.last.get(task)?.worker === name)
    if (tasks.length === 0) throw new Error(`${name} runs no task`)
    return this.#sightings.first(tasks, sighting => sighting.worker !== name)
  }

  /** When the group stops being stable, milliseconds since 1970; null where `signal` came first. */
  async #groupStirs(signal: AbortSignal): Promise<number | null> {
    while (!signal.aborted) {
      const { state } = await this.#admin.describeGroup(this.#workers.group)
      if (state !== 'Stable') return Date.now()
      await delay(LOOK_MS)
    }
    return null
  }

  /** How many of the tasks each worker runs; one that is silent runs nowhere. */
  #shares(tasks: readonly string[]): Map<string, number> {
    const shares = new Map<string, number>()
    for (const task of tasks) {
      const sighting = this.#sightings.last.get(task)
      if (sighting === undefined || Date.now() - sighting.atMs > QUIET_MS) continue
      shares.set(sighting.worker, (shares.get(sighting.worker) ?? 0) + 1)
    }
    return shares
  }

  /** Tasks of the connectors that are always there. */
  #steady(): string[] {
    return Array.from({ length: this.#shape.connectors }, (_, i) => this.#tasksOf(`steady-${i}`)).flat()
  }

  #tasksOf(connector: string): string[] {
    return Array.from({ length: this.#shape.tasks }, (_, task) => taskName(connector, task))
  }

  async #create(name: string, turn = 0): Promise<void> {
    const body = { name, config: this.#config(name, '0') }
    const answer = await this.#place(turn).member.rest('/connectors', { method: 'POST', body })
    if (answer.status !== 201) throw new Error(`POST ${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  #config(connector: string, version: string): Record<string, string> {
    return {
      'connector.class': SOURCE,
      'tasks.max': String(this.#shape.tasks),
      topic: this.#topic,
      throughput: RECORDS_PER_SECOND,
      transforms: 'hoist,origin',
      'transforms.hoist.type': `${TRANSFORMS}.HoistField$Value`,
      'transforms.hoist.field': 'seqno',
      'transforms.origin.type': `${TRANSFORMS}.InsertField$Value`,
      'transforms.origin.static.field': 'origin',
      // the worker's part is resolved where the task runs
      'transforms.origin.static.value': `${connector} ${version} \${env:BENCH_WORKER}`,
    }
  }
}
