// A Kafka group coordinator in memory, under a clock that tests turn: one group, spoken to with the real bytes, so that GroupMember runs on
// it unchanged (client() stands for its Cluster). Main thread of the simulation and of worker-group.test.ts.
//
// As GroupCoordinator 4.x for classic groups: states Empty, Preparing (JoinGroup waits for all members, or for the rebalance timeout),
// Completing (SyncGroup waits for the leader), Stable. A follower that joins a stable group with the metadata it had is answered at once.
// Not here: static members, offsets, more than one group, group.initial.rebalance.delay.ms (an empty group's first round waits initialDelayMs).
import type { Clock, Timer } from '../../src/base/clock.ts'
import { KafkaError } from '../../src/base/errors.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { E } from '../../src/kafka/codec/group-errors.ts'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'
import type { Api } from '../../src/kafka/types.ts'

interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

interface Member {
  readonly id: string
  readonly client: string
  protocols: readonly Protocol[]
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  session: Timer
  /** answers a JoinGroup that waits */
  joining: ((answer: Buffer) => void) | null
  /** answers a SyncGroup that waits */
  syncing: ((answer: Buffer) => void) | null
  assignment: Buffer
}

export interface CoordinatorOptions {
  readonly clock: Clock
  /** how long an answer is under way; asked anew for each */
  readonly latencyMs?: () => number
  readonly initialDelayMs?: number
}

/** cut: connections fail at once; frozen: nothing goes either way until it is up again */
export type Link = 'up' | 'cut' | 'frozen'

const EMPTY = Buffer.alloc(0)

export class MemoryCoordinator {
  readonly #clock: Clock
  readonly #latencyMs: () => number
  readonly #initialDelayMs: number
  readonly #members = new Map<string, Member>()
  readonly #links = new Map<string, Link>()
  #state: 'Empty' | 'Preparing' | 'Completing' | 'Stable' = 'Empty'
  #generation = 0
  #leaderId = ''
  #protocol = ''
  #deadline: Timer | null = null
  #thawing: { readonly client: string; readonly resolve: () => void }[] = []
  #ids = 0
  /** ids that were given out and not yet come back with */
  readonly #given = new Set<string>()
  /** in the order they came */
  readonly calls: string[] = []
  /** the codes to answer first, by API name */
  readonly script: Record<string, number[]> = {}

  constructor({ clock, latencyMs = () => 0, initialDelayMs = 0 }: CoordinatorOptions) {
    this.#clock = clock
    this.#latencyMs = latencyMs
    this.#initialDelayMs = initialDelayMs
  }

  get generation(): number {
    return this.#generation
  }

  get isStable(): boolean {
    return this.#state === 'Stable'
  }

  get memberCount(): number {
    return this.#members.size
  }

