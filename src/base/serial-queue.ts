// Requests in order, one at a time: what makes races of PUT, DELETE and restart impossible (each sees the state its
// predecessor left). Bounded, so that a stuck connector refuses requests instead of hoarding them. Any thread; used by the herder and the config topic.
import { ConflictError } from './errors.ts'

interface Waiting {
  readonly label: string
  run(): Promise<void>
}

export class SerialQueue {
  readonly #waitingMax: number
  readonly #onIdle: () => void
  readonly #waiting: Waiting[] = []
  #current: Waiting | null = null

  /** @param onIdle called when the last one is done */
  constructor(waitingMax: number, onIdle: () => void = () => undefined) {
    this.#waitingMax = waitingMax
    this.#onIdle = onIdle
  }

  /** What runs now; the object changes with every run, so that it can be told apart from its successor. */
  get current(): { readonly label: string } | null {
    return this.#current
  }

  get isIdle(): boolean {
    return this.#current === null
  }

  /**
   * Runs `work` after everything before it, whether that failed or not.
   * @param label for messages: "restarting connector x"
   * @param isInternal not refused when the queue is full: for work that is bounded by its own source
   */
  run<T>(label: string, work: () => Promise<T>, isInternal = false): Promise<T> {
    if (!isInternal && this.#waiting.length >= this.#waitingMax) {
      const message = `too many requests are waiting while the worker is ${this.#current?.label ?? 'busy'}; try again later`
      return Promise.reject(new ConflictError(message))
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ label, run: () => work().then(resolve, reject) })
      if (this.#current === null) void this.#drain()
    })
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#current = next
      await next.run()
    }
    this.#current = null
    this.#onIdle()
  }
}
