// One request to an OAuth token end point (RFC 6749). Any thread; called by oauth-token.ts. Java: HttpJwtRetriever.
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import { KafkaError } from '../base/errors.ts'

export interface TokenEndpoint {
  readonly url: URL
  /** null for http */
  readonly tls: ConnectionOptions | null
  readonly authorization: string
  readonly timeoutMs: number
}

type Request = (url: URL, options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest

/** Answers of token end points are small; a larger one is a mistake. */
const ANSWER_BYTES_MAX = 1024 * 1024

const failed = (why: string, retriable: boolean, cause?: unknown) => new KafkaError('SaslAuthenticate', -1, why, retriable, cause)

/** The token of the answer. @throws KafkaError, retriable where the end point may do better later; the answer's text is not in it */
export async function postForm({ url, tls, authorization, timeoutMs }: TokenEndpoint, form: URLSearchParams): Promise<string> {
  const where = `the token end point ${url.origin}${url.pathname}`
  const options: RequestOptions = {
    ...(tls as RequestOptions | null),
    method: 'POST',
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { authorization, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
  }
  let answer: { status: number; text: string }
  try {
    // loaded by the first call: few threads need it
    const { request } = process.getBuiltinModule(tls === null ? 'node:http' : 'node:https')
    answer = await exchange(url, request, options, form.toString())
  } catch (cause) {
    throw failed(`${where} cannot be asked: ${(cause as Error).message}`, true, cause)
  }
  const { status, text } = answer
  if (status !== 200) throw failed(`${where} answered ${status}`, status >= 500)
  const token = tokenOf(text)
  if (token === null) throw failed(`${where} gave no access_token`, false)
  return token
}

function exchange(url: URL, request: Request, options: RequestOptions, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, answer => {
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('error', reject)
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > ANSWER_BYTES_MAX) answer.destroy(new Error(`its answer is over ${ANSWER_BYTES_MAX} bytes`))
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function tokenOf(text: string): string | null {
  try {
    const { access_token: access, id_token: id } = JSON.parse(text) as { access_token?: unknown; id_token?: unknown }
    const token = access ?? id
    return typeof token === 'string' && token !== '' ? token : null
  } catch {
    return null
  }
}
