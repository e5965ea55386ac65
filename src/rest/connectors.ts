// /connectors and everything below it, apart from offsets. Main thread; endpoints listed in app.ts.
import { BadRequestError, NotFoundError } from '../base/errors.ts'
import { configOf, createRequestOf, flagOf } from './body.ts'
import { HttpError } from './errors.ts'
import type { Herder, RequestedConfig } from './herder-types.ts'
import type { Answer, Endpoint, Request, RestContext } from './resource.ts'

const nameOf = (request: Request) => request.params.connector ?? ''

/** @throws NotFoundError: a task that is no number does not exist */
function taskOf(request: Request): number {
  const text = request.params.task ?? ''
  if (!/^\d{1,9}$/.test(text)) throw new NotFoundError('HTTP 404 Not Found')
  return Number(text)
}

/** @throws BadRequestError when the config names another connector */
function named(name: string, config: RequestedConfig): RequestedConfig {
  const included = config.name
  if (included === undefined || included === null) return Object.fromEntries([...Object.entries(config), ['name', name]])
  if (included === name) return config
  throw new BadRequestError(`Connector name configuration (${included}) doesn't match connector name in the URL (${name})`)
}

async function list(request: Request, { herder }: RestContext): Promise<Answer> {
  if (request.query.expand === undefined) return { body: herder.connectors() }
  const expand = [request.query.expand].flat()
  const entries = await Promise.all(herder.connectors().map(async name => [name, await expanded(herder, name, expand)] as const))
  return { body: Object.fromEntries(entries.filter(([, value]) => value !== null)) }
}

/** null for a connector that went meanwhile or has no status yet */
async function expanded(herder: Herder, name: string, expand: readonly unknown[]): Promise<object | null> {
  const result: { info?: object; status?: object } = {}
  try {
    for (const part of expand) {
      if (part === 'info') result.info = await herder.connectorInfo(name)
      else if (part === 'status') result.status = await herder.connectorStatus(name)
    }
    return result
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}

function location({ raw }: Request, name: string): Record<string, string> {
  return { location: `${raw.protocol}://${raw.host}/connectors/${encodeURIComponent(name)}` }
}

async function create(request: Request, { herder }: RestContext): Promise<Answer> {
  const { name, config, initialState } = createRequestOf(request.body)
  const { info } = await herder.putConfig(name, named(name, config), { allowReplace: false, initialState })
  return { status: 201, body: info, headers: location(request, name) }
}

async function put(request: Request, { herder }: RestContext): Promise<Answer> {
  const name = nameOf(request)
  const { created, info } = await herder.putConfig(name, named(name, configOf(request.body)), { allowReplace: true })
  return created ? { status: 201, body: info, headers: location(request, name) } : { body: info }
}

async function restart(request: Request, { herder }: RestContext): Promise<Answer> {
  const includeTasks = flagOf(request.query.includeTasks)
  const onlyFailed = flagOf(request.query.onlyFailed)
  if (includeTasks || onlyFailed)
    return { status: 202, body: await herder.restartParts(nameOf(request), { includeTasks, onlyFailed }) }
  await herder.restartConnector(nameOf(request))
  return { status: 204 }
}

function checkTracking(context: RestContext): void {
  if (!context.topicTracking.enabled) throw new HttpError(403, 'Topic tracking is disabled.')
}

async function topics(request: Request, context: RestContext): Promise<Answer> {
  checkTracking(context)
  const name = nameOf(request)
  return { body: Object.fromEntries([[name, { topics: await context.herder.activeTopics(name) }]]) }
}

async function resetTopics(request: Request, context: RestContext): Promise<Answer> {
  checkTracking(context)
  if (!context.topicTracking.allowReset) throw new HttpError(403, 'Topic tracking reset is disabled.')
  await context.herder.resetActiveTopics(nameOf(request))
  return { status: 202 }
}

/** Between the workers of a cluster only. */
const refuseInternal = (what: string): Endpoint['handle'] => {
  return async () => {
    throw new HttpError(500, `Kafka Connect in standalone mode does not support ${what}.`)
  }
}

/** An endpoint that only does something: its answer is a status without a body. */
const act = (status: number, action: (herder: Herder, request: Request) => Promise<void>): Endpoint['handle'] => {
  return async (request, { herder }) => {
    await action(herder, request)
    return { status }
  }
}

const ask = (question: (herder: Herder, request: Request) => Promise<unknown>): Endpoint['handle'] => {
  return async (request, { herder }) => ({ body: await question(herder, request) })
}

const one = '/connectors/:connector'

export const connectorEndpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/connectors', handle: list },
  { method: 'POST', path: '/connectors', handle: create },
  { method: 'GET', path: one, handle: ask((herder, request) => herder.connectorInfo(nameOf(request))) },
  { method: 'DELETE', path: one, handle: act(204, (herder, request) => herder.deleteConnector(nameOf(request))) },
  { method: 'GET', path: `${one}/config`, handle: ask((herder, request) => herder.connectorConfig(nameOf(request))) },
  { method: 'PUT', path: `${one}/config`, handle: put },
  {
    method: 'PATCH',
    path: `${one}/config`,
    handle: ask((herder, request) => herder.patchConfig(nameOf(request), configOf(request.body, 'The patch'))),
  },
  { method: 'GET', path: `${one}/status`, handle: ask((herder, request) => herder.connectorStatus(nameOf(request))) },
  { method: 'PUT', path: `${one}/pause`, handle: act(202, (herder, request) => herder.pause(nameOf(request))) },
  { method: 'PUT', path: `${one}/resume`, handle: act(202, (herder, request) => herder.resume(nameOf(request))) },
  { method: 'PUT', path: `${one}/stop`, handle: act(204, (herder, request) => herder.stopConnector(nameOf(request))) },
  { method: 'POST', path: `${one}/restart`, handle: restart },
  { method: 'GET', path: `${one}/tasks`, handle: ask((herder, request) => herder.taskInfos(nameOf(request))) },
  {
    method: 'GET',
    path: `${one}/tasks/:task/status`,
    handle: ask((herder, request) => herder.taskStatus(nameOf(request), taskOf(request))),
  },
  {
    method: 'POST',
    path: `${one}/tasks/:task/restart`,
    handle: act(204, (herder, request) => herder.restartTask(nameOf(request), taskOf(request))),
  },
  { method: 'POST', path: `${one}/tasks`, handle: refuseInternal('externally setting task configurations') },
  { method: 'PUT', path: `${one}/fence`, handle: refuseInternal('exactly-once source connectors') },
  { method: 'GET', path: `${one}/topics`, handle: topics },
  { method: 'PUT', path: `${one}/topics/reset`, handle: resetTopics },
]
