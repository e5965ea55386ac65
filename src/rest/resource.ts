// A REST resource is a list of endpoints; app.ts makes routes of them, and answers the verbs they do not list. Main thread.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { HttpError } from './errors.ts'
import type { Herder } from './herder-types.ts'

export interface RestContext {
  readonly herder: Herder
  readonly clock: Clock
  readonly topicTracking: { readonly enabled: boolean; readonly allowReset: boolean }
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

export interface Request {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  /** parsed JSON, or undefined where the request has no body */
  readonly body: unknown
  readonly raw: FastifyRequest
}

export interface Answer {
  readonly status?: number
  /** undefined: an empty body */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  handle(request: Request, context: RestContext): Promise<Answer>
}

export type Reply = FastifyReply

/** As Java: a request that waits longer for the herder is answered with 500; what it asked for goes on. */
export const REQUEST_TIMEOUT_MS = 90_000

export function withTimeout<T>(context: RestContext, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = context.clock.after(REQUEST_TIMEOUT_MS, () => {
      reject(new HttpError(500, `Request timed out. The worker is currently ${context.herder.stage()}`))
    })
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}
