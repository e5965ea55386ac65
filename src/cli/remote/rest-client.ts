// Asks a worker's REST API for the commands of `sluice`: http or https, basic auth, a certificate of ours. Main thread of a command.
// Limits: one request at a time, no redirects; an answer of ANSWER_BYTES_MAX at most, within the time that the caller gives.
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import { ConnectError, codeOf, toError } from '../../base/errors.ts'
import { MIB } from '../../base/units.ts'

/** A cluster with some ten thousand connectors answers as much. */
const ANSWER_BYTES_MAX = 256 * MIB
/** Of an answer that is no JSON, in a message. */
const TEXT_CHARS_MAX = 200

/** The worker could not be asked, or did not let us in. */
export const UNREACHABLE = 'CONNECT_REST_UNREACHABLE'
/** It answered, and refused. */
export const REFUSED = 'CONNECT_REST_REFUSED'

export interface RestAccess {
  readonly url: URL
  readonly user: string | null
  readonly password: string | null
  /** PEM */
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly timeoutMs: number
}

interface Answer {
  readonly status: number
  readonly text: string
}

export class RestRefusal extends ConnectError {
  readonly status: number
  constructor(status: number, message: string) {
    super(message, { code: REFUSED })
    this.status = status
  }
}

export class RestClient {
  readonly #access: RestAccess

  constructor(access: RestAccess) {
    this.#access = access
  }

  get url(): string {
    return this.#access.url.href
  }

  /**
   * The parsed answer; null for an empty one.
   * @param path segments, not yet encoded
   * @throws RestRefusal for a status of 400 and more, ConnectError UNREACHABLE where there is no answer, or none of Kafka Connect
   */
  async ask<T>(method: string, path: readonly string[], body?: unknown, query: readonly string[] = []): Promise<T> {
    const base = this.#access.url.pathname.replace(/\/$/, '')
    const search = query.length === 0 ? '' : `?${query.join('&')}`
    const { status, text } = await this.#send(method, `${base}/${path.map(encodeURIComponent).join('/')}${search}`, body)
    if (status === 401 || status === 403) throw this.#unreachable(this.#notLetIn(status))
    let parsed: unknown = null
    try {
      parsed = text === '' ? null : JSON.parse(text)
    } catch {
      throw this.#unreachable(`its answer (status ${status}) is not of Kafka Connect: ${text.slice(0, TEXT_CHARS_MAX).trim()}`)
    }
    if (status < 400) return parsed as T
    const message = (parsed as { message?: unknown } | null)?.message
    throw new RestRefusal(status, typeof message === 'string' ? message : `status ${status} without a word`)
  }

  #notLetIn(status: number): string {
    if (this.#access.user === null) return `it wants to know who asks (${status}): use --user`
    return `it does not let ${this.#access.user} in (${status}): is the password right?`
  }

  #unreachable(why: string, cause?: unknown): ConnectError {
    return new ConnectError(`The worker at ${this.url} cannot be asked: ${why}`, { code: UNREACHABLE, cause })
  }

  #send(method: string, path: string, body: unknown): Promise<Answer> {
    const { url, user, password, ca, cert, key, timeoutMs } = this.#access
    const content = body === undefined ? null : Buffer.from(JSON.stringify(body))
    const options: RequestOptions = {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
      method,
      path,
      headers: {
        accept: 'application/json',
        ...(content === null ? {} : { 'content-type': 'application/json', 'content-length': content.length }),
        ...(user === null ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
    }
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(this.#unreachable(this.#reason(error), error))
      try {
        const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(options, answer => {
          read(answer).then(text => resolve({ status: answer.statusCode ?? 0, text }), fail)
        })
        request.on('error', fail)
        request.end(content)
      } catch (error) {
        // a certificate or key that is none
        fail(error)
      }
    })
  }

  #reason(error: unknown): string {
    const { protocol } = this.#access.url
    const code = codeOf(error) ?? ''
    if (code === 'ECONNREFUSED') return 'nothing listens there. Is the worker up, and is --url right?'
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is not known. Is --url right?'
    if (code === 'ABORT_ERR') return `no answer within ${this.#access.timeoutMs / 1000} s (--timeout)`
    if (code === 'EPROTO' && protocol === 'https:') return `no TLS is spoken there. Is it http://? (${toError(error).message})`
    if (/TLS|SSL/.test(code)) return `TLS failed: ${toError(error).message}. Does it want a certificate (--cert, --key)?`
    if (/SELF_SIGNED|UNABLE_TO|CERT|ALTNAME/.test(code))
      return `its certificate is not trusted: ${toError(error).message}. See --ca`
    if (code === 'ECONNRESET' || code === 'HPE_INVALID_CONSTANT') {
      return `it closed the connection without an answer of HTTP. Is --url right, ${protocol === 'https:' ? 'and does it want a certificate (--cert)' : 'or is it https://'}?`
    }
    return toError(error).message
  }
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length
    if (bytes > ANSWER_BYTES_MAX) throw new ConnectError(`its answer has more than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}
