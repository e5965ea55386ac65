// What happens to a simulated cluster, from its seed: workers come and go, links fail, processes stop and die, configs change, starts and
// stops take long. Then everything heals, and the cluster must come to rest in the one right state. Main thread of the simulation.
import { prng } from '../../src/base/prng.ts'
import type { Random } from '../oracle/random.ts'
import { SINK, SOURCE } from '../supervisor/fake-worker.ts'
import { checkRest } from './invariants.ts'
import type { SimWorker } from './sim-worker.ts'
import { World } from './world.ts'

const WORKERS_MAX = 6
const NAMES = ['a', 'b', 'c', 'd-1', 'e']
const TASKS_MAX = 5
const STORM_MS = [20_000, 60_000, 180_000]
const PAUSE_MS_MAX = 12_000
const STEP_MS = 500
/** Leaves of the group, back-offs, the delay and its round are over. */
const REST_MS = 120_000
/** The same generation for so long. */
const QUIET_MS = 60_000

type Target = 'STARTED' | 'PAUSED' | 'STOPPED'

/** What users were promised; null: deleted. */
export type Wanted = ReadonlyMap<string, { readonly version: string; readonly tasks: number; readonly target: Target } | null>

export interface Outcome {
  readonly faults: readonly string[]
  readonly history: readonly string[]
}

/** One life of a cluster. Back-offs draw from the seed, too: the same seed is the same life. */
export async function simulate(seed: number): Promise<Outcome> {
  const { random } = Math
  Math.random = prng(seed)
  try {
    return await live(new World(seed))
  } finally {
    Math.random = random
  }
}

async function live(world: World): Promise<Outcome> {
  const { random } = world
  world.note(`max delay ${world.maxDelayMs} ms, writes are ${world.isFencing ? 'transactions' : 'plain'}`)
  for (let i = random.between(1, 4); i > 0; i--) world.add()
  const requests = new Requests(world)
  for (let i = random.int(4); i > 0; i--) requests.random()
  const endMs = random.pick(STORM_MS)
  while (world.nowMs < endMs && world.faults.length === 0) {
    happen(world, requests)
    await world.pass(random.int(PAUSE_MS_MAX))
  }
  if (world.faults.length === 0) await rest(world, requests)
  return world
}

/** Heals everything, asks for the last time and looks whether all is as it must be. */
async function rest(world: World, requests: Requests): Promise<void> {
  world.note('everything heals')
  for (const worker of world.workers) heal(world, worker)
  if (world.up.every(({ isLeaving }) => isLeaving)) world.add()
  await world.pass(REST_MS + world.maxDelayMs)
  world.note('the last requests')
  const wanted = requests.last()
  for (let ms = 0; ms < REST_MS && !requests.areDone; ms += STEP_MS) await world.pass(STEP_MS)
  if (!requests.areDone) return world.fault('a request was not done in a quiet cluster')
  await world.pass(REST_MS + world.maxDelayMs)
  const { generation } = world.coordinator
  await world.pass(QUIET_MS)
  if (world.coordinator.generation !== generation) world.fault('a quiet group goes on rebalancing')
  checkRest(world, wanted)
}

function heal(world: World, worker: SimWorker): void {
  if (worker.clock.state === 'dead') return
  worker.cast.stopsLate = false
  worker.cast.startMs = 0
  worker.setReachable(true)
  worker.clock.state = 'up'
  world.coordinator.setLink(worker.name, 'up')
}

/** For a while, then it heals if nothing worse came. */
function harm(world: World, worker: SimWorker, what: string, begin: () => void, end: () => void): void {
  const forMs = world.random.pick([500, 2_000, 5_000, 15_000, 40_000])
  world.note(`${worker.name} ${what} for ${forMs} ms`)
  world.disturb(worker, forMs)
  begin()
  world.clock.after(forMs, () => {
    if (worker.clock.state === 'dead') return
    end()
    world.note(`${worker.name} ${what} no more`)
  })
}

function kill(world: World, worker: SimWorker): void {
  world.note(`${worker.name} is killed`)
  worker.clock.state = 'dead'
  worker.setReachable(false)
  world.coordinator.setLink(worker.name, 'frozen')
}

function leave(world: World, worker: SimWorker): void {
  if (!worker.hasStarted) return
  world.note(`${worker.name} leaves`)
  worker.isLeaving = true
  worker.herder.close().then(
    () => {
      world.note(`${worker.name} has left, running ${worker.alive.join(', ') || 'nothing'}`)
      if (worker.isUp && worker.alive.length > 0) world.fault(`${worker.name} has left and runs on`)
      worker.clock.state = 'dead'
    },
    error => world.fault(`${worker.name} could not leave: ${error}`),
  )
}

function freeze(world: World, worker: SimWorker, isFrozen: boolean): void {
  worker.clock.state = isFrozen ? 'frozen' : 'up'
  worker.setReachable(!isFrozen)
  world.coordinator.setLink(worker.name, isFrozen ? 'frozen' : 'up')
}

