// The key that workers sign their requests with: made by the leader, spread through the config topic, replaced when it is old or of
// another kind than this worker's config asks for (KIP-507). Main thread; owned by the herder. Java: DistributedHerder.checkForKeyRotation.
import { exponentialBackoffMs } from '../../base/backoff.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { SessionKey } from '../../store/cluster-config.ts'
import { keyBytesOf, newSessionKey, type SignatureConfig } from './request-signature.ts'

export interface SessionKeysOptions {
  readonly config: SignatureConfig
  /** inter.worker.key.ttl.ms */
  readonly ttlMs: number
  readonly clock: Clock
  readonly log: Logger
  /** into the config topic, as the leader */
  put(key: SessionKey): Promise<void>
}

/** A key that could not be written is tried again after this, doubling to the second, as long as this worker leads. */
const RETRY_MS = 250
const RETRY_MS_MAX = 60_000

export class SessionKeys {
  readonly #o: SessionKeysOptions
  #current: SessionKey | null = null
  #isLeading = false
  #timer: Timer | null = null
  #isWriting = false
  #failures = 0

  constructor(options: SessionKeysOptions) {
    this.#o = options
  }

  /** null: none was read yet */
  get current(): SessionKey | null {
    return this.#current
  }

  /** Read from the config topic. */
  learn(key: SessionKey | null): void {
    this.#current = key
    if (this.#isLeading) this.#plan()
  }

  /** After each round. `isLeading`: this worker leads a group whose protocol is sessioned, and looks after the key. */
  lead(isLeading: boolean): void {
    this.#isLeading = isLeading
    this.#failures = 0
    if (isLeading) this.#plan()
    else this.stop()
  }

  stop(): void {
    this.#isLeading = false
    this.#timer?.cancel()
    this.#timer = null
  }

  #plan(): void {
    this.#timer?.cancel()
    this.#timer = this.#o.clock.after(this.#remainingMs(), () => void this.#rotate())
  }

  /** Until the present key must be replaced. */
  #remainingMs(): number {
    const { config, ttlMs, clock } = this.#o
    const key = this.#current
    if (key === null || key.algorithm !== config.keyAlgorithm || key.key.length !== keyBytesOf(config)) return 0
    return Math.max(key.createdAtMs + ttlMs - clock.now(), 0)
  }

  async #rotate(): Promise<void> {
    if (this.#isWriting || !this.#isLeading) return
    this.#isWriting = true
    const { config, clock, log } = this.#o
    try {
      await this.#o.put(newSessionKey(config, clock.now()))
      this.#failures = 0
      log.info('a new session key for requests between workers is in the config topic')
    } catch (error) {
      const delayMs = exponentialBackoffMs(this.#failures++, RETRY_MS, RETRY_MS_MAX)
      log.warn(`the session key could not be written, again in ${Math.round(delayMs)} ms: ${toError(error).message}`)
      if (!this.#isLeading) return
      this.#timer?.cancel()
      this.#timer = clock.after(delayMs, () => void this.#rotate())
    } finally {
      this.#isWriting = false
    }
  }
}
