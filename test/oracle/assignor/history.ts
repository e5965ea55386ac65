// Random histories of a group of workers, round after round, and what our leaders make of them. Members evolve by our answers, with the
// accidents that groups have: lost answers, revocations without effect, zombies, returning workers, leaders that change and come back.
// Used by `npm run test:oracle -- assignor` and by the golden files of test/golden/group. Main thread.
import { silentLogger } from '../../../src/base/log.ts'
import {
  type ConnectProtocol,
  decodeAssignment,
  encodeMetadata,
  type WorkerAssignment,
} from '../../../src/supervisor/distributed/connect-protocol.ts'
import { LeaderState, type SharedOut } from '../../../src/supervisor/distributed/leader-state.ts'
import { NO_WORK, type Work } from '../../../src/supervisor/distributed/work.ts'
import { minus, union } from '../../../src/supervisor/distributed/work-set.ts'
import { TestClock } from '../../support/clock.ts'
import { clusterConfig } from '../../support/cluster-configs.ts'
import { Random } from '../random.ts'

/** The question as Assignments.java reads it. */
export interface Round {
  readonly now: number
  /** member id of the leader, and the worker's own name: its memory outlives its member ids */
  readonly leader: string
  readonly lead: string
  readonly last: number
  readonly generation: number
  readonly protocol: ConnectProtocol
  /** config offset of the leader when it joined, and if it reads again */
  readonly offset: number
  readonly fresh: number
  readonly configured: Readonly<Record<string, number>>
  /** id and metadata in hex, as in the answer to JoinGroup */
  readonly members: readonly (readonly [id: string, metadata: string])[]
}

export interface History {
  readonly maxDelay: number
  readonly rounds: readonly Round[]
}

class RoundClock extends TestClock {
  atMs = 0

  override monotonicMs(): number {
    return this.atMs
  }
}

/** Leads rounds as the workers of a history do: each with a memory of its own. */
export class Leaders {
  readonly #clock = new RoundClock()
  readonly #maxDelay: number
  readonly #leaders = new Map<string, LeaderState>()

  constructor(maxDelay: number) {
    this.#maxDelay = maxDelay
  }

  lead(round: Round): Promise<SharedOut> {
    const leader = this.#leaders.get(round.lead) ?? new LeaderState(this.#clock, silentLogger, this.#maxDelay)
    this.#leaders.set(round.lead, leader)
    this.#clock.atMs = round.now
    return leader.shareOut({
      protocol: round.protocol,
      leaderId: round.leader,
      generation: round.generation,
      lastGeneration: round.last,
      members: round.members.map(([memberId, hex]) => ({ memberId, groupInstanceId: null, metadata: Buffer.from(hex, 'hex') })),
      config: clusterConfig(round.offset, round.configured),
      freshConfig: async () => clusterConfig(round.fresh, round.configured),
    })
  }
}

interface Worker {
  readonly name: string
  id: string
  held: Work
  /** what it says of itself when it joins; null: new */
  allocation: WorkerAssignment | null
  lastGeneration: number
}

const MAX_DELAYS = [0, 1, 2, 39, 40, 41, 1000, 1600, 5000, 60_000, 300_000, 2_147_483_647]
const WORKERS_MAX = 8
const CONNECTORS_MAX = 12
const TASKS_MAX = 7
const PROTOCOLS: readonly ConnectProtocol[] = ['sessioned', 'sessioned', 'compatible', 'default']
const STEP_MS_MAX = 400_000

class Group {
  readonly random: Random
  readonly maxDelay: number
  readonly workers: Worker[] = []
  readonly configured: Record<string, number> = {}
  protocol: ConnectProtocol
  nowMs = 1_700_000_000_000
  generation = 0
  offset = 10
  delayMs = 0
  #made = 0

  constructor(random: Random) {
    this.random = random
    this.maxDelay = random.pick(MAX_DELAYS)
    this.protocol = random.pick(PROTOCOLS)
    for (let i = random.between(1, 4); i > 0; i--) this.join()
    for (let i = random.int(6); i > 0; i--) this.configure()
  }

  newId(): string {
    const { random } = this
    return `worker-${random.int(1 << 30).toString(36)}-${random.int(1 << 30).toString(16)}`
  }

  join(): void {
    if (this.workers.length >= WORKERS_MAX) return
    const name = `http://worker${this.#made++}:8083/`
    this.workers.push({ name, id: this.newId(), held: NO_WORK, allocation: null, lastGeneration: -1 })
  }

