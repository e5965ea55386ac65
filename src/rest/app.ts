// Kafka Connect's REST API over a Herder: routes, content negotiation, access, errors. Main thread; started by cli/rest-servers.ts, once for
// each listener.
import type { ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import Fastify, { type ConnectionError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { MIB } from '../base/units.ts'
import { type Credentials, isInternal, mayPass } from './basic-auth.ts'
import { type Cors, corsHeaders } from './cors.ts'
import { shortened } from './echo.ts'
import { ENDPOINTS } from './endpoints.ts'
import { bodyOf, HttpError, refusal, statusOf } from './errors.ts'
import { sentOn } from './forwarding.ts'
import { requestLine } from './request-line.ts'
import { isAsWritten, routedUrl } from './request-path.ts'
import { type Endpoint, queryOf, type RestContext, sentBytes, withTimeout } from './resource.ts'
import { applyHeaders, type HeaderRule } from './response-headers.ts'

export interface RestOptions {
  readonly log: { readonly requests: Logger; readonly errors: Logger }
  /** null until the worker is ready: everything is answered with 503 */
  readonly context: () => RestContext | null
  /** default: all. With listeners for /admin of their own the others do not have it. */
  readonly serves?: 'all' | 'admin' | 'public'
  /** default: plain http */
  readonly tls?: ServerOptions
  readonly headers?: readonly HeaderRule[]
  readonly cors?: Cors | null
  /** null: everybody may call */
  readonly credentials?: Credentials | null
}

/** A connector config is some KB, and one over 1 MiB fits into no config topic; more than this in a request is refused with 413. */
export const BODY_BYTES_MAX = 2 * MIB
/** Kafka Connect sets no limit for a name; the router's default is 100. */
const NAME_LENGTH_MAX = 8_192
/** A client has this long for its head, and for all of its request: slow ones must not keep sockets for ever. */
const HEAD_TIMEOUT_MS = 30_000
const REQUEST_TIMEOUT_MS = 120_000

/** Of a path more is not written with an error. */
const LOGGED_PATH_MAX = 2_048

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

const isAdmin = ({ path }: Endpoint) => path.startsWith('/admin/')

function served(serves: RestOptions['serves']): readonly Endpoint[] {
  if (serves === 'admin') return ENDPOINTS.filter(isAdmin)
  return serves === 'public' ? ENDPOINTS.filter(endpoint => !isAdmin(endpoint)) : ENDPOINTS
}

export function createRestApp(options: RestOptions): FastifyInstance {
  const { log, cors = null, headers = [], tls = null } = options
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEAD_TIMEOUT_MS },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: NAME_LENGTH_MAX },
    // Open keep-alive connections must not hold up the end of the worker.
    forceCloseConnections: true,
    rewriteUrl: ({ url = '' }) => routedUrl(url),
    clientErrorHandler: refuseClient,
    frameworkErrors: (error, request, reply) => sendError(options, error, request, reply as unknown as FastifyReply),
    ...(tls === null ? {} : { https: { headersTimeout: HEAD_TIMEOUT_MS, ...tls } }),
  }) as unknown as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/json\s*(;|$)/i, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    if (cors !== null) reply.headers(corsHeaders(cors, request))
    applyHeaders(headers, reply, systemClock.now())
  })
  app.addHook('onResponse', async (request, reply) => {
    log.requests.info(requestLine(request, reply, systemClock.now()))
  })
  app.setErrorHandler((error, request, reply) => sendError(options, error, request, reply))
  const paths = Map.groupBy(served(options.serves), endpoint => endpoint.path)
  const known = [...paths].map(([path, endpoints]) => ({
    pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace(/\/$/, '')}/?$`),
    allowed: addPath(app, options, path, endpoints),
  }))
  app.setNotFoundHandler((request, reply) => {
    if (options.context() === null) return starting(request, reply)
    const [asked = ''] = request.url.split('?')
    const path = known.find(({ pattern }) => pattern.test(asked))
    if (path === undefined) return sendError(options, refusal(404), request, reply)
    // It has a route for every usual verb, so this is another one, like TRACE.
    return sendError(options, refusal(405), request, reply.header('allow', path.allowed))
  })
  return app
}

/** What is no HTTP, or more of it than is taken, never becomes a request: answered here, in the form of every error. */
function refuseClient(error: ConnectionError, socket: Socket): void {
  const { code = '' } = error
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  const [status, reason] = CLIENT_ERRORS[code] ?? [400, 'Bad Request']
  const body = JSON.stringify({ error_code: status, message: `HTTP ${status} ${reason}` })
  const head = `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  socket.end(head + body)
}

/** Returns the verbs that are allowed, as the header lists them. */
function addPath(app: FastifyInstance, options: RestOptions, url: string, endpoints: readonly Endpoint[]): string {
  const admit = async (request: FastifyRequest, reply: FastifyReply) => {
    if (options.context() === null) return starting(request, reply)
    checkPath(url, request)
    checkAccept(request, endpoints)
    const { credentials = null } = options
    if (credentials === null || isInternal(request.method, url)) return
    if (!mayPass(credentials, request.headers.authorization)) return unauthorized(request, reply)
  }
  for (const endpoint of endpoints) {
    const handler = (request: FastifyRequest, reply: FastifyReply) => answer(options, endpoint, request, reply)
    const { method, body: { bytesMax: bodyLimit = BODY_BYTES_MAX } = {} } = endpoint
    app.route({ method, url, bodyLimit, onRequest: admit, handler })
  }
  const methods: string[] = endpoints.map(endpoint => endpoint.method)
  const allowed = [...(methods.includes('GET') ? ['HEAD'] : []), ...methods, 'OPTIONS']
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(method => !methods.includes(method))
  app.route({
    method: 'OPTIONS',
    url,
    onRequest: admit,
    handler: (_request, reply) =>
      reply
        .header('allow', allowed.join(','))
        .type('text/plain')
        .send(Buffer.from(allowed.join(', '))),
  })
  const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
    if (options.context() === null) return starting(request, reply)
    checkPath(url, request)
    reply.header('allow', allowed.join(','))
    throw refusal(405)
  }
  // In onRequest, so that the verb is refused before the body is looked at.
  if (others.length > 0) app.route({ method: others, url, onRequest: refuse, handler: refuse })
  return allowed.join(',')
}

