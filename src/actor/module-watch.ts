// How long a plugin's module may take to load in the thread of a connector or task. Watched from outside: one that spins while it loads lets its own
// thread look at no clock. What the plugin does later, in `start` and so on, has no limit. Main thread; one for each ActorRef.
import type { Clock, Timer } from '../base/clock.ts'
import { TaskThreadError } from '../base/errors.ts'
import type { FromAnyActor } from './messages.ts'

type Loading = Extract<FromAnyActor, { type: 'moduleLoading' }>

export class ModuleWatch {
  readonly #clock: Clock
  readonly #onHung: (error: TaskThreadError) => void
  /** by file: a task loads several at once, one file at most once at a time */
  readonly #timers = new Map<string, Timer>()

  /** @param onHung called with the reason why the thread must end; again for another module, if it does not */
  constructor(clock: Clock, onHung: (error: TaskThreadError) => void) {
    this.#clock = clock
    this.#onHung = onHung
  }

  begun({ className, file, limitMs }: Loading): void {
    if (this.#timers.has(file)) return
    const timer = this.#clock.after(limitMs, () => {
      const message = `${className} could not be loaded: ${file} did not finish loading within ${limitMs} ms, and its thread was terminated`
      this.#onHung(new TaskThreadError(message, { code: 'CONNECT_TASK_STUCK_ON_LOAD' }))
    })
    this.#timers.set(file, timer)
  }

  ended(file: string): void {
    this.#timers.get(file)?.cancel()
    this.#timers.delete(file)
  }

  /** The thread is gone. */
  cancel(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }
}
