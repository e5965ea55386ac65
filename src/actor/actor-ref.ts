// The main thread's side of one actor thread: starts it, talks to it, watches its memory and its event loop, reports its end once.
import type { EventLoopUtilization } from 'node:perf_hooks'
import type { Worker } from 'node:worker_threads'
import { endedOrAbandoned } from '../base/abandoned-threads.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { ConnectError, TaskThreadError } from '../base/errors.ts'
import { MEMORY_LOOK_MS, overBuffers } from '../base/job-watch.ts'
import { ownModule } from '../base/layout.ts'
import { ownTimeMs } from '../base/own-time-watch.ts'
import { formatBytes, MIB } from '../base/units.ts'
import { makeThread } from './make-thread.ts'
import type { ConnectorSpec, FromAnyActor, Reply, TaskSpec } from './messages.ts'
import { MetricsSlab } from './metrics-slab.ts'
import { ModuleWatch } from './module-watch.ts'
import type { Begin, SpareThreads } from './spare-threads.ts'
import type { StartGate } from './start-gate.ts'
import { stuckTrace } from './stuck-trace.ts'
import { RemoteError, toWireError, type WireError } from './wire-error.ts'

export type Exit = { readonly reason: 'stopped' } | { readonly reason: 'failed'; readonly error: WireError }

export interface Usage {
  readonly heapBytes: number
  readonly externalBytes: number
  /** 0..1: how busy the thread's event loop was since the last call */
  readonly loopUtilization: number
  readonly cpuMicros: number
}

/** What the supervisor needs of an actor; ActorRef is the real one, tests have a fake. */
export interface ActorHandle<To> {
  send(message: To | Reply): void
  /** Sends with a fresh id and waits for the reply; rejects with the thread's error, or when the thread ends. */
  ask<T>(message: DistributiveOmit<Extract<To, { id: number }>, 'id'>): Promise<T>
  /** Asks it to stop; after the deadline the thread is terminated. Settles when the thread is gone. */
  stop(deadlineMs: number): Promise<Exit>
  usage(): Promise<Usage>
}

export type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

export interface ActorOptions<From> {
  /** which thread; a URL where a test brings its own */
  readonly entry: 'task' | 'connector' | 'preview' | URL
  readonly data: TaskSpec | ConnectorSpec
  /** limit of the JS heap, and separately of Buffers and other memory outside of it */
  readonly memoryMaxMb: number
  /** an event loop that has not turned for this long ends the thread; 0: never */
  readonly stuckTimeoutMs: number
  readonly clock: Clock
  /** the thread is made when it lets it in, and is inside until it says `loaded`; absent: at once */
  readonly gate?: StartGate
  /** where tasks and connectors find a thread that waits; absent: each has one made for it */
  readonly spares?: SpareThreads
  onMessage(message: From): void
  /** one JSON line of the thread's logger */
  onLog(line: string): void
  /** exactly once, when the thread is gone */
  onExit(exit: Exit): void
}

/** From one look to the next no more counts as silence of a thread. */
const LATE_LOOK_MS = 2 * MEMORY_LOOK_MS
/**
 * Asking a thread for its memory wakes it: for 200 idle ones that took more than all else they do. One that worked less than this since it
 * was asked last is not asked, but for every eighth time: memory that was taken in one short call may be filled by other threads.
 */
const IDLE_MS_MAX = 10
const IDLE_LOOKS = 8
/** After it reported its failure a thread exits by itself; this long it may take. */
const EXIT_AFTER_FAILURE_MS = 2_000
/**
 * A thread loads its code in a quarter of a second, on a busy machine in many. It must not leave the gate for being slow: the more threads load, the
 * slower each is. One whose loop only waited from one look to the next has a plugin that waits for something outside, one that is inside for all
 * looks has one that spins: others do not wait with them.
 */
const LOADING_LOOK_MS = 500
const LOADING_LOOKS_MAX = 60

export class ActorRef<To, From> implements ActorHandle<To> {
  readonly #options: ActorOptions<From>
  /** null until the gate lets it in */
  #worker: Worker | null = null
  /** sent before that: a handful of controls */
  readonly #unsent: (To | Reply)[] = []
  #leaveGate: () => void = () => {}
  readonly #metrics: MetricsSlab
  readonly #modules: ModuleWatch
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #nextId = 1
  #failure: WireError | null = null
  #exit: Exit | null = null
  #isStopping = false
  #exitWaiters: ((exit: Exit) => void)[] = []
  #watchTimer: Timer | null = null
  #loadingTimer: Timer | null = null
  #killTimer: Timer | null = null
  #lastBeat = -1
  #lookedAtMs: number
  /** how long the beat was seen to stand still */
  #silentMs = 0
  #isMemoryAsked = false
  #isKilling = false
  #lastUtilization: EventLoopUtilization | undefined
  #utilizationAtLook: EventLoopUtilization | undefined
  #looksLeftOut = 0

