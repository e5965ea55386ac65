// HTTP to other workers of the cluster: requests that they must answer are sent on to them, task configs go to the leader signed. Main
// thread; used by the herder and, for requests of users, by REST. Java: RestClient.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Clock } from '../../base/clock.ts'
import { ConnectError, toError } from '../../base/errors.ts'
import { MIB } from '../../base/units.ts'
import type { SessionKey } from '../../store/cluster-config.ts'
import type { Props } from '../../store/config-store.ts'
import { signedHeaders } from './request-signature.ts'
import { type WorkerTls, whyNoAnswer } from './worker-tls.ts'

export interface WorkerRequest {
  readonly method: string
  /** with query, from the worker's root: `/connectors/c?forward=true`; sent as it stands */
  readonly path: string
  readonly body: Buffer | null
  /** the caller's, passed on; what else it sent is not */
  readonly authorization?: string | undefined
  /** further headers */
  readonly headers?: Readonly<Record<string, string>>
}

export interface WorkerAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface WorkerClientOptions {
  readonly tls: WorkerTls
  readonly clock: Clock
  /** inter.worker.signature.algorithm */
  readonly algorithm: string
}

/** As long as a user's request may wait for the worker it was sent to. */
const TIMEOUT_MS = 90_000
/** GET answers with the configs of very many tasks. */
const ANSWER_BYTES_MAX = 64 * MIB

/** A worker said no. `code` CONNECT_WORKER_REFUSED, for decisions there is `status`. */
export class WorkerRefusal extends ConnectError {
  readonly status: number
  constructor(status: number, message: string) {
    super(message, { code: 'CONNECT_WORKER_REFUSED', retriable: status >= 500 || status === 409 || status === 403 })
    this.status = status
  }
}

export class WorkerClient {
  readonly #o: WorkerClientOptions

  constructor(options: WorkerClientOptions) {
    this.#o = options
  }

  /** Any status is an answer. @throws ConnectError CONNECT_WORKER_UNREACHABLE (retriable) where none came */
  async send(workerUrl: string, request: WorkerRequest, timeoutMs = TIMEOUT_MS): Promise<WorkerAnswer> {
    const url = new URL(workerUrl)
    // Not by URL, to which `..` is no name of a connector.
    const path = url.pathname.replace(/\/+$/, '') + request.path
    const unreachable = (why: string, cause?: unknown) => {
      const text = `IO Error trying to forward REST request: ${request.method} ${url.origin}${path.replace(/\?.*/, '')}: ${why}`
      return new ConnectError(text, { code: 'CONNECT_WORKER_UNREACHABLE', retriable: true, cause })
    }
    const options: RequestOptions = { method: request.method, path, headers: headersOf(request), agent: false }
    if (url.protocol === 'https:') {
      try {
        Object.assign(options, this.#o.tls.options())
      } catch (error) {
        throw unreachable(`this worker cannot speak https. ${toError(error).message}`, error)
      }
    }
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        late.cancel()
        sent.destroy()
        reject(unreachable(why))
      }
      const late = this.#o.clock.after(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`))
      const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, read)
      sent.on('error', error => fail(whyNoAnswer(error, url, this.#o.tls.prefix)))
      sent.end(request.body ?? undefined)
      function read(message: IncomingMessage): void {
        const chunks: Buffer[] = []
        let bytes = 0
        message.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) return fail(`an answer of more than ${ANSWER_BYTES_MAX} bytes`)
          chunks.push(chunk)
        })
        message.on('error', error => fail(error.message))
        message.on('end', () => {
          late.cancel()
          resolve({ status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(chunks) })
        })
      }
    })
  }

  /** To the leader, which writes them into the config topic. @throws WorkerRefusal, or as `send` */
  async putTaskConfigs(leaderUrl: string, connector: string, tasks: readonly Props[], key: SessionKey | null): Promise<void> {
    const body = Buffer.from(JSON.stringify(tasks))
    await this.#signed(leaderUrl, 'POST', `/connectors/${encodeURIComponent(connector)}/tasks`, body, key)
  }

  /** Asks the leader for a round of zombie fencing (KIP-618). @throws as putTaskConfigs */
  async fence(leaderUrl: string, connector: string, key: SessionKey | null): Promise<void> {
    await this.#signed(leaderUrl, 'PUT', `/connectors/${encodeURIComponent(connector)}/fence`, null, key)
  }

  async #signed(url: string, method: string, path: string, body: Buffer | null, key: SessionKey | null): Promise<void> {
    const headers = key === null ? {} : signedHeaders(this.#o.algorithm, key, body ?? Buffer.alloc(0))
    const answer = await this.send(url, { method, path, body, headers })
    if (answer.status >= 400) throw new WorkerRefusal(answer.status, refusalText(answer))
  }
}

function headersOf({ body, authorization, headers }: WorkerRequest): Record<string, string | number> {
  return {
    accept: 'application/json',
    'user-agent': 'kafka-connect',
    ...(body === null ? {} : { 'content-type': 'application/json' }),
    'content-length': body?.length ?? 0,
    ...(authorization === undefined ? {} : { authorization }),
    ...headers,
  }
}

function refusalText({ status, body }: WorkerAnswer): string {
  try {
    const { message } = JSON.parse(body.toString()) as { message?: unknown }
    if (typeof message === 'string') return message
  } catch {
    // an answer of something that is no worker
  }
  return `the worker answered ${status}`
}
