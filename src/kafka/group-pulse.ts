// Keeps a member's place in its group while the member's own thread gets no processor: heartbeats from a thread that does nothing else. A hundred
// busy threads share two cores with the main thread evenly; it is late by more than a session then, one that needs a millisecond every three
// seconds is not (docs/decisions/0024). Java: AbstractCoordinator's HeartbeatThread, which reads the answers of JoinGroup, too. What an answer
// means stays the member's to learn, from heartbeats of its own. Runs in workers/group-pulse.ts; GroupPulse is what the member has of it.
import type { Clock } from '../base/clock.ts'
import { toError } from '../base/errors.ts'
import type { ClientProps } from './client-props.ts'
import { E } from './codec/group-errors.ts'
import type { MemberIdentity } from './codec/group-heartbeat.ts'
import { GroupCoordinator, type GroupCoordinatorOptions } from './group-coordinator.ts'

export interface GroupPulse {
  /**
   * From now on heartbeats are sent for this identity; null: none are. The member calls it at each of its own heartbeats as well: one that has not
   * called for the rebalance timeout is stuck, and must not keep its place (Java: the poll timeout).
   */
  keep(identity: MemberIdentity | null): void
  /** when the coordinator last took one of them, on the member's monotonic clock; -Infinity: not yet */
  readonly lastAnswerMs: number
}

export interface PulseGroup {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
}

/**
 * Generations that the coordinator may be ahead of what the member knows: the answer of its JoinGroup lies unread while the member's thread has no
 * processor, and a heartbeat for the old generation keeps nothing. A generation follows another by one, and only with this member's
 * JoinGroup; more than one is an answer that got lost.
 */
const GENERATIONS_AHEAD_MAX = 3

/** What the thread is started with. */
export interface PulseSpec extends PulseGroup {
  /** variables resolved */
  readonly clientProps: ClientProps
  readonly clientId: string
  /** one Float64: GroupPulse.lastAnswerMs */
  readonly lastAnswer: SharedArrayBuffer
  /** of the main thread's clock */
  readonly timeOriginMs: number
}

export interface PulseOptions extends Omit<GroupCoordinatorOptions, 'figures' | 'pulse'> {
  /** the coordinator took a heartbeat; milliseconds of the clock's monotonic time */
  answered(atMs: number): void
}

export class PulseLoop {
  readonly #o: PulseOptions
  readonly #clock: Clock
  readonly #coordinator: GroupCoordinator
  readonly #stop = new AbortController()
  #identity: MemberIdentity | null = null
  #keptAtMs = 0
  /** the generation of the coordinator less that of #identity */
  #ahead = 0

  constructor(options: PulseOptions) {
    this.#o = options
    this.#clock = options.clock
    this.#coordinator = new GroupCoordinator(options, this.#stop.signal, { afterMs: null, onLimit() {} })
  }

  keep(identity: MemberIdentity | null): void {
    if (identity?.generation !== this.#identity?.generation || identity?.memberId !== this.#identity?.memberId) {
      this.#identity = identity
      this.#ahead = 0
    }
    this.#keptAtMs = this.#clock.monotonicMs()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Settles after stop(). */
  async run(): Promise<void> {
    const { signal } = this.#stop
    let lastMs = this.#clock.monotonicMs()
    while (!signal.aborted) {
      // From one to the next, not from an answer: a late one must not make the next late.
      const pauseMs = Math.max(0, lastMs + this.#o.heartbeatIntervalMs - this.#clock.monotonicMs())
      await this.#clock.sleep(pauseMs, signal).catch(() => undefined)
      lastMs = this.#clock.monotonicMs()
      const isStuck = lastMs - this.#keptAtMs > this.#o.rebalanceTimeoutMs
      if (this.#identity !== null && !isStuck && !signal.aborted) await this.#beat(this.#identity)
    }
  }

  async #beat(identity: MemberIdentity): Promise<void> {
    try {
      const code = await this.#heartbeat(identity)
      if (code === E.NONE || code === E.REBALANCE_IN_PROGRESS) this.#o.answered(this.#clock.monotonicMs())
      else if (code === E.NOT_COORDINATOR || code === E.COORDINATOR_NOT_AVAILABLE) this.#coordinator.miss()
    } catch (error) {
      this.#o.log.debug({ group: this.#o.groupId, error: toError(error).message }, 'a heartbeat of the pulse thread failed')
      this.#coordinator.miss()
    }
  }

  /** The code of the answer for the newest generation that this member can be in. */
  async #heartbeat(identity: MemberIdentity): Promise<number | null> {
    for (;;) {
      const generation = identity.generation + this.#ahead
      const code = await this.#coordinator.heartbeat({ ...identity, generation }, () => this.#identity !== null)
      if (code !== E.ILLEGAL_GENERATION || this.#identity !== identity) return code
      if (this.#ahead === GENERATIONS_AHEAD_MAX) {
        this.#ahead = 0
        return code
      }
      this.#ahead++
    }
  }
}
