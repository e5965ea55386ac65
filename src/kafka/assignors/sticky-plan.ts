// The sticky assignment: as even as the subscriptions allow, and of the even ones one that moves few partitions. Runs in the
// thread of the group's leading member; called by cooperative-sticky.ts.
//
// Method: 1. every member keeps what it rightly holds; 2. partitions without an owner go to the least loaded subscriber;
// 3. while some member has two or more partitions fewer than another, and a chain of moves leads from the second to the first, the shortest
// such chain is moved. Each chain lowers the sum of squared loads by at least 2, so step 3 ends; without a chain the
// assignment cannot be made more even.
import type { TopicPartition } from '../types.ts'
import { compareStrings, membersOfTopics } from './member-order.ts'
import type { AssignorMember } from './types.ts'

interface Slot {
  readonly topic: string
  readonly partition: number
  /** index of the member that rightly held it before, -1: none */
  readonly before: number
  owner: number
}

/** Whose claim counts for each partition: the newest generation's; equal claims of one generation cancel out (-1). */
export function rightfulOwners(partitions: ReadonlyMap<string, number>, members: readonly AssignorMember[]): Map<string, number> {
  const owners = new Map<string, number>()
  const generations = new Map<string, number>()
  for (const [i, member] of members.entries()) {
    for (const { topic, partition } of member.owned) {
      if (partition >= (partitions.get(topic) ?? 0)) continue
      const key = `${topic}-${partition}`
      const known = generations.get(key)
      if (known === undefined || member.generation > known) {
        owners.set(key, i)
        generations.set(key, member.generation)
      } else if (member.generation === known) owners.set(key, -1)
    }
  }
  return owners
}

export function planSticky(
  partitions: ReadonlyMap<string, number>,
  members: readonly AssignorMember[],
  owners: ReadonlyMap<string, number>,
): TopicPartition[][] {
  const indexOf = new Map(members.map((m, i) => [m, i]))
  const subscribers = new Map<string, number[]>()
  for (const [topic, list] of membersOfTopics(partitions, members))
    subscribers.set(
      topic,
      list.map(m => indexOf.get(m) ?? -1),
    )
  const slots: Slot[] = []
  const held: Slot[][] = members.map(() => [])
  for (const [topic, list] of subscribers) {
    for (let partition = 0; partition < (partitions.get(topic) ?? 0); partition++) {
      const owner = owners.get(`${topic}-${partition}`) ?? -1
      const before = list.includes(owner) ? owner : -1
      const slot = { topic, partition, before, owner: before }
      slots.push(slot)
      if (before >= 0) held[before]?.push(slot)
    }
  }
  placeOrphans(slots, held, subscribers)
  while (moveOneChain(held, subscribers));
  return held.map(list =>
    list
      .map(({ topic, partition }) => ({ topic, partition }))
      .sort((a, b) => compareStrings(a.topic, b.topic) || a.partition - b.partition),
  )
}

/** Partitions that few members can take go first. */
function placeOrphans(slots: readonly Slot[], held: Slot[][], subscribers: ReadonlyMap<string, number[]>): void {
  const choices = (slot: Slot) => subscribers.get(slot.topic)?.length ?? 0
  for (const slot of slots.filter(s => s.owner < 0).sort((a, b) => choices(a) - choices(b))) {
    let least = -1
    for (const member of subscribers.get(slot.topic) ?? [])
      if (least < 0 || (held[member]?.length ?? 0) < (held[least]?.length ?? 0)) least = member
    slot.owner = least
    held[least]?.push(slot)
  }
}

/** Finds the most loaded member from which a chain leads to one with at least two fewer, and moves along it. */
function moveOneChain(held: Slot[][], subscribers: ReadonlyMap<string, number[]>): boolean {
  const load = (member: number) => held[member]?.length ?? 0
  const heaviestFirst = held.map((_, i) => i).sort((a, b) => load(b) - load(a))
  const lightest = load(heaviestFirst.at(-1) ?? 0)
  for (const start of heaviestFirst) {
    if (load(start) < lightest + 2) return false
    const chain = shortestChain(start, held, subscribers)
    if (chain === null) continue
    for (const { slot, to } of chain) {
      const from = held[slot.owner] as Slot[]
      from.splice(from.indexOf(slot), 1)
      slot.owner = to
      held[to]?.push(slot)
    }
    return true
  }
  return false
}

/** Breadth first over "could hand one partition to"; of the partitions that could go, one that is away from its old owner already. */
function shortestChain(
  start: number,
  held: Slot[][],
  subscribers: ReadonlyMap<string, number[]>,
): { slot: Slot; to: number }[] | null {
  const enough = (held[start]?.length ?? 0) - 2
  const cameBy = new Map<number, { slot: Slot; to: number } | null>([[start, null]])
  const queue = [start]
  for (let head = 0; head < queue.length; head++) {
    const member = queue[head] as number
    const byPrice = (held[member] ?? []).toSorted((a, b) => price(a, member) - price(b, member))
    const reached: number[] = []
    for (const slot of byPrice)
      for (const to of subscribers.get(slot.topic) ?? [])
        if (!cameBy.has(to)) {
          cameBy.set(to, { slot, to })
          reached.push(to)
        }
    reached.sort((a, b) => (held[a]?.length ?? 0) - (held[b]?.length ?? 0))
    const end = reached.find(to => (held[to]?.length ?? 0) <= enough)
    if (end !== undefined) return chainTo(end, cameBy)
    queue.push(...reached)
  }
  return null
}

/** 0: a move costs nothing (the partition moves anyway); 1: it is taken from the member that held it. */
function price(slot: Slot, member: number): number {
  return slot.before === member ? 1 : 0
}

function chainTo(end: number, cameBy: ReadonlyMap<number, { slot: Slot; to: number } | null>): { slot: Slot; to: number }[] {
  const chain: { slot: Slot; to: number }[] = []
  for (let step = cameBy.get(end); step; step = cameBy.get(step.slot.owner)) chain.push(step)
  return chain
}
