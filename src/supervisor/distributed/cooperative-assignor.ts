// Java's IncrementalCooperativeAssignor 4.3.0 (KIP-415 with the balancing rules of KAFKA-12495 and KAFKA-14419), for the protocols
// `compatible` and `sessioned`: members keep what they run; a round says what comes and what goes. What a member that left ran is kept for
// its return for scheduled.rebalance.max.delay.ms. Main thread; asked by the leader, whose memory of the rounds before it is. `npm run
// test:oracle -- assignor` judges it by Java's own class.
//
// The result depends in two places on the order of a Java HashMap of member ids (who gives up the surplus, who of the returning ones comes
// first): javaHashOrder.
import type { Clock } from '../../base/clock.ts'
import { javaHashOrder } from '../../base/java-hash-order.ts'
import type { TaskId } from '../herder.ts'
import type { Assignor, AssignorRound, Shares } from './assignor.ts'
import { surplus } from './surplus.ts'
import { NO_WORK, type Work } from './work.ts'
import { common, inOrder, isNoWork, minus, union, WorkSet } from './work-set.ts'

/** Capacity of Java's `new HashMap<>()`. */
const HASH_MAP_CAPACITY = 16
const BACKOFF_BASE = 40

export class CooperativeAssignor implements Assignor {
  readonly #clock: Clock
  readonly #maxDelayMs: number
  /** everything that ran, or waited for its worker's return, after the last round */
  #previous: Work = NO_WORK
  #previousRevoked: Work = NO_WORK
  #previousGeneration = -1
  #previousMembers: readonly string[] = []
  #revokedInPrevious = false
  /** rounds in a row that wanted to revoke for balance */
  #revokingRounds = 0
  /** members seen with nothing during the delay, in the order they were seen: those that returned */
  readonly #returned = new Set<string>()
  /** null: no delayed rebalance is under way */
  #scheduledMs: number | null = null
  #delayMs = 0

  /** @param maxDelayMs scheduled.rebalance.max.delay.ms; 0: lost work is given out at once, and balance is restored in every round */
  constructor(clock: Clock, maxDelayMs: number) {
    this.#clock = clock
    this.#maxDelayMs = maxDelayMs
  }

