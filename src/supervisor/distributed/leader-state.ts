// What a worker does when it leads a round: looks whether its config is as new as that of every member, shares the work out, and knows
// afterwards who runs what. Main thread; used by the worker group, and by the oracle and the simulation without one. Pure but for the
// clock and the callback that reads the config topic. Java: WorkerCoordinator.LeaderState, the first halves of both assignors.
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { JoinedMember } from '../../kafka/group-member.ts'
import type { ClusterConfig } from '../../store/cluster-config.ts'
import type { Assignor } from './assignor.ts'
import { CONFIG_MISMATCH, type ConnectProtocol, decodeMetadata, encodeAssignment, NO_ERROR } from './connect-protocol.ts'
import { CooperativeAssignor } from './cooperative-assignor.ts'
import { eagerAssignor } from './eager-assignor.ts'
import { NO_WORK, type Work } from './work.ts'
import { configuredWork, taskKey } from './work-set.ts'

export interface LedRound {
  readonly protocol: ConnectProtocol
  readonly leaderId: string
  readonly generation: number
  /** of the last round in which this worker got an assignment, -1 for none */
  readonly lastGeneration: number
  readonly members: readonly JoinedMember[]
  /** as this worker had it when it joined */
  readonly config: ClusterConfig
  /** asked only when a member's config is newer */
  readonly freshConfig: () => Promise<ClusterConfig>
}

export interface SharedOut {
  /** SyncGroup's, one for each member */
  readonly assignments: ReadonlyMap<string, Buffer>
  /** empty after a config mismatch */
  readonly view: LeaderView
}

export class LeaderState {
  readonly #log: Logger
  readonly #cooperative: Assignor

  /** @param maxDelayMs scheduled.rebalance.max.delay.ms */
  constructor(clock: Clock, log: Logger, maxDelayMs: number) {
    this.#log = log
    this.#cooperative = new CooperativeAssignor(clock, maxDelayMs)
  }

  /** Fails as `freshConfig` does, and for members whose metadata cannot be read. */
  async shareOut(round: LedRound): Promise<SharedOut> {
    const { protocol, leaderId } = round
    const members = new Map(round.members.map(({ memberId, metadata }) => [memberId, decodeMetadata(metadata)]))
    const urls = new Map([...members].map(([id, { url }]) => [id, url]))
    const newest = Math.max(...[...members.values()].map(({ configOffset }) => configOffset))
    const config = round.config.offset < newest ? await round.freshConfig() : round.config
    const isMismatch = config.offset < newest
    const encode = (assigned: Work, revoked: Work, delayMs: number) =>
      encodeAssignment(protocol, {
        error: isMismatch ? CONFIG_MISMATCH : NO_ERROR,
        leaderId,
        leaderUrl: urls.get(leaderId) ?? '',
        configOffset: config === round.config || isMismatch ? newest : config.offset,
        assigned,
        revoked,
        delayMs,
      })
    if (isMismatch) {
      this.#log.info(
        { offset: config.offset, newest },
        'leader of the round, but behind the newest config of a member: all read on and join again',
      )
      return { assignments: new Map([...members.keys()].map(id => [id, encode(NO_WORK, NO_WORK, 0)])), view: NO_VIEW }
    }
    const assignor = protocol === 'default' ? eagerAssignor : this.#cooperative
    const held = new Map([...members].map(([id, { allocation }]) => [id, allocation?.assigned ?? NO_WORK]))
    const { lastGeneration, generation } = round
    const shares = assignor.assign({ configured: configuredWork(config), lastGeneration, generation, members: held })
    const of = (shares: ReadonlyMap<string, Work>, id: string) => shares.get(id) ?? NO_WORK
    return {
      assignments: new Map(
        [...members.keys()].map(id => [id, encode(of(shares.assigned, id), of(shares.revoked, id), shares.delayMs)]),
      ),
      view: new LeaderView(urls, shares.all),
    }
  }
}

/** Who runs what by the round that this worker led last. */
export class LeaderView {
  /** member id -> url */
  readonly members: ReadonlyMap<string, string>
  readonly #connectors = new Map<string, string>()
  readonly #tasks = new Map<string, string>()

  constructor(members: ReadonlyMap<string, string>, shares: ReadonlyMap<string, Work>) {
    this.members = members
    for (const [id, { connectors, tasks }] of shares) {
      for (const connector of connectors) this.#connectors.set(connector, id)
      for (const task of tasks) this.#tasks.set(taskKey(task), id)
    }
  }

  /** Null: nobody's. */
  ownerUrl(connector: string, task?: number): string | null {
    const id = task === undefined ? this.#connectors.get(connector) : this.#tasks.get(taskKey({ connector, task }))
    return id === undefined ? null : (this.members.get(id) ?? null)
  }
}

export const NO_VIEW = new LeaderView(new Map(), new Map())
