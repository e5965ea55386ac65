// Actors without threads: a connector and its tasks whose every answer the test decides. Main thread of a test.
import type { ActorHandle, ActorOptions, Exit } from '../../src/actor/actor-ref.ts'
import type { ConnectorSpec, FromConnector, FromTask, Props, Reply, TaskSpec } from '../../src/actor/messages.ts'
import { toWireError } from '../../src/actor/wire-error.ts'
import { ConnectError } from '../../src/base/errors.ts'

interface Sent {
  readonly type: string
  readonly [key: string]: unknown
}

/** One thread: what it was told, and levers for what it does. */
export class FakeActor {
  readonly entry: 'task' | 'connector'
  readonly data: TaskSpec | ConnectorSpec
  readonly sent: (Sent | Reply)[] = []
  readonly asked: Sent[] = []
  exit: Exit | null = null
  /** set: the actor ignores stop until its deadline */
  isStubborn = false
  readonly #options: ActorOptions<unknown>
  readonly #waiting: { resolve(exit: Exit): void }[] = []
  readonly #calls: { message: Sent; resolve(value: unknown): void; reject(error: unknown): void }[] = []
  readonly #cast: FakeCast
  #isStopping = false

  constructor(options: ActorOptions<unknown>, cast: FakeCast) {
    this.entry = 'task' in options.data ? 'task' : 'connector'
    this.data = options.data
    this.#options = options
    this.#cast = cast
  }

  get name(): string {
    return 'task' in this.data ? `${this.data.connector}-${this.data.task}` : this.data.connector
  }

  send(message: Sent | Reply): void {
    this.sent.push(message)
    this.#cast.onSent(this, message)
  }

  ask<T>(message: object): Promise<T> {
    if (this.exit !== null) return Promise.reject(new ConnectError('the thread has stopped', { code: 'CONNECT_ABORTED' }))
    const sent = message as Sent
    this.asked.push(sent)
    return new Promise<T>((resolve, reject) => {
      this.#calls.push({ message: sent, resolve: resolve as (value: unknown) => void, reject })
      const answer = this.#cast.answer(this, sent)
      if (answer !== undefined)
        answer.then(
          value => this.settle(sent, value),
          error => this.refuse(sent, error),
        )
    })
  }

  stop(deadlineMs: number): Promise<Exit> {
    if (this.exit !== null) return Promise.resolve(this.exit)
    if (!this.#isStopping) {
      this.#isStopping = true
      if (this.isStubborn || this.#cast.stopsLate) {
        this.#options.clock.after(deadlineMs, () =>
          this.die(new ConnectError('did not stop', { code: 'CONNECT_TASK_STUCK_ON_STOP' })),
        )
      } else queueMicrotask(() => this.end({ reason: 'stopped' }))
    }
    return new Promise(resolve => this.#waiting.push({ resolve }))
  }

  usage() {
    return Promise.resolve({ heapBytes: 1, externalBytes: 2, loopUtilization: 0.5, cpuMicros: 3 })
  }

  say(message: FromTask | FromConnector): void {
    this.#options.onMessage(message)
  }

  settle(message: Sent, value: unknown): void {
    this.#take(message)?.resolve(value)
  }

  refuse(message: Sent, error: unknown): void {
    this.#take(message)?.reject(error)
  }

  /** The thread ends by itself. */
  die(error: Error): void {
    this.end({ reason: 'failed', error: toWireError(error) })
  }

  end(exit: Exit): void {
    if (this.exit !== null) return
    this.exit = exit
    for (const call of this.#calls.splice(0)) call.reject(new ConnectError('the thread is gone', { code: 'CONNECT_ABORTED' }))
    this.#options.onExit(exit)
    for (const { resolve } of this.#waiting) resolve(exit)
  }

  #take(message: Sent) {
    const at = this.#calls.findIndex(call => call.message === message)
    return at < 0 ? undefined : this.#calls.splice(at, 1)[0]
  }
}

/** All actors ever started, and how connectors answer. */
export class FakeCast {
  readonly actors: FakeActor[] = []
  /** task configs by connector; a function is called, an Error is thrown */
  readonly taskConfigs = new Map<string, Props[] | (() => Promise<Props[]>)>()
  /** by connector: what `start` does */
  readonly onStart = new Map<string, () => Promise<null>>()
  /** by connector: what `suspend` does */
  readonly onSuspend = new Map<string, () => Promise<null>>()
  /** tasks report RUNNING or PAUSED at once */
  areTasksReady = true
  stopsLate = false
  /** told of every new one */
  onBorn: (actor: FakeActor) => void = () => undefined
  /** told of every message that wants no answer */
  onSent: (actor: FakeActor, message: Sent | Reply) => void = () => undefined

  readonly spawn = <To, From>(options: ActorOptions<From>): ActorHandle<To> => {
    const actor = new FakeActor(options as unknown as ActorOptions<unknown>, this)
    this.actors.push(actor)
    this.onBorn(actor)
    if (actor.entry === 'task' && this.areTasksReady) {
      const { targetState } = actor.data as TaskSpec
      queueMicrotask(() => {
        if (actor.exit === null) actor.say({ type: 'stateChanged', state: targetState === 'PAUSED' ? 'PAUSED' : 'RUNNING' })
      })
    }
    return actor as unknown as ActorHandle<To>
  }

  /** undefined: never answered, unless the test does */
  answer(actor: FakeActor, message: Sent): Promise<unknown> | undefined {
    const { connector } = actor.data
    if (message.type === 'start') return this.onStart.get(connector)?.() ?? Promise.resolve(null)
    if (message.type === 'suspend') return this.onSuspend.get(connector)?.() ?? Promise.resolve(null)
    if (message.type === 'alterOffsets') return Promise.resolve(false)
    const configs = this.taskConfigs.get(connector)
    if (typeof configs === 'function') return configs()
    return Promise.resolve(configs ?? [{ n: '0' }])
  }

  get alive(): string[] {
    return this.actors.filter(actor => actor.exit === null).map(actor => `${actor.entry} ${actor.name}`)
  }

  /** the newest living actor of this name */
  find(entry: 'task' | 'connector', name: string): FakeActor {
    const found = this.actors.findLast(actor => actor.entry === entry && actor.name === name && actor.exit === null)
    if (found === undefined) throw new Error(`no living ${entry} ${name}; there are ${this.alive.join(', ')}`)
    return found
  }
}
