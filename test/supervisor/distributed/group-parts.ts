// Workers of a group without herders: each a real KafkaWorkerGroup on the coordinator in memory, with a listener that writes down what it
// is told and fails where the group breaks its promises (overlapping calls, work given twice or taken without having been given).
// Main thread of the tests of the worker group.
import assert from 'node:assert/strict'
import { silentLogger } from '../../../src/base/log.ts'
import type { ClusterConfig } from '../../../src/store/cluster-config.ts'
import { type GroupRound, NO_WORK, type Work, type WorkerGroupListener } from '../../../src/supervisor/distributed/work.ts'
import { common, inOrder, isNoWork, minus, taskKey, union } from '../../../src/supervisor/distributed/work-set.ts'
import { KafkaWorkerGroup, type WorkerGroupOptions } from '../../../src/supervisor/distributed/worker-group.ts'
import { MemoryCoordinator } from '../../sim/memory-coordinator.ts'
import { TestClock } from '../../support/clock.ts'
import { clusterConfig } from '../../support/cluster-configs.ts'

export const MAX_DELAY_MS = 60_000
export const HEARTBEAT_MS = 3000
export const SESSION_MS = 10_000

const shown = (work: Work): string => {
  const { connectors, tasks } = inOrder(work)
  return [...connectors, ...tasks.map(taskKey)].join(' ')
}

export class TestGroup {
  readonly clock = new TestClock()
  readonly coordinator: MemoryCoordinator
  readonly workers: TestWorker[] = []
  config = clusterConfig(0, {})

  /** @param latencyMs of each way to and from the coordinator */
  constructor(latencyMs = 0) {
    this.coordinator = new MemoryCoordinator({ clock: this.clock, latencyMs: () => latencyMs })
  }

  /** A new state of the config topic, read by everyone at once. */
  configure(configured: Readonly<Record<string, number>>): void {
    this.config = clusterConfig(this.config.offset + 1, configured)
    for (const worker of this.workers) worker.known = this.config
  }

  async join(options: Partial<WorkerGroupOptions> = {}): Promise<TestWorker> {
    const worker = new TestWorker(this, `w${this.workers.length}`, options)
    this.workers.push(worker)
    worker.group.start()
    await this.settled()
    return worker
  }

  async settled(): Promise<void> {
    for (let i = 0; i < 10; i++) await this.clock.advance(0)
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
    await this.settled()
  }

  /** Every task and connector of the config on exactly one of these workers. */
  isSharedBy(...workers: readonly TestWorker[]): void {
    const all = workers.flatMap(w => shown(w.running).split(' ')).filter(name => name !== '')
    const configured = this.config
      .names()
      .flatMap(name => [name, ...(this.config.get(name)?.tasks ?? []).map((_, i) => `${name}-${i}`)])
    assert.deepEqual(all.sort(), configured.sort())
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) {
      worker.release()
      const leaving = worker.group.leave()
      await this.pass(6000)
      await leaving
    }
  }
}

export class TestWorker implements WorkerGroupListener {
  readonly #of: TestGroup
  readonly group: KafkaWorkerGroup
  readonly name: string
  /** `assigned 1: a a-0`, `gave up: a-0`, `lost: …`, `read 5`, `failed …` */
  readonly events: string[] = []
  running: Work = NO_WORK
  known: ClusterConfig
  round: GroupRound | null = null
  canRead = true
  /** giveUp waits for release() */
  isStuck = false
  #release: (() => void)[] = []
  #calls = 0

  constructor(of: TestGroup, name: string, options: Partial<WorkerGroupOptions>) {
    this.#of = of
    this.name = name
    this.known = of.config
    this.group = new KafkaWorkerGroup({
      cluster: of.coordinator.client(name),
      log: silentLogger,
      clock: of.clock,
      listener: this,
      groupId: 'g',
      protocol: 'sessioned',
      restUrl: `http://${name}:8083/`,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: HEARTBEAT_MS,
      syncTimeoutMs: 3000,
      unsyncBackoffMs: 300_000,
      maxDelayMs: MAX_DELAY_MS,
      ...options,
    })
  }

  config(): ClusterConfig {
    return this.known
  }

  readConfig(timeoutMs: number): Promise<ClusterConfig> {
    return this.#one(async () => {
      if (!this.canRead) {
        await this.#of.clock.sleep(timeoutMs)
        throw new Error('not read in time')
      }
      this.known = this.#of.config
      this.events.push(`read ${this.known.offset}`)
      return this.known
    })
  }

  giveUp(work: Work, isLost: boolean): Promise<void> {
    return this.#one(async () => {
      assert.deepEqual(minus(work, this.running), NO_WORK, `${this.name} is to give up what it has not`)
      assert.equal(isNoWork(work), false)
      if (this.isStuck) await new Promise<void>(resolve => this.#release.push(resolve))
      this.running = minus(this.running, work)
      this.events.push(`${isLost ? 'lost' : 'gave up'}: ${shown(work)}`)
    })
  }

  assigned(round: GroupRound, added: Work, all: Work): Promise<void> {
    return this.#one(async () => {
      assert.equal(round.configOffset, this.known.offset)
      assert.equal(round.isConfigMismatch, false)
      assert.deepEqual(common(added, this.running), NO_WORK, `${this.name} is given what it has`)
      this.running = union([this.running, added])
      assert.equal(shown(this.running), shown(all))
      this.round = round
      this.events.push(`assigned ${round.generation}: ${shown(added)}`)
    })
  }

  failed(error: Error): void {
    this.events.push(`failed: ${error.message}`)
  }

  release(): void {
    this.isStuck = false
    for (const resolve of this.#release.splice(0)) resolve()
  }

  /** What happened since the last look. */
  news(): string[] {
    return this.events.splice(0)
  }

  async #one<T>(run: () => Promise<T>): Promise<T> {
    assert.equal(this.#calls++, 0, `calls of ${this.name} overlap`)
    try {
      return await run()
    } finally {
      this.#calls--
    }
  }
}
