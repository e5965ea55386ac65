// Lets few threads load their code at the same time. Hundreds that begin at once take each other's caches, keep REST waiting for seconds, and
// are late for their group (docs/decisions/0022). Main thread; used by ActorRef, one a process for tasks and one for connectors.

export class StartGate {
  readonly #width: number
  #inside = 0
  /** at most the worker's tasks */
  readonly #waiting = new Set<() => void>()

  /** @param width how many are inside at most, 1 or more */
  constructor(width: number) {
    this.#width = width
  }

  /**
   * Calls `start` at once, or when another has left.
   * @returns leaves: gives the place inside, or in the queue, to others. Only its first call counts
   */
  enter(start: () => void): () => void {
    let isInside = false
    let hasLeft = false
    const begin = () => {
      isInside = true
      this.#inside++
      start()
    }
    if (this.#inside < this.#width) begin()
    else this.#waiting.add(begin)
    return () => {
      if (hasLeft) return
      hasLeft = true
      this.#waiting.delete(begin)
      if (!isInside) return
      this.#inside--
      this.#letIn()
    }
  }

  #letIn(): void {
    const [next] = this.#waiting
    if (next === undefined || this.#inside >= this.#width) return
    this.#waiting.delete(next)
    next()
  }
}
