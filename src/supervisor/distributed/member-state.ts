// What a worker holds of the group's work, and what a round means to it: what to stop, what to start, whether to join again. Main thread;
// pure, worker-group.ts drives it. Java: the assignment snapshot of WorkerCoordinator with the assignments of DistributedHerder.
//
// Two sets are kept. `claimed` is the member's by the group, told to the leader at every join. `running` is what the listener was told and
// has not given up. They differ between a round in which the config was not the assignment's and the next one, and while an eager member joins.
import {
  CONFIG_MISMATCH,
  type ConnectProtocol,
  type ConnectProtocolSetting,
  encodeMetadata,
  offeredProtocols,
  type WorkerAssignment,
} from './connect-protocol.ts'
import { type GroupRound, NO_WORK, type Work } from './work.ts'
import { common, isNoWork, minus, union } from './work-set.ts'

/** What the config says to an assignment. */
export type Fitness =
  /** act on it */
  | 'fits'
  /** read the config topic to its end and look again */
  | 'behind'
  /** join again; nothing of it counts but what it takes away */
  | 'unfit'

export class MemberState {
  readonly #setting: ConnectProtocolSetting
  readonly #url: string
  #claimed: Work = NO_WORK
  #running: Work = NO_WORK
  #allocation: WorkerAssignment | null = null
  #protocol: ConnectProtocol
  #lastGeneration = -1
  #round: GroupRound | null = null
  #hasForgotten = false

  /** @param url where other workers reach this one's REST, as advertised */
  constructor(setting: ConnectProtocolSetting, url: string) {
    this.#setting = setting
    this.#url = url
    this.#protocol = offeredProtocols(setting)[0] ?? 'sessioned'
  }

  get running(): Work {
    return this.#running
  }

  get round(): GroupRound | null {
    return this.#round
  }

  /** of the last round with an answer; -1 before it */
  get lastGeneration(): number {
    return this.#lastGeneration
  }

  /** Everything is given up before joining. By the last round's protocol, before the first by the one wanted most. */
  get isEager(): boolean {
    return this.#protocol === 'default'
  }

  /** Work was forgotten since the last JoinGroup, which therefore claimed too much. */
  get hasForgotten(): boolean {
    return this.#hasForgotten
  }

  /** For JoinGroup. */
  offer(configOffset: number): { name: ConnectProtocol; metadata: Buffer }[] {
    this.#hasForgotten = false
    const allocation = this.#allocation === null ? null : { ...this.#allocation, assigned: this.#claimed, revoked: NO_WORK }
    return offeredProtocols(this.#setting).map(name => ({
      name,
      metadata: encodeMetadata(name, { url: this.#url, configOffset, allocation }),
    }))
  }

  /**
   * SyncGroup's answer.
   * @returns what is to be given up before anything else
   */
  take(answer: WorkerAssignment, protocol: ConnectProtocol, generation: number, memberId: string): Work {
    const before = this.#claimed
    const isWhole = protocol === 'default'
    const revoked = isWhole ? minus(union([before, this.#running]), answer.assigned) : common(before, answer.revoked)
    this.#claimed = isWhole ? answer.assigned : union([answer.assigned, minus(before, answer.revoked)])
    this.#allocation = answer
    this.#protocol = protocol
    this.#lastGeneration = generation
    this.#round = {
      generation,
      memberId,
      leaderId: answer.leaderId,
      leaderUrl: answer.leaderUrl === '' ? null : answer.leaderUrl,
      configOffset: answer.configOffset,
      protocol,
      isConfigMismatch: answer.error === CONFIG_MISMATCH,
    }
    return common(this.#running, revoked)
  }

  /** Whether the last round may be acted on by a config of this offset. */
  fitness(configOffset: number): Fitness {
    const round = this.#round
    if (round === null) return 'unfit'
    if (configOffset < round.configOffset) return 'behind'
    return round.isConfigMismatch || configOffset > round.configOffset ? 'unfit' : 'fits'
  }

  /** The last round is in force; what of it is new to the listener. */
  start(): { added: Work; all: Work } {
    const added = minus(this.#claimed, this.#running)
    this.#running = this.#claimed
    return { added, all: this.#claimed }
  }

  /** The listener stops this; it stays the member's by the group. */
  stopped(work: Work): void {
    this.#running = minus(this.#running, work)
  }

  /** The member is not to count as the owner of anything any more; the next JoinGroup claims nothing. */
  forget(): void {
    if (!isNoWork(this.#claimed)) this.#hasForgotten = true
    this.#claimed = NO_WORK
    this.#allocation = null
  }

  /** Not in a generation any more. What is claimed stays. */
  leaveRound(): void {
    this.#round = null
  }
}
