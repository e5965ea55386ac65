// Requests that another worker of the cluster must answer: sent on to it, two hops at most (CONNECT.md 1.2). Main thread; used by app.ts.
// Java: HerderRequestHandler.completeOrForwardRequest.
import type { FastifyRequest } from 'fastify'
import { type ConnectError, codeOf } from '../base/errors.ts'
import { HttpError } from './errors.ts'
import { sentParts } from './request-path.ts'
import { type Answer, type RestContext, sentBytes } from './resource.ts'

/** The answer of the worker that must answer. @throws `error` where it is about something else, 409 where nobody is to be asked */
export async function sentOn({ cluster }: RestContext, request: FastifyRequest, error: unknown): Promise<Answer> {
  if (cluster === undefined || codeOf(error) !== 'CONNECT_WRONG_WORKER') throw error
  const { url } = error as ConnectError & { readonly url: string | null }
  const { path, query } = sentParts(request.url)
  const forward = query.get('forward')
  if (forward !== null && forward.toLowerCase() !== 'true')
    throw new HttpError(409, 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)')
  if (url === null)
    throw new HttpError(
      409,
      'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
    )
  // Absent: the next one may send it on once more, from the leader to the owner.
  query.set('forward', String(forward === null))
  const body = sentBytes(request)
  const {
    status,
    headers,
    body: answered,
  } = await cluster.send(url, {
    method: request.method,
    path: `${path}?${query}`,
    body: body.length === 0 ? null : body,
    authorization: request.headers.authorization,
  })
  const answer = answered.length === 0 ? { status } : { status, body: answered }
  return headers.location === undefined ? answer : { ...answer, headers: { location: ownLocation(request, headers.location) } }
}

/** The caller is told of the worker it knows. */
function ownLocation(request: FastifyRequest, theirs: string): string {
  return `${request.protocol}://${request.host}${sentParts(theirs).path}`
}