  constructor(options: ActorOptions<From>) {
    this.#options = options
    this.#metrics = new MetricsSlab(options.data.metrics)
    this.#lookedAtMs = options.clock.monotonicMs()
    this.#modules = new ModuleWatch({
      clock: options.clock,
      ownTimeMs: async () => (this.#worker === null ? 0 : ownTimeMs(this.#worker)),
      onHung: (error, isLoading) => void this.#killWithTrace(error, isLoading),
    })
    if (options.gate === undefined) this.#start()
    else this.#leaveGate = options.gate.enter(() => this.#startInTurn())
  }

  /** Inside of the gate: where the thread cannot be made, that is how it ended. */
  #startInTurn(): void {
    try {
      this.#start()
      this.#watchLoading(LOADING_LOOKS_MAX)
    } catch (error) {
      this.#failure = toWireError(error)
      // Not in the constructor of somebody who waits for us.
      queueMicrotask(() => this.#ended(-1))
    }
  }

  #watchLoading(looks: number): void {
    const before = this.#worker?.performance.eventLoopUtilization()
    this.#loadingTimer = this.#options.clock.after(LOADING_LOOK_MS, () => {
      if (looks === 1 || this.#onlyWaitedSince(before)) this.#leaveGate()
      else this.#watchLoading(looks - 1)
    })
  }

  #start(): void {
    const { data, entry, memoryMaxMb, clock, spares } = this.#options
    const url = entry instanceof URL ? entry : ownModule(`workers/${entry}`)
    const name = 'task' in data ? `${data.connector}-${data.task}` : data.connector
    const isKnown = entry === 'task' || entry === 'connector'
    const worker = (isKnown && spares?.take({ entry, data } as Begin)) || makeThread(url, name, data, memoryMaxMb)
    worker.on('message', (message: From | FromAnyActor) => this.#receive(message))
    worker.on('messageerror', error => this.#kill(toWireError(error)))
    worker.on('error', error => this.#threadError(error))
    worker.on('exit', code => this.#ended(code))
    this.#worker = worker
    for (const message of this.#unsent.splice(0)) worker.postMessage(message)
    this.#lookedAtMs = clock.monotonicMs()
    this.#watch(worker)
  }

  send(message: To | Reply): void {
    if (this.#exit !== null) return
    if (this.#worker === null) this.#unsent.push(message)
    else this.#worker.postMessage(message)
  }

  ask<T>(message: DistributiveOmit<Extract<To, { id: number }>, 'id'>): Promise<T> {
    if (this.#exit !== null) return Promise.reject(this.#goneError(this.#exit))
    const id = this.#nextId++
    return new Promise<T>((resolve, reject) => {
      this.#asked.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.send({ ...message, id } as To)
    })
  }

  stop(deadlineMs: number): Promise<Exit> {
    if (this.#exit !== null) return Promise.resolve(this.#exit)
    if (!this.#isStopping) {
      this.#isStopping = true
      if (this.#worker === null) {
        // Never begun: there is nothing to wait for.
        this.#ended(0)
        return Promise.resolve({ reason: 'stopped' })
      }
      this.#worker.postMessage({ type: 'stop', deadlineMs })
      this.#killTimer ??= this.#options.clock.after(deadlineMs, () => {
        const message = `the thread did not stop within ${deadlineMs} ms and was terminated`
        this.#kill(toWireError(new TaskThreadError(message, { code: 'CONNECT_TASK_STUCK_ON_STOP' })))
      })
    }
    return new Promise(resolve => this.#exitWaiters.push(resolve))
  }

  async usage(): Promise<Usage> {
    const worker = this.#worker
    if (worker === null) return { heapBytes: 0, externalBytes: 0, loopUtilization: 0, cpuMicros: 0 }
    const before = this.#lastUtilization
    const now = worker.performance.eventLoopUtilization()
    this.#lastUtilization = now
    const [heap, cpu] = await Promise.all([worker.getHeapStatistics(), worker.cpuUsage()])
    return {
      heapBytes: heap.used_heap_size,
      externalBytes: heap.external_memory,
      loopUtilization: worker.performance.eventLoopUtilization(now, before).utilization,
      cpuMicros: cpu.user + cpu.system,
    }
  }

  #receive(message: From | FromAnyActor): void {
    const known = message as FromAnyActor
    if (known.type === 'logged') return this.#options.onLog(known.line)
    if (known.type === 'reply') return this.#settle(known)
    if (known.type === 'loaded') {
      this.#loadingTimer?.cancel()
      return this.#leaveGate()
    }
    if (known.type === 'moduleLoading') return this.#modules.begun(known)
    if (known.type === 'moduleLoaded') return this.#modules.ended(known.file)
    if (known.type === 'failed') {
      this.#failure ??= known.error
      this.#killTimer ??= this.#options.clock.after(EXIT_AFTER_FAILURE_MS, () => this.#kill(known.error))
      return
    }
    if (!this.#isKilling) this.#options.onMessage(message as From)
  }

  #settle(reply: Reply): void {
    const asked = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if (reply.error === undefined) asked?.resolve(reply.value)
    else asked?.reject(new RemoteError(reply.error))
  }

  #threadError(error: Error & { code?: string }): void {
    if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
      this.#failure ??= toWireError(error)
      return
    }
    const limit = formatBytes(this.#options.memoryMaxMb * MIB)
    const message = `the thread ran out of memory: its JS heap passed ${limit} (task.memory.max.mb=${this.#options.memoryMaxMb})`
    this.#failure ??= toWireError(new TaskThreadError(message, { code: 'CONNECT_TASK_OOM', cause: error }))
  }

  /** Terminates the thread; `error` is the reason unless one is known already. */
  #kill(error: WireError): void {
    if (this.#isKilling) return
    this.#isKilling = true
    this.#failure ??= error
    const terminating = this.#worker?.terminate() ?? Promise.resolve()
    // The event of its exit comes first, with its code.
    void endedOrAbandoned(terminating, this.#options.clock).then(() => this.#ended(-1))
  }

  #ended(exitCode: number): void {
    if (this.#exit !== null) return
    this.#leaveGate()
    this.#loadingTimer?.cancel()
    this.#modules.cancel()
    this.#watchTimer?.cancel()
    this.#killTimer?.cancel()
    if (this.#failure === null && !(this.#isStopping && exitCode === 0)) {
      const message = `the thread ended by itself with exit code ${exitCode} (a plugin called process.exit?)`
      this.#failure = toWireError(new TaskThreadError(message, { code: 'CONNECT_TASK_EXIT' }))
    }
    this.#exit = this.#failure === null ? { reason: 'stopped' } : { reason: 'failed', error: this.#failure }
    for (const asked of this.#asked.values()) asked.reject(this.#goneError(this.#exit))
    this.#asked.clear()
    this.#options.onExit(this.#exit)
    for (const resolve of this.#exitWaiters) resolve(this.#exit)
  }

  #goneError(exit: Exit): Error {
    return exit.reason === 'failed'
      ? new RemoteError(exit.error)
      : new ConnectError('the thread has stopped', { code: 'CONNECT_ABORTED' })
  }

  #watch(worker: Worker): void {
    this.#watchTimer = this.#options.clock.after(MEMORY_LOOK_MS, () => {
      // Not waited for: a thread that a call of the operating system holds gives no answer, and must be seen to be stuck all the same.
      void this.#lookAtMemory(worker)
      this.#lookAtLoop()
      if (this.#exit === null && !this.#isKilling) this.#watch(worker)
    })
  }

  /** Buffers live outside the JS heap, so resourceLimits does not count them. */
  async #lookAtMemory(worker: Worker): Promise<void> {
    if (this.#isMemoryAsked || (this.#onlyWaitedSince(this.#utilizationAtLook) && ++this.#looksLeftOut < IDLE_LOOKS)) return
    this.#looksLeftOut = 0
    this.#utilizationAtLook = worker.performance.eventLoopUtilization()
    this.#isMemoryAsked = true
    const held = await overBuffers(worker, this.#options.memoryMaxMb * MIB)
    this.#isMemoryAsked = false
    if (held === null || this.#exit !== null) return
    const message = `the thread ran out of memory: ${held} (task.memory.max.mb=${this.#options.memoryMaxMb})`
    this.#kill(toWireError(new TaskThreadError(message, { code: 'CONNECT_TASK_OOM' })))
  }

  /** Costs the thread nothing. A loop that has not begun, or is stuck, has no idle time. */
  #onlyWaitedSince(before: EventLoopUtilization | undefined): boolean {
    if (before === undefined || this.#worker === null) return false
    const { idle, active } = this.#worker.performance.eventLoopUtilization(before)
    return idle > 0 && active < IDLE_MS_MAX
  }

  #lookAtLoop(): void {
    const { clock, stuckTimeoutMs } = this.#options
    const beat = this.#metrics.get('loopBeat')
    const nowMs = clock.monotonicMs()
    // One that is late tells of us, or of a process that was stopped: nor could the thread beat.
    this.#silentMs += Math.min(nowMs - this.#lookedAtMs, LATE_LOOK_MS)
    this.#lookedAtMs = nowMs
    if (beat !== this.#lastBeat) this.#silentMs = 0
    this.#lastBeat = beat
    if (stuckTimeoutMs === 0 || this.#silentMs < stuckTimeoutMs || this.#isKilling) return
    this.#silentMs = 0
    const message = `the thread has not answered for ${stuckTimeoutMs} ms (task.stuck.timeout.ms) and was terminated`
    const isStill = () => this.#metrics.get('loopBeat') === beat
    void this.#killWithTrace(new TaskThreadError(message, { code: 'CONNECT_TASK_STUCK' }), isStill)
  }

  /** The trace is that of the thread, not ours. While it is taken a thread may come to an end with what it was at: `isStill` says no then. */
  async #killWithTrace(error: TaskThreadError, isStill: () => boolean): Promise<void> {
    const stack = this.#worker === null ? '' : await stuckTrace(this.#worker, this.#options.clock)
    if (!isStill()) return
    error.stack = `TaskThreadError: ${error.message}\n${stack === '' ? '    (no stack could be taken)' : stack}`
    this.#kill(toWireError(error))
  }
}