function happen(world: World, requests: Requests): void {
  const { random, coordinator } = world
  const [worker] = random.some(world.up, 1)
  if (worker === undefined) return void world.add()
  const events: readonly (readonly [weight: number, run: () => void])[] = [
    [6, () => requests.random()],
    [2, () => world.workers.filter(w => w.clock.state !== 'dead').length < WORKERS_MAX && world.add()],
    [1, () => leave(world, worker)],
    [1, () => kill(world, worker)],
    [1, () => harm(world, worker, 'is frozen', () => freeze(world, worker, true), () => freeze(world, worker, false))],
    [2, () => harm(world, worker, 'is cut off', () => coordinator.setLink(worker.name, 'cut'), () => coordinator.setLink(worker.name, 'up'))],
    [1, () => harm(world, worker, 'cannot reach the config topic', () => worker.setReachable(false), () => worker.setReachable(true))],
    [1, () => harm(world, worker, 'stops late', () => void (worker.cast.stopsLate = true), () => void (worker.cast.stopsLate = false))],
    [1, () => harm(world, worker, 'starts slowly', () => void (worker.cast.startMs = 4_000), () => void (worker.cast.startMs = 0))],
    [1, () => expel(world, worker)],
    [1, () => worker.hasStarted && worker.herder.group.requestRejoin('the seed says so')],
    [1, () => failTask(world, worker)],
  ] // biome-ignore format: one line an event
  let at = random.int(events.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, run] of events) {
    at -= weight
    if (at < 0) return run()
  }
}

function expel(world: World, worker: SimWorker): void {
  world.note(`the coordinator forgets ${worker.name}`)
  world.disturb(worker, 0)
  world.coordinator.expel(worker.name)
}

function failTask(world: World, worker: SimWorker): void {
  const actors = worker.cast.actors.filter(({ exit, entry }) => exit === null && entry === 'task')
  const [actor] = world.random.some(actors, 1)
  if (actor === undefined) return
  world.note(`${actor.name} dies on ${worker.name}`)
  actor.die(new Error('by chance'))
}

/** Requests of users: one at a time for a connector, so that it is clear what the last one wanted. */
class Requests {
  readonly #world: World
  readonly #random: Random
  readonly #queues = new Map<string, Promise<unknown>>()
  #version = 0
  #waiting = 0

  constructor(world: World) {
    this.#world = world
    this.#random = world.random
  }

  get areDone(): boolean {
    return this.#waiting === 0
  }

  random(): void {
    const { random } = this.#world
    const name = random.pick(NAMES)
    const kind = random.int(8)
    if (kind < 4) this.#put(name, random.between(1, TASKS_MAX))
    else if (kind === 4) this.#ask(name, `delete ${name}`, () => this.#delete(name, 5))
    else if (kind === 5)
      this.#ask(name, `restart ${name}`, () => this.#world.request(`restart ${name}`, h => h.restartParts(name, { includeTasks: true, onlyFailed: false }), 5)) // biome-ignore format: one line is easier to read
    else this.#aim(name, random.pick(['STARTED', 'PAUSED', 'STOPPED']))
  }

  /** Each connector as it is to be in the end. */
  last(): Wanted {
    const wanted = new Map<string, { version: string; tasks: number; target: Target } | null>()
    for (const name of NAMES) {
      if (this.#random.chance(0.2)) {
        wanted.set(name, null)
        this.#ask(name, `delete ${name}`, () => this.#delete(name))
        continue
      }
      const tasks = this.#random.between(1, TASKS_MAX)
      const target = this.#random.pick<Target>(['STARTED', 'STARTED', 'STARTED', 'PAUSED', 'STOPPED'])
      wanted.set(name, { version: this.#put(name, tasks), tasks, target })
      this.#aim(name, target, true)
    }
    return wanted
  }

  #put(name: string, tasks: number): string {
    const version = String(++this.#version)
    const type = name === 'a' ? { 'connector.class': SOURCE } : { 'connector.class': SINK, topics: 't' }
    const config = { name, ...type, 'tasks.max': String(tasks), version }
    this.#ask(name, `put ${name}`, () =>
      this.#world.request(`put ${name} version ${version}, ${tasks} tasks`, h =>
        h.putConfig(name, config, { allowReplace: true }),
      ),
    )
    return version
  }

  #delete(name: string, tries?: number): Promise<boolean> {
    return this.#world.request(`delete ${name}`, herder => herder.deleteConnector(name), tries)
  }

  #aim(name: string, target: Target, isThere = false): void {
    this.#ask(name, `${target} ${name}`, () =>
      this.#world.request(
        `${name} is to be ${target}`,
        herder =>
          target === 'STOPPED' ? herder.stopConnector(name) : target === 'PAUSED' ? herder.pause(name) : herder.resume(name),
        undefined,
        isThere,
      ),
    )
  }

  #ask(name: string, what: string, run: () => Promise<boolean>): void {
    this.#waiting++
    const before = this.#queues.get(name) ?? Promise.resolve()
    this.#queues.set(
      name,
      before
        .then(run)
        .catch(error => this.#world.fault(`${what}: ${error}`))
        .finally(() => this.#waiting--),
    )
  }
}
