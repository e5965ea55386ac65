// The worker itself: /, /health, /metrics and /admin/loggers. Main thread; endpoints listed in app.ts.
import { BadRequestError, NotFoundError } from '../base/errors.ts'
import { configOf } from './body.ts'
import type { Answer, Endpoint, Request, RestContext } from './resource.ts'

const HEALTH_STATUS = { healthy: 200, starting: 503, unhealthy: 500 } as const

async function health(_request: Request, { herder }: RestContext): Promise<Answer> {
  const body = await herder.health()
  return { status: HEALTH_STATUS[body.status], body }
}

async function metrics(_request: Request, context: RestContext): Promise<Answer> {
  const { contentType, text } = await context.metrics()
  return { body: text, headers: { 'content-type': contentType } }
}

async function logger(request: Request, { herder }: RestContext): Promise<Answer> {
  const name = request.params.logger ?? ''
  const all = await herder.loggers()
  if (!Object.hasOwn(all, name)) throw new NotFoundError(`Logger ${name} not found.`)
  return { body: all[name] }
}

/** scope=cluster: one standalone worker is the whole cluster, but the answer has no body (KIP-976). */
async function setLogger(request: Request, { herder }: RestContext): Promise<Answer> {
  const level = configOf(request.body, 'The request').level
  if (level === undefined || level === null) throw new BadRequestError("Desired 'level' parameter was not specified in request.")
  const changed = await herder.setLogLevel(request.params.logger ?? '', level)
  return String(request.query.scope).toLowerCase() === 'cluster' ? { status: 204 } : { body: changed }
}

export const workerEndpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/', handle: async (_request, { herder }) => ({ body: await herder.serverInfo() }) },
  { method: 'GET', path: '/health', handle: health },
  { method: 'GET', path: '/metrics', handle: metrics },
  { method: 'GET', path: '/admin/loggers', handle: async (_request, { herder }) => ({ body: await herder.loggers() }) },
  { method: 'GET', path: '/admin/loggers/:logger', handle: logger },
  { method: 'PUT', path: '/admin/loggers/:logger', handle: setLogger },
]
