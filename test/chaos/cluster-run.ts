// Goal: whatever dies in a cluster of three workers, every line of the source files ends in the lake and in the sink's file, and all tasks run
// again soon after. Method: FileStreamSources -> topic -> lake sink and FileStreamSink, lines appended all the while, SIGKILLs of workers
// (each comes back after a while, as a new one) and restarts of the broker at the times of cluster-plan.ts; at the end every id is looked for.
// Duplicates are what at-least-once allows: counted, not forbidden. Main thread.
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Broker, ownBroker } from '../../scripts/kafka/broker.ts'
import { readTopic } from '../broker/producer-parts.ts'
import { ConnectCluster, type StateInfo } from '../support/connect-cluster.ts'
import { createTopic, endOffsets } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { clusterPlan } from './cluster-plan.ts'
import { type Found, type FoundInFile, inFile, inLake, lineAt } from './lines.ts'
import { Place } from './place.ts'

export interface ClusterChaosOptions {
  readonly kills: number
  readonly records: number
  readonly seed: number
  /** exactly-once sources, and sinks that read what is committed */
  readonly exactlyOnce: boolean
  say(line: string): void
}

export interface ClusterChaosResult {
  readonly topicRows: number
  readonly lake: Found
  readonly file: FoundInFile
  /** from the last kill until every connector and task was RUNNING on a worker that runs */
  readonly runningAfterMs: number
  /** what no kill explains: a worker that ended by itself */
  readonly incidents: readonly string[]
  readonly seconds: number
}

const WORKERS = 3
const SOURCES = 3
const PARTITIONS = 4
const SINK_TASKS = 2
const TOPIC = 'chaos'
const FEED_MS = 50
const STALL_MS = 120_000
/** A killed member is thrown out after the session; its work waits for the delay, then others have it. */
const WORKER = {
  'session.timeout.ms': '3000',
  'heartbeat.interval.ms': '500',
  'scheduled.rebalance.max.delay.ms': '1000',
  'offset.flush.interval.ms': '250',
  'connector.client.config.override.policy': 'All',
}
const EXACTLY_ONCE = { 'exactly.once.source.support': 'enabled', 'consumer.isolation.level': 'read_committed' }
const SINK_GROUP = { 'consumer.override.session.timeout.ms': '3000', 'consumer.override.heartbeat.interval.ms': '500' }
const STRINGS = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }

interface Offsets {
  readonly offsets: readonly { readonly offset: { readonly kafka_offset?: number; readonly position?: number } }[]
}

class ClusterFlow {
  readonly #o: ClusterChaosOptions
  readonly #kafka: Broker
  readonly #cluster: ConnectCluster
  readonly #places: readonly Place[]
  readonly inputs: readonly string[]
  readonly lake: string
  readonly output: string
  #fed = 0
  #lastFailures = new Set<string>()

