// One open connection to a broker: frames, correlation ids, time-outs. Runs in the thread that made its Cluster; used by cluster.ts
// only, which hands over a socket that is connected, encrypted and authenticated already.
//
// request => size(int32) api_key(int16) api_version(int16) correlation_id(int32) client_id(string) body       (request header v1)
// answer  => size(int32) correlation_id(int32) body                                                         (response header v0)
//
// A broker answers one connection in the order of its requests, so the oldest waiting request is the one an answer is for. The
// first time-out therefore closes the connection: what stands behind the missing answer would wait as well (Java does the same).
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../base/clock.ts'
import { KafkaError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { formatBytes, MIB } from '../base/units.ts'
import { type FreeBuffers, REUSED_BYTES_MIN } from './free-buffers.ts'
import type { Api, RequestBody } from './types.ts'

interface Waiting {
  readonly api: Api
  readonly correlationId: number
  readonly timer: Timer
  resolve(body: Buffer): void
  reject(error: Error): void
}

export interface ConnectionOptions {
  readonly socket: Socket
  /** for messages: node, host and port, lane */
  readonly name: string
  readonly clientId: string
  readonly log: Logger
  readonly clock: Clock
  /** memory for large answers, where they are given back */
  readonly free?: FreeBuffers
  /** called once, when it is closed for whatever reason */
  readonly onClose: () => void
}

/** An answer that claims to be larger is taken for garbage: fetch.max.bytes and message.max.bytes are far below. */
const ANSWER_BYTES_MAX = 1024 * MIB
const INT32_MAX = 2_147_483_647

export class Connection {
  readonly #o: ConnectionOptions
  readonly #waiting: Waiting[] = []
  readonly #clientId: Buffer
  #correlationId = 0
  #closedBy: KafkaError | null = null
  /** the answer that is coming in, once its size is known; filled in place: chunks may be views of a buffer that is read into again */
  #frame: Buffer | null = null
  #filled = 0
  readonly #size = Buffer.alloc(4)
  #sizeFilled = 0
  #isRetired = false
  #answers = 0

  constructor(options: ConnectionOptions) {
    this.#o = options
    this.#clientId = Buffer.from(options.clientId)
    const { socket } = options
    socket.on('data', chunk => this.#onData(chunk))
    socket.on('error', error => this.#close(`connection lost: ${error.message}`))
    // A listener of another security.protocol closes at the first request, or at the first behind ApiVersions.
    socket.on('end', () =>
      this.#close(`the broker closed the connection${this.#answers < 2 ? ' (is security.protocol right?)' : ''}`),
    )
    socket.on('close', () => this.#close('the connection is closed'))
  }

  get isOpen(): boolean {
    return this.#closedBy === null
  }

  /** Sends a request and settles with the body of its answer. Fails with a retriable KafkaError when no answer comes. */
  request(api: Api, body: RequestBody, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const correlationId = this.#write(api, body)
      const timer = this.#o.clock.after(timeoutMs, () => this.#close(`no answer to ${api.name} within ${timeoutMs} ms`))
      this.#waiting.push({ api, correlationId, timer, resolve, reject })
    })
  }

  /** Sends a request that is not answered (Produce with acks=0). */
  tell(api: Api, body: RequestBody): void {
    this.#write(api, body)
  }

  /** Takes no more requests of its owner; closes when the last answer has come. */
  retire(): void {
    this.#isRetired = true
    if (this.#waiting.length === 0) this.close()
  }

  close(): void {
    this.#close('the client is closed')
  }

  #write(api: Api, body: RequestBody): number {
    if (this.#closedBy !== null) throw this.#failure(api, this.#closedBy.message)
    const correlationId = this.#correlationId
    this.#correlationId = correlationId === INT32_MAX ? 0 : correlationId + 1
    const header = Buffer.allocUnsafe(14 + this.#clientId.length)
    const pieces = Buffer.isBuffer(body) ? [body] : body
    let bodyBytes = 0
    for (const piece of pieces) bodyBytes += piece.length
    header.writeInt32BE(10 + this.#clientId.length + bodyBytes, 0)
    header.writeInt16BE(api.key, 4)
    header.writeInt16BE(api.version, 6)
    header.writeInt32BE(correlationId, 8)
    header.writeInt16BE(this.#clientId.length, 12)
    this.#clientId.copy(header, 14)
    const { socket } = this.#o
    socket.cork()
    socket.write(header)
    for (const piece of pieces) socket.write(piece)
    socket.uncork()
    return correlationId
  }

  #onData(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && this.#closedBy === null) {
      if (this.#frame === null) {
        while (this.#sizeFilled < 4 && at < chunk.length) this.#size[this.#sizeFilled++] = chunk[at++] as number
        if (this.#sizeFilled < 4) return
        const size = this.#size.readInt32BE(0)
        this.#sizeFilled = 0
        if (size < 4 || size > ANSWER_BYTES_MAX) {
          this.#close(
            `the answer claims to have ${size} bytes (limit ${formatBytes(ANSWER_BYTES_MAX)}): is this a Kafka broker, and is security.protocol right?`,
          )
          return
        }
        this.#frame = this.#memory(size)
        this.#filled = 0
      }
      const frame = this.#frame
      const taken = Math.min(chunk.length - at, frame.length - this.#filled)
      chunk.copy(frame, this.#filled, at, at + taken)
      this.#filled += taken
      at += taken
      if (this.#filled === frame.length) {
        this.#frame = null
        this.#onAnswer(frame)
      }
    }
  }

  #memory(size: number): Buffer {
    const used = size >= REUSED_BYTES_MIN ? this.#o.free?.take(size) : undefined
    return used === undefined ? Buffer.allocUnsafeSlow(size) : used.subarray(0, size)
  }

  #onAnswer(frame: Buffer): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined || waiting.correlationId !== frame.readInt32BE(0)) {
      if (waiting !== undefined) this.#waiting.unshift(waiting)
      this.#close('an answer came that no request waits for')
      return
    }
    this.#answers++
    waiting.timer.cancel()
    waiting.resolve(frame.subarray(4))
    if (this.#isRetired && this.#waiting.length === 0) this.close()
  }

  #close(why: string): void {
    if (this.#closedBy !== null) return
    this.#closedBy = new KafkaError('', -1, why, true)
    this.#frame = null
    this.#o.socket.destroy()
    this.#o.log.debug({ connection: this.#o.name, why }, 'connection closed')
    for (const waiting of this.#waiting.splice(0)) {
      waiting.timer.cancel()
      waiting.reject(this.#failure(waiting.api, why))
    }
    this.#o.onClose()
  }

  #failure(api: Api, why: string): KafkaError {
    return new KafkaError(api.name, -1, `${api.name} to ${this.#o.name} failed: ${why}`, true)
  }
}