  /** Adds, changes or deletes a connector. */
  configure(): void {
    const { random, configured } = this
    const names = Object.keys(configured)
    this.offset += random.between(1, 5)
    if (names.length > 0 && random.chance(0.3)) delete configured[random.pick(names)]
    else if (names.length > 0 && random.chance(0.4)) configured[random.pick(names)] = random.int(TASKS_MAX)
    else if (names.length < CONNECTORS_MAX)
      configured[random.pick(['a', 'b-1', 'B', 'é', '漢', 'x y', 'long-name'].map(n => `${n}${random.int(4)}`))] =
        random.int(TASKS_MAX)
  }

  /** What happens between two rounds. */
  pass(): void {
    const { random } = this
    const stepMs = random.pick([0, 1, this.delayMs, this.delayMs, this.delayMs - 1, random.int(STEP_MS_MAX)])
    this.nowMs += Math.max(0, stepMs)
    if (random.chance(0.25)) this.join()
    if (this.workers.length > 1 && random.chance(0.25)) this.workers.splice(random.int(this.workers.length), 1)
    if (random.chance(0.15)) this.restart(random.pick(this.workers))
    // The session ran out, the work goes on: the same worker under a new id.
    if (random.chance(0.08)) random.pick(this.workers).id = this.newId()
    if (this.workers.length > 1 && random.chance(0.05)) this.steal()
    for (let i = random.chance(0.4) ? random.between(1, 3) : 0; i > 0; i--) this.configure()
    if (random.chance(0.02)) this.protocol = random.pick(PROTOCOLS)
  }

  restart(worker: Worker): void {
    Object.assign(worker, { id: this.newId(), held: NO_WORK, allocation: null, lastGeneration: -1 })
  }

  /** A zombie holds what another one has got meanwhile. */
  steal(): void {
    const [one, other] = this.random.some(this.workers, 2)
    if (one === undefined || other === undefined) return
    const { connectors, tasks } = other.held
    const some = { connectors: this.random.some(connectors, 1), tasks: this.random.some(tasks, this.random.between(1, 3)) }
    this.hold(one, union([one.held, some]))
  }

  hold(worker: Worker, held: Work): void {
    worker.held = held
    if (worker.allocation !== null) worker.allocation = { ...worker.allocation, assigned: held }
  }

  round(): Round {
    const { random } = this
    this.generation += random.chance(0.1) ? 2 : 1
    // Mostly the same one, the first: a leader keeps its place as long as it lives.
    const leader = random.chance(0.85) ? this.workers[0] : random.pick(this.workers)
    if (leader === undefined) throw new Error('a group without workers')
    const behind = random.chance(0.1)
    const offset = behind ? this.offset - random.between(1, 3) : this.offset
    return {
      now: this.nowMs,
      leader: leader.id,
      lead: leader.name,
      last: leader.lastGeneration,
      generation: this.generation,
      protocol: this.protocol,
      offset,
      fresh: behind ? random.pick([offset, this.offset, this.offset + 1]) : this.offset,
      configured: { ...this.configured },
      members: this.workers.map(worker => {
        const configOffset = worker === leader ? offset : this.offset - (random.chance(0.2) ? random.int(4) : 0)
        const metadata = encodeMetadata(this.protocol, { url: worker.name, configOffset, allocation: worker.allocation })
        return [worker.id, metadata.toString('hex')]
      }),
    }
  }

  /** Who hears of the assignment, and does as it says. */
  take(assignments: ReadonlyMap<string, Buffer>): void {
    const { random } = this
    if (random.chance(0.05)) return
    for (const worker of this.workers) {
      const bytes = assignments.get(worker.id)
      if (bytes === undefined || random.chance(0.04)) continue
      const given = decodeAssignment(bytes)
      this.delayMs = given.delayMs
      worker.lastGeneration = this.generation
      const revoked = random.chance(0.05) ? NO_WORK : given.revoked
      const held = this.protocol === 'default' ? given.assigned : union([given.assigned, minus(worker.held, revoked)])
      worker.allocation = { ...given, assigned: held, revoked: NO_WORK }
      worker.held = held
    }
  }
}

/** The `number`-th history of a seed, with our answers. */
export async function makeHistory(seed: number, number: number): Promise<{ history: History; answers: readonly SharedOut[] }> {
  const group = new Group(new Random(seed, number))
  const leaders = new Leaders(group.maxDelay)
  const rounds: Round[] = []
  const answers: SharedOut[] = []
  for (let i = group.random.between(3, 20); i > 0; i--) {
    const round = group.round()
    const answer = await leaders.lead(round)
    rounds.push(round)
    answers.push(answer)
    group.take(answer.assignments)
    group.pass()
  }
  return { history: { maxDelay: group.maxDelay, rounds }, answers }
}
