// A simulated cluster: workers that come, go, freeze and lose their links, one coordinator, one config and one status topic, all under a clock that nobody
// waits for. Everything that happens follows from the seed. Main thread of the simulation; storm.ts decides what happens.
import type { Clock } from '../../src/base/clock.ts'
import { ConnectError, codeOf, type WrongWorkerError } from '../../src/base/errors.ts'
import type { DistributedHerder } from '../../src/supervisor/distributed/herder.ts'
import { Random } from '../oracle/random.ts'
import type { FakeActor } from '../supervisor/fake-actors.ts'
import { MemoryOffsets } from '../supervisor/fake-worker.ts'
import { TestClock } from '../support/clock.ts'
import { MemoryCoordinator } from './memory-coordinator.ts'
import { MemoryLog } from './memory-log.ts'
import { SESSION_MS, SHUTDOWN_MS, SimWorker } from './sim-worker.ts'
import { WorkerClock } from './worker-clock.ts'

/** After a disturbance is over a worker has learnt of it, stopped what is not its own, and is a member again. */
const GRACE_MS = SESSION_MS + SHUTDOWN_MS + 15_000
const RPC_TIMEOUT_MS = 10_000
const MAX_DELAYS_MS = [0, 1_000, 10_000, 30_000]
const WAIT_MS = 1_000
const TRIES_MAX = 60

export class World {
  readonly clock = new TestClock()
  readonly seed: number
  readonly random: Random
  readonly maxDelayMs: number
  readonly isFencing: boolean
  readonly coordinator: MemoryCoordinator
  readonly log: MemoryLog
  readonly statusLog: MemoryLog
  readonly offsets = new MemoryOffsets()
  readonly workers: SimWorker[] = []
  /** invariants that were broken, bugs */
  readonly faults: string[] = []
  /** what happened, to read when a seed fails */
  readonly history: string[] = []
  readonly #startedMs: number
  #names = 0

  constructor(seed: number) {
    this.seed = seed
    this.random = new Random(seed)
    this.maxDelayMs = this.random.pick(MAX_DELAYS_MS)
    this.isFencing = this.random.chance(0.5)
    const latencies = new Random(seed, 1)
    const slowest = this.random.pick([0, 5, 100])
    this.coordinator = new MemoryCoordinator({ clock: this.clock, latencyMs: () => latencies.int(slowest + 1) })
    this.log = new MemoryLog({ clock: this.clock })
    this.statusLog = new MemoryLog({ clock: this.clock, partitions: 2 })
    this.#startedMs = this.clock.now()
  }

  get nowMs(): number {
    return this.clock.now() - this.#startedMs
  }

  get up(): SimWorker[] {
    return this.workers.filter(({ isUp }) => isUp)
  }

  note(what: string): void {
    this.history.push(`${(this.nowMs / 1000).toFixed(3)} s  ${what}`)
  }

  fault(what: string): void {
    this.note(`FAULT: ${what}`)
    this.faults.push(what)
  }

  pass(ms: number): Promise<void> {
    return this.clock.advance(ms)
  }

  add(): SimWorker {
    const name = `w${this.#names++}`
    const delays = new Random(this.seed, this.#names + 1)
    const slowest = this.random.pick([0, 5, 50])
    const worker: SimWorker = new SimWorker({
      name,
      clock: new WorkerClock(this.clock),
      coordinator: this.coordinator,
      log: this.log,
      statusLog: this.statusLog,
      offsets: this.offsets,
      maxDelayMs: this.maxDelayMs,
      delayMs: () => delays.int(slowest + 1),
      isFencing: this.isFencing,
      born: (one, actor) => this.#born(one, actor),
      bug: (one, error) => this.fault(`${one.name} failed: ${error.stack ?? error.message}`),
      putTaskConfigs: async (from, url, connector, tasks, headers, body) => {
        const what = `${tasks.length} task configs of ${connector} from ${from.name} to ${url}`
        try {
          await this.rpc(from.clock, url, herder => herder.putTaskConfigs(connector, () => tasks, { headers, body }))
          this.note(what)
        } catch (error) {
          this.note(`${what}: ${(error as Error).message}`)
          throw error
        }
      },
    })
    this.workers.push(worker)
    this.note(`${name} starts`)
    worker.start().catch(error => this.fault(`${name} did not start: ${error}`))
    return worker
  }

  /** The worker may hold what others hold from now on until a while after `forMs`. */
  disturb(worker: SimWorker, forMs: number): void {
    worker.disturbedUntilMs = Math.max(worker.disturbedUntilMs, this.nowMs + forMs + GRACE_MS)
  }

  #born(worker: SimWorker, actor: FakeActor): void {
    const name = `${actor.entry} ${actor.name}`
    if (worker.alive.filter(one => one === name).length > 1) this.fault(`${name} runs twice on ${worker.name}`)
    for (const other of this.up) {
      if (other === worker || !other.alive.includes(name)) continue
      const isAllowed = [worker, other].some(({ disturbedUntilMs }) => this.nowMs <= disturbedUntilMs)
      const what = `${name} starts on ${worker.name} while it runs on ${other.name}`
      if (isAllowed) this.note(what)
      else this.fault(what)
    }
  }

  /** From worker to worker over the network: nobody there, no answer, or what the other one says. */
  async rpc<T>(clock: Clock, url: string, ask: (herder: DistributedHerder) => Promise<T>): Promise<T> {
    const target = this.workers.find(worker => worker.url === url)
    const timeout = new AbortController()
    const late = clock.sleep(RPC_TIMEOUT_MS, timeout.signal).then(
      () => Promise.reject(new ConnectError('no answer in time')),
      () => new Promise<never>(() => undefined),
    )
    const answer = async () => {
      await this.clock.sleep(this.random.int(20))
      if (target === undefined || target.clock.state === 'dead') throw new ConnectError('connection refused')
      if (target.clock.state === 'frozen') return new Promise<never>(() => undefined)
      return ask(target.herder)
    }
    try {
      return await Promise.race([answer(), late])
    } finally {
      timeout.abort()
    }
  }

  /**
   * A request as REST does it: to some worker, from there to the leader, again after a while where the cluster is not ready.
   * @param isThere the connector is there: a worker that does not know it is behind, and another one is asked
   * @returns whether it was done
   */
  async request(
    what: string,
    ask: (herder: DistributedHerder) => Promise<unknown>,
    tries = TRIES_MAX,
    isThere = false,
  ): Promise<boolean> {
    for (let i = 0; i < tries; i++) {
      const [one] = this.random.some(this.up, 1)
      try {
        if (one !== undefined) {
          await this.#requestOf(one, ask)
          this.note(`${what}: done by ${one.name}`)
          return true
        }
      } catch (error) {
        const code = codeOf(error)
        if ((code === 'CONNECT_NOT_FOUND' && !isThere) || code === 'CONNECT_BAD_REQUEST') {
          this.note(`${what}: ${(error as Error).message}`)
          return false
        }
      }
      await this.clock.sleep(WAIT_MS)
    }
    this.note(`${what}: given up`)
    return false
  }

  async #requestOf(one: SimWorker, ask: (herder: DistributedHerder) => Promise<unknown>): Promise<void> {
    try {
      await this.rpc(this.clock, one.url, ask)
    } catch (error) {
      if (codeOf(error) !== 'CONNECT_WRONG_WORKER') throw error
      const { url } = error as WrongWorkerError
      if (url === null) throw error
      await this.rpc(this.clock, url, ask)
    }
  }
}
