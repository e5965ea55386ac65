// What the group tests are made of: one of our members with its history, a Java consumer with the same, and waiting. Main thread of a test file.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { ConsumerMembership, type ConsumerMembershipOptions } from '../../src/kafka/consumer-membership.ts'
import { partitionKey, type TopicPartition } from '../../src/kafka/types.ts'
import { javaCommand } from '../support/java.ts'

export interface Member {
  /** partitions held at present, as "topic-0", sorted */
  held(): string[]
  /** "assigned a-0 a-1", "revoked …", "lost …", "error …" in their order */
  readonly history: string[]
}

const line = (what: string, partitions: readonly TopicPartition[]) => [what, ...partitions.map(partitionKey).sort()].join(' ')

export class Ours implements Member {
  readonly history: string[] = []
  readonly cluster: Cluster
  readonly membership: ConsumerMembership

  constructor(
    bootstrap: string,
    options: Partial<ConsumerMembershipOptions> & Pick<ConsumerMembershipOptions, 'groupId' | 'topics'>,
  ) {
    this.cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': bootstrap }, 'test'), silentLogger)
    this.membership = new ConsumerMembership({
      cluster: this.cluster,
      log: silentLogger,
      clock: systemClock,
      sessionTimeoutMs: 60_000,
      heartbeatIntervalMs: 300,
      onAssigned: async partitions => void this.history.push(line('assigned', partitions)),
      onRevoked: async partitions => void this.history.push(line('revoked', partitions)),
      onLost: async partitions => void this.history.push(line('lost', partitions)),
      onError: error => void this.history.push(`error ${error.message}`),
      ...options,
    })
  }

  async start(): Promise<this> {
    await this.cluster.connect()
    this.membership.start()
    return this
  }

  held(): string[] {
    return this.membership.assignment.map(partitionKey).sort()
  }

  async stop(): Promise<void> {
    await this.membership.stop()
    await this.cluster.close()
  }
}

export class Java implements Member {
  readonly history: string[] = []
  readonly #child: ChildProcess
  readonly #held = new Set<string>()
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = new Promise(resolve => child.once('exit', resolve))
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', text => {
      const [what = '', ...partitions] = text.trim().split(' ')
      if (!['assigned', 'revoked', 'lost'].includes(what)) return
      this.history.push(text.trim())
      for (const p of partitions) what === 'assigned' ? this.#held.add(p) : this.#held.delete(p)
    })
  }

  /** @param assignor RangeAssignor or CooperativeStickyAssignor */
  static async start(bootstrap: string, group: string, assignor: string, topics: readonly string[]): Promise<Java> {
    const source = new URL('./java/GroupConsumer.java', import.meta.url)
    const [command = '', ...args] = await javaCommand(
      source,
      [bootstrap, group, assignor, topics.join()],
      ['-Xmx128m', '-XX:+UseSerialGC'],
    )
    return new Java(spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] }))
  }

  held(): string[] {
    return [...this.#held].sort()
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end()
    await this.#ended
  }
}

/** Waits until `isSo` holds; a test that waits in vain fails with `what` and the histories. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  members: readonly Member[] = [],
): Promise<void> {
  const endMs = performance.now() + 40_000
  while (!(await isSo())) {
    if (performance.now() > endMs)
      throw new Error(`never ${what}: ${JSON.stringify(members.map(m => ({ held: m.held(), history: m.history })))}`)
    await systemClock.sleep(20)
  }
}

/** Every partition held by exactly one member, every member holding between `least` and `most`. */
export function isShared(all: readonly string[], members: readonly Member[], least: number, most: number): boolean {
  const held = members.map(m => m.held())
  return held.flat().sort().join() === [...all].sort().join() && held.every(h => h.length >= least && h.length <= most)
}

export function partitionsOf(topic: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${topic}-${i}`)
}