async function answer(
  options: RestOptions,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const context = options.context()
  if (context === null) return starting(request, reply)
  const work = endpoint.handle(
    {
      params: request.params as Record<string, string>,
      query: queryOf(endpoint.query ?? {}, request.query as Record<string, unknown>),
      body: endpoint.body?.read(sentBytes(request)),
      raw: request,
    },
    context,
  )
  const {
    status = 200,
    body,
    headers = {},
  } = await withTimeout(
    context,
    work.catch(error => sentOn(context, request, error)),
  )
  reply.status(status).headers(headers)
  if (body === undefined) return reply.send()
  if (Buffer.isBuffer(body)) return reply.header('content-type', 'application/json').send(body)
  if (typeof body === 'string') return reply.send(body)
  return sendJson(reply, jsonOf(status >= 400 ? withShortMessage(body as object, request) : body))
}

function withShortMessage(body: object, request: FastifyRequest): object {
  if (!('message' in body) || typeof body.message !== 'string') return body
  return { ...body, message: shortened(body.message, request) }
}

/** As bytes: to a string fastify adds a charset, which Java's worker does not send. */
function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(text))
}

/** bigint offsets are written as numbers, which JSON allows and JSON.stringify does not. Few answers have some: the others are not looked through. */
function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body)
  } catch {
    return JSON.stringify(body, (_key, value: unknown) =>
      typeof value === 'bigint' ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value)) : value,
    )
  }
}

function starting(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = 'The worker is still starting'
  const isHealth = request.url === '/health'
  return sendJson(reply.status(503), JSON.stringify(isHealth ? { status: 'starting', message } : { error_code: 503, message }))
}

/** Java's answer: a text, though its type says JSON. */
function unauthorized(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const type = request.method === 'OPTIONS' ? 'text/plain' : 'application/json'
  return reply.status(401).header('content-type', type).send(Buffer.from('User cannot access the resource.'))
}

/** @throws HttpError 404 where a fixed part of the path is written with `%XX` */
function checkPath(route: string, request: FastifyRequest): void {
  if (!isAsWritten(route, request.url)) throw refusal(404)
}

/** @throws HttpError 406 when the client takes nothing of what the path has; OPTIONS is text for everybody */
function checkAccept(request: FastifyRequest, endpoints: readonly Endpoint[]): void {
  const { accept } = request.headers
  if (accept === undefined || request.method === 'OPTIONS') return
  const asked = endpoints.find(({ method }) => method === (request.method === 'HEAD' ? 'GET' : request.method))
  const isText = Object.values(asked?.answers ?? {}).some(({ contentType }) => contentType !== undefined)
  if (isText) return
  const ranges = accept.split(',').map(range => range.split(';')[0]?.trim().toLowerCase() ?? '')
  if (!ranges.some(range => range === '' || range === '*/*' || range === 'application/*' || range === 'application/json'))
    throw refusal(406)
}

function sendError(options: RestOptions, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { error_code, message } = bodyOf(error)
  const redacted = message === null ? null : (options.context()?.redact?.(message) ?? message)
  const body = { error_code, message: redacted === null ? null : shortened(redacted, request) }
  if (statusOf(error) >= 500 && !(error instanceof HttpError))
    options.log.errors.error(
      { error },
      `${request.method} ${request.url.slice(0, LOGGED_PATH_MAX)} failed with ${body.error_code}`,
    )
  return sendJson(reply.status(body.error_code), JSON.stringify(body))
}
