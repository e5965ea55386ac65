// One worker's place in a cluster: whoever runs there is killed when a chaos run says so, and another comes in its stead, as a supervisor
// of processes would see to. Main thread of chaos runs.
import { setTimeout as delay } from 'node:timers/promises'
import { toError } from '../../src/base/errors.ts'
import type { ConnectCluster, Member } from '../support/connect-cluster.ts'

/** A worker that ended by itself is started again after this long. */
const AGAIN_MS = 1000

export class Place {
  readonly #cluster: ConnectCluster
  readonly #say: (line: string) => void
  readonly incidents: string[] = []
  #end = new AbortController()
  #member: Member | null = null
  #isWaiting = false
  #up: Promise<void> = Promise.resolve()

  constructor(cluster: ConnectCluster, say: (line: string) => void) {
    this.#cluster = cluster
    this.#say = say
  }

  /** Of the worker that runs here and has been in the group. */
  get workerId(): string | null {
    return this.#member?.running() ? this.#member.workerId : null
  }

  start(afterMs: number): void {
    this.#end = new AbortController()
    this.#up = this.#run(afterMs, this.#end.signal)
  }

  /** Resolves when a worker has joined from here, or was killed before it did. */
  isUp(): Promise<void> {
    return this.#up
  }

  /** SIGKILL; gives what the worker was at. */
  async kill(downMs: number): Promise<'down' | 'starting' | 'running'> {
    const state = this.workerId !== null ? 'running' : this.#isWaiting ? 'down' : 'starting'
    const member = this.#member
    this.abandon()
    await member?.exited
    await this.#up
    this.start(downMs)
    return state
  }

  /** SIGTERM: what the worker has is written. */
  async stop(): Promise<void> {
    await this.#up
    const member = this.#member
    this.#member = null
    await member?.stop()
  }

  abandon(): void {
    this.#end.abort()
    this.#member = null
  }

  /** Until one has joined; one that ends while it starts (its broker is down) is an incident only when `signal` did not end it. */
  async #run(afterMs: number, signal: AbortSignal): Promise<void> {
    this.#isWaiting = true
    await delay(afterMs, undefined, { signal }).catch(() => undefined)
    this.#isWaiting = false
    while (!signal.aborted) {
      try {
        const member = await this.#cluster.add('sluice', {}, { signal })
        this.#member = member
        void member.exited.then(code => this.#ended(member, code))
        return
      } catch (error) {
        if (signal.aborted) return
        this.#note(`a worker did not start: ${toError(error).message}`)
        await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  #ended(member: Member, code: number): void {
    if (this.#member !== member) return
    this.#note(`a worker ended by itself with ${code}:\n${member.logs().slice(-3000)}`)
    this.abandon()
    this.start(AGAIN_MS)
  }

  #note(incident: string): void {
    this.incidents.push(incident)
    this.#say(incident)
  }
}