  assign({ configured, lastGeneration, generation, members }: AssignorRound): Shares {
    // A round whose SyncGroup failed was never in force.
    if (this.#previousGeneration !== lastGeneration) this.#previous = NO_WORK
    const active = union(members.values())
    if (!isNoWork(common(this.#previousRevoked, active))) this.#previous = active

    const deleted = minus(this.#previous, configured)
    const lost = inOrder(minus(this.#previous, active, deleted))
    const created = inOrder(minus(configured, this.#previous, active))

    const ids = javaHashOrder([...members.keys()], HASH_MAP_CAPACITY)
    const held = (id: string): Work => members.get(id) ?? NO_WORK
    const gone = union([deleted, heldTwice(members.values())])
    const revoked = new Map(ids.map(id => [id, new WorkSet(common(held(id), gone))]))
    const next = new Map(ids.map(id => [id, new WorkSet(minus(held(id), gone))]))

    const ready = this.#readyOfLost(lost, next)
    if (this.#delayMs === 0) this.#balance(configured, next, revoked)
    else this.#revokedInPrevious = false

    const given = union([created, ready])
    giveOut(
      next,
      given.connectors,
      w => w.connectorCount,
      connector => ({ connectors: [connector], tasks: [] }),
    )
    giveOut(
      next,
      given.tasks,
      w => w.taskCount,
      task => ({ connectors: [], tasks: [task] }),
    )

    this.#previousRevoked = union(revoked.values())
    this.#previous = union([minus(union(next.values()), this.#previousRevoked), lost])
    this.#previousGeneration = generation
    this.#previousMembers = ids
    const plain = ({ connectors, tasks }: Work): Work => ({ connectors, tasks })
    return {
      assigned: new Map(ids.map(id => [id, minus(next.get(id) ?? NO_WORK, minus(held(id), deleted))])),
      revoked: new Map(ids.map(id => [id, plain(revoked.get(id) ?? NO_WORK)])),
      all: new Map(ids.map(id => [id, plain(next.get(id) ?? NO_WORK)])),
      delayMs: this.#delayMs,
    }
  }

  /**
   * Of what nobody runs any more: what is to be given out in this round. Returning members get theirs here, in `next`.
   * Starts, carries on and ends the delay.
   */
  #readyOfLost(lost: Work, next: ReadonlyMap<string, WorkSet>): Work {
    if (isNoWork(lost) && !this.#revokedInPrevious) {
      this.#endDelay()
      return NO_WORK
    }
    const nowMs = this.#clock.monotonicMs()
    // Nobody has left: some did not hear of what the last round gave them.
    if (this.#scheduledMs === null && this.#previousMembers.every(id => next.has(id))) return lost
    if (this.#maxDelayMs === 0) return lost
    if (this.#scheduledMs !== null && nowMs >= this.#scheduledMs) {
      const returned = [...this.#returned].flatMap(id => next.get(id) ?? [])
      dealOut(lost, returned)
      this.#endDelay()
      this.#revokedInPrevious = false
      return returned.length > 0 ? NO_WORK : lost
    }
    const empty = [...next].filter(([, work]) => isNoWork(work)).map(([id]) => id)
    for (const id of javaHashOrder(empty, HASH_MAP_CAPACITY)) this.#returned.add(id)
    this.#delayMs = this.#scheduledMs === null ? this.#maxDelayMs : Math.min(this.#scheduledMs - nowMs, this.#maxDelayMs)
    this.#scheduledMs = nowMs + this.#delayMs
    return NO_WORK
  }

  #endDelay(): void {
    this.#returned.clear()
    this.#scheduledMs = null
    this.#delayMs = 0
  }

  /** Takes from members what they have too much of; in the second round in a row only after a delay. */
  #balance(configured: Work, next: ReadonlyMap<string, WorkSet>, revoked: ReadonlyMap<string, WorkSet>): void {
    const toRevoke = surplus(configured, next)
    const isRevoking = toRevoke.size > 0
    if (isRevoking && this.#revokedInPrevious) {
      this.#delayMs = this.#backoffMs(++this.#revokingRounds)
      if (this.#delayMs !== 0) {
        this.#scheduledMs = this.#clock.monotonicMs() + this.#delayMs
        return
      }
    } else if (!isRevoking) {
      if (this.#revokedInPrevious) this.#revokingRounds = 0
      this.#revokedInPrevious = false
      return
    }
    this.#revokedInPrevious = true
    for (const [id, work] of toRevoke) {
      revoked.get(id)?.add(work)
      next.get(id)?.remove(work)
    }
  }

  /** Kafka's ExponentialBackoff from 1 ms by 40, without jitter. */
  #backoffMs(round: number): number {
    const maxMs = this.#maxDelayMs
    if (maxMs <= 1) return maxMs
    const exponent = Math.min(round, Math.log(maxMs) / Math.log(BACKOFF_BASE))
    return Math.min(Math.floor(BACKOFF_BASE ** exponent), maxMs)
  }
}

function heldTwice(held: Iterable<Work>): Work {
  const once = new WorkSet(NO_WORK)
  const twice = new WorkSet(NO_WORK)
  for (const work of held) {
    const one = union([work])
    twice.add(common(one, once))
    once.add(one)
  }
  return twice
}

/** Round-robin, connectors and tasks each from the first on. */
function dealOut({ connectors, tasks }: Work, among: readonly WorkSet[]): void {
  for (const [i, connector] of connectors.entries()) among[i % among.length]?.add({ connectors: [connector], tasks: [] })
  for (const [i, task] of tasks.entries()) among[i % among.length]?.add({ connectors: [], tasks: [task] })
}

/** Fills those that have least, again and again; members of equal load in the order of their ids. */
function giveOut<T extends string | TaskId>(
  next: ReadonlyMap<string, WorkSet>,
  items: readonly T[],
  countOf: (work: WorkSet) => number,
  asWork: (item: T) => Work,
): void {
  const loads = [...next]
    .sort(([a, left], [b, right]) => countOf(left) - countOf(right) || (a < b ? -1 : 1))
    .map(([, work]) => work)
  const least = loads[0]
  if (least === undefined) return
  for (let i = 0; i < items.length; ) {
    const count = countOf(least)
    const more = loads.findIndex(load => countOf(load) > count)
    for (const load of loads.slice(0, more < 0 ? loads.length : more)) {
      const item = items[i++]
      if (item === undefined) return
      load.add(asWork(item))
    }
  }
}