  /** Names of the clients whose members are in the group. */
  get clients(): string[] {
    return [...this.#members.values()].map(({ client }) => client).sort()
  }

  setLink(client: string, link: Link): void {
    this.#links.set(client, link)
    if (link === 'frozen') return
    const waiting = this.#thawing.filter(one => one.client === client)
    this.#thawing = this.#thawing.filter(one => one.client !== client)
    for (const { resolve } of waiting) resolve()
  }

  /** As if the session of these members had run out. */
  expel(client: string): void {
    for (const member of [...this.#members.values()]) if (member.client === client) this.#drop(member)
  }

  /** The coordinator as one worker's Cluster has it. */
  client(name: string): Cluster {
    const call = (_node: number, _lane: string, api: Api, body: Buffer, timeoutMs: number) =>
      this.#call(name, api, body, timeoutMs)
    const coordinator = async () => {
      await this.#way(name, 'FindCoordinator')
      return 1
    }
    return { coordinator, forgetCoordinator: () => undefined, call } as unknown as Cluster
  }

  /** A step of the network; fails where the link is cut, waits where it is frozen. */
  async #way(client: string, what: string): Promise<void> {
    const latencyMs = this.#latencyMs()
    if (latencyMs > 0) await this.#clock.sleep(latencyMs)
    const link = this.#links.get(client) ?? 'up'
    if (link === 'cut') throw new KafkaError(what, -1, `${client} cannot reach the coordinator`, true)
    if (link === 'frozen') await new Promise<void>(resolve => this.#thawing.push({ client, resolve }))
  }

  async #call(client: string, api: Api, body: Buffer, timeoutMs: number): Promise<Buffer> {
    const late = new AbortController()
    const timeout = this.#clock.sleep(timeoutMs, late.signal).then(
      () => Promise.reject(new KafkaError(api.name, -1, `no answer within ${timeoutMs} ms`, true)),
      () => new Promise<never>(() => undefined),
    )
    const answer = async () => {
      await this.#way(client, api.name)
      this.calls.push(`${client} ${api.name}`)
      const bytes = await this.#answer(client, api.name, body)
      await this.#way(client, api.name)
      return bytes
    }
    try {
      return await Promise.race([answer(), timeout])
    } finally {
      late.abort()
    }
  }

  #answer(client: string, name: string, body: Buffer): Buffer | Promise<Buffer> {
    const scripted = this.script[name]?.shift()
    switch (name) {
      case 'JoinGroup':
        return scripted === undefined ? this.#join(client, body) : joinAnswer(scripted, -1, '', '', '', [])
      case 'SyncGroup':
        return scripted === undefined ? this.#sync(body) : syncAnswer(scripted, EMPTY)
      case 'Heartbeat':
        return new Writer()
          .int32(0)
          .int16(scripted ?? this.#beat(body))
          .finish()
      case 'LeaveGroup':
        return new Writer()
          .int32(0)
          .int16(scripted ?? this.#leave(body))
          .int32(0)
          .finish()
      default:
        throw new Error(`the coordinator in memory does not know ${name}`)
    }
  }

  #join(client: string, body: Buffer): Buffer | Promise<Buffer> {
    const r = new Reader(body)
    r.string()
    const sessionTimeoutMs = r.int32()
    const rebalanceTimeoutMs = r.int32()
    const memberId = r.string()
    r.nullableString()
    r.string()
    const protocols = r.array(() => ({ name: r.string(), metadata: Buffer.from(r.bytes()) }))
    if (memberId === '') {
      const id = `${client}-${++this.#ids}`
      this.#given.add(id)
      return joinAnswer(E.MEMBER_ID_REQUIRED, -1, '', '', id, [])
    }
    const known = this.#members.get(memberId)
    if (known === undefined && !this.#given.delete(memberId)) return joinAnswer(E.UNKNOWN_MEMBER_ID, -1, '', '', memberId, [])
    const isSame =
      known !== undefined &&
      known.protocols.length === protocols.length &&
      known.protocols.every((p, i) => p.name === protocols[i]?.name && p.metadata.equals(protocols[i].metadata))
    const member: Member = known ?? {
      id: memberId,
      client,
      protocols,
      rebalanceTimeoutMs,
      sessionTimeoutMs,
      session: this.#clock.after(sessionTimeoutMs, () => this.#expire(memberId)),
      joining: null,
      syncing: null,
      assignment: EMPTY,
    }
    Object.assign(member, { protocols, rebalanceTimeoutMs, sessionTimeoutMs })
    this.#members.set(memberId, member)
    const isAnswered = isSame && ((this.#state === 'Stable' && memberId !== this.#leaderId) || this.#state === 'Completing')
    if (isAnswered) {
      this.#touch(member)
      return this.#joined(member)
    }
    member.session.cancel()
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    member.joining?.(joinAnswer(E.UNKNOWN_MEMBER_ID, -1, '', '', memberId, []))
    member.joining = resolve
    this.#prepare()
    return promise
  }

  #prepare(): void {
    if (this.#state !== 'Preparing') {
      const isFirst = this.#state === 'Empty'
      for (const member of this.#members.values()) {
        if (member.syncing === null) continue
        member.syncing(syncAnswer(E.REBALANCE_IN_PROGRESS, EMPTY))
        member.syncing = null
        this.#touch(member)
      }
      this.#state = 'Preparing'
      const longestMs = Math.max(...[...this.#members.values()].map(m => m.rebalanceTimeoutMs), 0)
      this.#deadline?.cancel()
      this.#deadline = this.#clock.after(isFirst ? this.#initialDelayMs : longestMs, () => this.#complete())
      if (isFirst) return
    }
    if ([...this.#members.values()].every(({ joining }) => joining !== null)) this.#complete()
  }

  /** All have joined, or those that have not are out. */
  #complete(): void {
    this.#deadline?.cancel()
    this.#deadline = null
    for (const member of [...this.#members.values()]) if (member.joining === null) this.#remove(member)
    const members = [...this.#members.values()]
    this.#generation++
    if (members.length === 0) {
      this.#state = 'Empty'
      return
    }
    this.#state = 'Completing'
    if (!this.#members.has(this.#leaderId)) this.#leaderId = members[0]?.id ?? ''
    this.#protocol = chosenProtocol(members)
    for (const member of members) {
      const { joining } = member
      member.joining = null
      member.assignment = EMPTY
      this.#touch(member)
      joining?.(this.#joined(member))
    }
  }

  #joined({ id }: Member): Buffer {
    const metadata = (m: Member) => m.protocols.find(p => p.name === this.#protocol)?.metadata ?? EMPTY
    const all = id === this.#leaderId ? [...this.#members.values()].map(m => [m.id, metadata(m)] as const) : []
    return joinAnswer(E.NONE, this.#generation, this.#protocol, this.#leaderId, id, all)
  }

  #sync(body: Buffer): Buffer | Promise<Buffer> {
    const r = new Reader(body)
    r.string()
    const generation = r.int32()
    const member = this.#members.get(r.string())
    r.nullableString()
    const assignments = r.array(() => [r.string(), Buffer.from(r.bytes())] as const)
    if (member === undefined) return syncAnswer(E.UNKNOWN_MEMBER_ID, EMPTY)
    if (generation !== this.#generation) return syncAnswer(E.ILLEGAL_GENERATION, EMPTY)
    if (this.#state === 'Preparing') return syncAnswer(E.REBALANCE_IN_PROGRESS, EMPTY)
    this.#touch(member)
    if (this.#state === 'Stable') return syncAnswer(E.NONE, member.assignment)
    if (member.id !== this.#leaderId)
      return new Promise(resolve => {
        member.syncing = resolve
      })
    for (const [id, assignment] of assignments) {
      const one = this.#members.get(id)
      if (one !== undefined) one.assignment = assignment
    }
    this.#state = 'Stable'
    for (const one of this.#members.values()) {
      this.#touch(one)
      one.syncing?.(syncAnswer(E.NONE, one.assignment))
      one.syncing = null
    }
    return syncAnswer(E.NONE, member.assignment)
  }

  #beat(body: Buffer): number {
    const r = new Reader(body)
    r.string()
    const generation = r.int32()
    const member = this.#members.get(r.string())
    if (member === undefined) return E.UNKNOWN_MEMBER_ID
    if (generation !== this.#generation) return E.ILLEGAL_GENERATION
    this.#touch(member)
    return this.#state === 'Preparing' ? E.REBALANCE_IN_PROGRESS : E.NONE
  }

  #leave(body: Buffer): number {
    const r = new Reader(body)
    r.string()
    r.array(() => {
      const member = this.#members.get(r.string())
      r.nullableString()
      if (member !== undefined) this.#drop(member)
    })
    return E.NONE
  }

  #touch(member: Member): void {
    member.session.cancel()
    member.session = this.#clock.after(member.sessionTimeoutMs, () => this.#expire(member.id))
  }

  #expire(memberId: string): void {
    const member = this.#members.get(memberId)
    // One that waits for an answer is alive.
    if (member !== undefined && member.joining === null && member.syncing === null) this.#drop(member)
  }

  /** A member is gone: the others share its work out. */
  #drop(member: Member): void {
    this.#remove(member)
    if (this.#state === 'Preparing' || this.#members.size > 0) this.#prepare()
    else this.#complete()
  }

  #remove(member: Member): void {
    member.session.cancel()
    this.#members.delete(member.id)
    member.joining?.(joinAnswer(E.UNKNOWN_MEMBER_ID, -1, '', '', member.id, []))
    member.syncing?.(syncAnswer(E.UNKNOWN_MEMBER_ID, EMPTY))
  }
}

/** Of what all members offer, what most of them put first. */
function chosenProtocol(members: readonly Member[]): string {
  const names = members[0]?.protocols.map(p => p.name) ?? []
  const shared = names.filter(name => members.every(m => m.protocols.some(p => p.name === name)))
  const votes = members.map(m => m.protocols.find(p => shared.includes(p.name))?.name)
  const count = (name: string) => votes.filter(vote => vote === name).length
  return [...shared].sort((a, b) => count(b) - count(a))[0] ?? ''
}

function joinAnswer(
  code: number,
  generation: number,
  protocol: string,
  leaderId: string,
  memberId: string,
  members: readonly (readonly [id: string, metadata: Buffer])[],
): Buffer {
  return new Writer()
    .int32(0)
    .int16(code)
    .int32(generation)
    .string(protocol)
    .string(leaderId)
    .string(memberId)
    .array(members, (w, [id, metadata]) => w.string(id).nullableString(null).bytes(metadata))
    .finish()
}

function syncAnswer(code: number, assignment: Buffer): Buffer {
  return new Writer().int32(0).int16(code).bytes(assignment).finish()
}