  constructor(options: ClusterChaosOptions, folder: string, kafka: Broker) {
    this.#o = options
    this.#kafka = kafka
    this.inputs = Array.from({ length: SOURCES }, (_, i) => join(folder, `input-${i}`))
    this.lake = join(folder, 'lake')
    this.output = join(folder, 'output')
    this.#cluster = new ConnectCluster({
      bootstrap: kafka.bootstrap,
      worker: options.exactlyOnce ? { ...WORKER, ...EXACTLY_ONCE } : WORKER,
    })
    this.#places = Array.from({ length: WORKERS }, () => new Place(this.#cluster, options.say))
  }

  get incidents(): string[] {
    return this.#places.flatMap(place => place.incidents)
  }

  /** By name, with the number of tasks. */
  #connectors(): [string, number, Record<string, string>][] {
    const { inputs, lake, output } = this
    const sources = inputs.map((file, i): [string, number, Record<string, string>] => [
      `source-${i}`,
      1,
      { 'connector.class': 'FileStreamSource', file, topic: TOPIC, ...STRINGS },
    ])
    const sink = { topics: TOPIC, 'tasks.max': String(SINK_TASKS), ...SINK_GROUP }
    const lakeSink = {
      'connector.class': 'io.sluice.connect.lake.LakeSinkConnector',
      'store.url': lake,
      'format.class': 'parquet',
      'flush.size': String(Math.max(500, Math.floor(this.#o.records / 200))),
      'rotate.schedule.interval.ms': '1000',
      timezone: 'UTC',
    }
    return [
      ...sources,
      ['lake', SINK_TASKS, { ...sink, ...lakeSink }],
      ['file', SINK_TASKS, { ...sink, 'connector.class': 'FileStreamSink', file: output, ...STRINGS }],
    ]
  }

  async start(): Promise<void> {
    await createTopic(this.#kafka.bootstrap, TOPIC, { partitions: PARTITIONS })
    for (const input of this.inputs) writeFileSync(input, '')
    for (const place of this.#places) place.start(0)
    await Promise.all(this.#places.map(place => place.isUp()))
    for (const [name, , config] of this.#connectors()) await this.#cluster.put(name, config)
    await this.#untilRunning()
  }

  /** Kills what the plan says, at its times, lines flowing; gives the time until all ran again. */
  async suffer(): Promise<number> {
    const { seed, kills, records, say } = this.#o
    const plan = clusterPlan(seed, kills)
    for (const [i, event] of plan.entries()) {
      await this.#feed(Math.floor((records * (i + 1)) / (plan.length + 1)), event.afterMs)
      if (event.kind === 'broker') {
        say(`${i + 1}/${plan.length}: the broker, for ${event.downMs} ms; ${this.#fed} lines written`)
        await this.#kafka.kill()
        await delay(event.downMs)
        await this.#kafka.restart()
      } else {
        const index = Math.floor(event.victim * WORKERS)
        const state = await this.#places[index]?.kill(event.downMs)
        say(`${i + 1}/${plan.length}: worker ${index} (${state}), for ${event.downMs} ms; ${this.#fed} lines written`)
      }
    }
    const lastKill = performance.now()
    await Promise.all([this.#feed(records, 2000), this.#untilRunning()])
    return performance.now() - lastKill
  }

  async #feed(to: number, durationMs: number): Promise<void> {
    const from = this.#fed
    const begin = performance.now()
    while (this.#fed < to) {
      const share = Math.min(1, (performance.now() - begin) / durationMs)
      this.#append(from + Math.floor((to - from) * share))
      if (this.#fed < to) await delay(FEED_MS)
    }
  }

  #append(to: number): void {
    const texts = this.inputs.map(() => '')
    for (let i = this.#fed; i < to; i++) texts[i % SOURCES] += `${lineAt(i)}\n`
    for (const [i, input] of this.inputs.entries()) if (texts[i] !== '') appendFileSync(input, texts[i] ?? '')
    this.#fed = to
  }

  async #untilRunning(): Promise<void> {
    const begin = performance.now()
    for (const [name, tasks] of this.#connectors())
      await until(async () => {
        if (performance.now() - begin > STALL_MS)
          throw new Error(
            `${name} does not run: ${JSON.stringify(await this.#ask(`/connectors/${name}/status`))}\n${this.#logs()}`,
          )
        const info = await this.#ask<StateInfo>(`/connectors/${name}/status`)
        if (info === null || info.tasks.length !== tasks) return false
        for (const part of [info.connector, ...info.tasks]) this.#note(name, part)
        const isHere = (id: string) => this.#places.some(place => place.workerId === id)
        return [info.connector, ...info.tasks].every(({ state, worker_id }) => state === 'RUNNING' && isHere(worker_id))
      })
  }

  #note(name: string, { state, trace, worker_id }: { state: string; worker_id: string; trace?: string }): void {
    if (state !== 'FAILED') return
    const text = `${name} FAILED on ${worker_id}: ${trace ?? ''}`
    if (!this.#lastFailures.has(text)) this.#o.say(text)
    this.#lastFailures.add(text)
  }

  /** null while nobody can tell. */
  async #ask<T>(path: string): Promise<T | null> {
    try {
      const { status, body } = await this.#cluster.rest<T>(path)
      return status === 200 ? body : null
    } catch {
      return null
    }
  }

  /** Committed records, and where they end: markers of transactions may come after. */
  async inTopic(): Promise<{ rows: number; ends: number }> {
    if (!this.#o.exactlyOnce) {
      const ends = (await endOffsets(this.#kafka.bootstrap, TOPIC)).reduce((sum, end) => sum + end, 0)
      return { rows: ends, ends }
    }
    const records = await readTopic(this.#kafka.bootstrap, TOPIC, 'read_committed')
    const ends = new Map(records.map(({ partition, offset }) => [partition, offset + 1]))
    return { rows: records.length, ends: [...ends.values()].reduce((sum, end) => sum + end, 0) }
  }

  async #sum(connector: string, key: 'kafka_offset' | 'position'): Promise<number> {
    const found = await this.#ask<Offsets>(`/connectors/${connector}/offsets`)
    return found?.offsets.reduce((sum, { offset }) => sum + Number(offset[key] ?? 0), 0) ?? -1
  }

  /** Until the sources have committed the ends of their files and the sinks the end of the topic. */
  async finish(): Promise<void> {
    let last = ''
    let lastChange = performance.now()
    await until(async () => {
      const sources = await Promise.all(this.inputs.map((_, i) => this.#sum(`source-${i}`, 'position')))
      const sinks = await Promise.all(['lake', 'file'].map(name => this.#sum(name, 'kafka_offset')))
      const sizes = this.inputs.map(input => statSync(input).size)
      const areSourcesDone = sizes.every((size, i) => sources[i] === size)
      const ends = areSourcesDone ? (await this.inTopic()).ends : Number.POSITIVE_INFINITY
      const now = `files ${sizes}, sources ${sources}, topic ${ends}, lake and file ${sinks}`
      if (now !== last) lastChange = performance.now()
      last = now
      if (performance.now() - lastChange > STALL_MS) throw new Error(`nothing moves: ${now}\n${this.#logs()}`)
      return areSourcesDone && sinks.every(sum => sum >= ends)
    })
    await Promise.all(this.#places.map(place => place.stop()))
  }

  #logs(): string {
    return this.#cluster.members.flatMap(member => (member.running() ? [member.logs().slice(-4000)] : [])).join('\n')
  }

  async close(): Promise<void> {
    for (const place of this.#places) place.abandon()
    await this.#cluster.stop()
  }
}

export async function runClusterChaos(options: ClusterChaosOptions): Promise<ClusterChaosResult> {
  const begin = performance.now()
  // child processes are not waited for by Node: there would be nothing to do while one ends
  const alive = setInterval(() => undefined, FEED_MS)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'))
  const kafka = await ownBroker()
  const flow = new ClusterFlow(options, folder, kafka)
  try {
    await flow.start()
    options.say('all tasks run')
    const runningAfterMs = await flow.suffer()
    await flow.finish()
    return {
      topicRows: (await flow.inTopic()).rows,
      lake: await inLake(flow.lake, 'parquet', options.records),
      file: await inFile(flow.output, options.records),
      runningAfterMs,
      incidents: flow.incidents,
      seconds: (performance.now() - begin) / 1000,
    }
  } finally {
    await flow.close()
    await kafka.stop()
    clearInterval(alive)
    rmSync(folder, { recursive: true, force: true })
  }
}
