// Requests to one bucket, each tried again with growing waits where that may help, and its last failure told in our terms. Also the limit
// on requests that carry parts. Task threads; one instance a store.
import { exponentialBackoffMs } from '../../../base/backoff.ts'
import type { Clock } from '../../../base/clock.ts'
import { type Connected, connectS3 } from './s3-client.ts'
import { faultOf, s3Error } from './s3-errors.ts'
import type { S3Settings } from './s3-settings.ts'

/** Buffers kept for the next files: memory touched for the first time costs about as much as the copy into it. */
const SPARE_BUFFERS_MAX = 2
/** Parts on their way at the same time, over all uploads of a store: what holds their bytes in memory. */
export const PARTS_IN_FLIGHT_MAX = 4
const BACKOFF_MS_MAX = 60_000

export interface RequestOptions {
  readonly action: string
  /** null: the bucket itself */
  readonly key: string | null
  readonly signal?: AbortSignal
  /** An error that is an answer to the caller, never tried again. `tries` counts this one. */
  readonly isAnswer?: (error: unknown, tries: number) => boolean
}

export type S3Call<T> = (connected: Connected) => Promise<T>

export class S3Requests {
  readonly settings: S3Settings
  readonly #clock: Clock
  readonly #idleTimeoutMs: number | undefined
  #connected: Promise<Connected> | null = null
  #free = PARTS_IN_FLIGHT_MAX
  readonly #waiting: (() => void)[] = []
  readonly #spareBuffers: Buffer[] = []

  constructor(settings: S3Settings, clock: Clock, idleTimeoutMs?: number) {
    this.settings = settings
    this.#clock = clock
    this.#idleTimeoutMs = idleTimeoutMs
  }

  connected(): Promise<Connected> {
    if (this.#connected === null) {
      this.#connected = connectS3(this.settings, this.#idleTimeoutMs)
      this.#connected.catch(() => {
        this.#connected = null
      })
    }
    return this.#connected
  }

  /** @throws what `isAnswer` picks as it is, else RetriableError or ConnectError with the object's name */
  async send<T>(options: RequestOptions, call: S3Call<T>): Promise<T> {
    const { retries, retryBackoffMs } = this.settings
    const connected = await this.connected()
    for (let tries = 1; ; tries++) {
      try {
        return await call(connected)
      } catch (error) {
        if (options.isAnswer?.(error, tries)) throw error
        if (options.signal?.aborted || tries > retries || !faultOf(error).isRetriable) {
          throw s3Error(error, { action: options.action, key: options.key, tries }, this.settings)
        }
      }
      await this.#clock.sleep(exponentialBackoffMs(tries - 1, retryBackoffMs, BACKOFF_MS_MAX), options.signal)
    }
  }

  /** Resolves when one of the slots for parts is the caller's; it gives it back by `leave`. */
  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }

  /** A buffer that an upload of before has given back, or an empty one. */
  takeBuffer(): Buffer {
    return this.#spareBuffers.pop() ?? Buffer.alloc(0)
  }

  /** Nobody reads or writes it any more. */
  giveBuffer(buffer: Buffer): void {
    if (buffer.length > 0 && this.#spareBuffers.length < SPARE_BUFFERS_MAX) this.#spareBuffers.push(buffer)
  }
}
