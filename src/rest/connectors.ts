// /connectors and everything below it, apart from offsets. Main thread; endpoints listed in endpoints.ts.
import { BadRequestError, NotFoundError } from '../base/errors.ts'
import { configBody, createBody, patchBody } from './body.ts'
import { HttpError } from './errors.ts'
import type { Herder, RequestedConfig } from './herder-types.ts'
import { internalEndpoints } from './internal.ts'
import {
  type Answer,
  type AnswerForm,
  type Endpoint,
  endpoint,
  flag,
  type Request,
  type RestContext,
  repeated,
} from './resource.ts'
import * as forms from './schemas.ts'

const one = '/connectors/:connector'

const nameOf = (request: Request<unknown, unknown>) => request.params.connector ?? ''

const INT_MAX = 2_147_483_647

/** @throws NotFoundError: a task that is no number does not exist */
function taskOf(request: Request<unknown, unknown>): number {
  const text = request.params.task ?? ''
  const task = Number(text)
  if (!/^[+-]?\d+$/.test(text) || Math.abs(task) > INT_MAX) throw new NotFoundError('HTTP 404 Not Found')
  return task
}

/** @throws BadRequestError when the config names another connector */
function named(name: string, config: RequestedConfig): RequestedConfig {
  const included = config.name
  if (included === undefined || included === null) return Object.fromEntries([...Object.entries(config), ['name', name]])
  if (included === name) return config
  throw new BadRequestError(`Connector name configuration (${included}) doesn't match connector name in the URL (${name})`)
}

/** null for a connector that went meanwhile or has no status yet */
async function expanded(herder: Herder, name: string, expand: readonly string[]): Promise<object | null> {
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

function location({ raw }: Request<unknown, unknown>, name: string): Record<string, string> {
  return { location: `${raw.protocol}://${raw.host}/connectors/${encodeURIComponent(name)}` }
}

function checkTracking(context: RestContext): void {
  if (!context.topicTracking.enabled) throw new HttpError(403, 'Topic tracking is disabled.')
}

const info: AnswerForm = { description: 'The connector.', form: forms.connectorInfo }
const created: AnswerForm = { ...info, description: 'The connector was created.', headers: { Location: 'Its absolute URL.' } }
const done = (status: 202 | 204) => ({ [status]: { description: status === 202 ? 'Accepted; it happens later.' : 'Done.' } })
const found = (description: string, form: forms.Form) => ({ 200: { description, form } })

/** An endpoint that only does something: its answer is a status without a body. */
function action(
  method: 'PUT' | 'POST' | 'DELETE',
  path: string,
  summary: string,
  status: 202 | 204,
  run: (herder: Herder, request: Request) => Promise<void>,
): Endpoint {
  return endpoint({
    method,
    path,
    summary,
    answers: done(status),
    errors: [404, 409],
    async handle(request, { herder }) {
      await run(herder, request)
      return { status }
    },
  })
}

function question(
  path: string,
  summary: string,
  form: forms.Form,
  ask: (herder: Herder, request: Request) => Promise<unknown>,
): Endpoint {
  return endpoint({
    method: 'GET',
    path,
    summary,
    answers: found('What was asked for.', form),
    errors: [404],
    handle: async (request, { herder }) => ({ body: await ask(herder, request) }),
  })
}

const list = endpoint({
  method: 'GET',
  path: '/connectors',
  summary: 'Names of all connectors; with `expand`, what they are.',
  query: { expand: repeated('`info`, `status` or both; other values are ignored.', ['info', 'status']) },
  answers: found('Names, or with `expand` a map from names.', {
    oneOf: [forms.connectorNames, forms.mapOf(forms.ref(forms.expandedConnector))],
  }),
  async handle({ query: { expand } }, { herder }): Promise<Answer> {
    if (expand === undefined) return { body: herder.connectors() }
    const entries = await Promise.all(
      herder.connectors().map(async name => [name, await expanded(herder, name, expand)] as const),
    )
    return { body: Object.fromEntries(entries.filter(([, value]) => value !== null)) }
  },
})

const create = endpoint({
  method: 'POST',
  path: '/connectors',
  summary: 'Creates a connector.',
  body: createBody,
  answers: { 201: created },
  errors: [400, 409, 413],
  async handle(request, { herder }): Promise<Answer> {
    const { name, config, initialState } = request.body
    const { info } = await herder.putConfig(name, named(name, config), { allowReplace: false, initialState })
    return { status: 201, body: info, headers: location(request, name) }
  },
})

const put = endpoint({
  method: 'PUT',
  path: `${one}/config`,
  summary: 'Creates a connector or replaces its config.',
  body: configBody,
  answers: { 200: info, 201: created },
  errors: [400, 409, 413],
  async handle(request, { herder }): Promise<Answer> {
    const name = nameOf(request)
    const { created, info } = await herder.putConfig(name, named(name, request.body), { allowReplace: true })
    return created ? { status: 201, body: info, headers: location(request, name) } : { body: info }
  },
})

const patch = endpoint({
  method: 'PATCH',
  path: `${one}/config`,
  summary: 'Changes keys of a config; null removes the key (KIP-477).',
  body: patchBody,
  answers: { 200: info },
  errors: [400, 404, 409, 413],
  handle: async (request, { herder }) => ({ body: await herder.patchConfig(nameOf(request), request.body) }),
})

const restart = endpoint({
  method: 'POST',
  path: `${one}/restart`,
  summary: 'Restarts the connector, and its tasks where `includeTasks` says so (KIP-745).',
  query: {
    includeTasks: flag('Its tasks too.'),
    onlyFailed: flag('Only those parts that are FAILED.'),
  },
  answers: {
    204: { description: 'The connector was restarted.' },
    202: {
      description: 'With `includeTasks` or `onlyFailed`: parts that are restarted are RESTARTING.',
      form: forms.connectorStateInfo,
    },
  },
  errors: [404, 409],
  async handle(request, { herder }): Promise<Answer> {
    const { includeTasks, onlyFailed } = request.query
    if (includeTasks || onlyFailed)
      return { status: 202, body: await herder.restartParts(nameOf(request), { includeTasks, onlyFailed }) }
    await herder.restartConnector(nameOf(request))
    return { status: 204 }
  },
})

const topics = endpoint({
  method: 'GET',
  path: `${one}/topics`,
  summary: 'Topics that the connector used since it was created or the last reset (KIP-558).',
  answers: found('The topics below the name of the connector.', forms.mapOf(forms.ref(forms.activeTopics))),
  errors: [403],
  async handle(request, context): Promise<Answer> {
    checkTracking(context)
    const name = nameOf(request)
    return { body: { [name]: { topics: await context.herder.activeTopics(name) } } }
  },
})

const resetTopics = endpoint({
  method: 'PUT',
  path: `${one}/topics/reset`,
  summary: 'Forgets the topics that the connector used.',
  answers: done(202),
  errors: [403],
  async handle(request, context): Promise<Answer> {
    checkTracking(context)
    if (!context.topicTracking.allowReset) throw new HttpError(403, 'Topic tracking reset is disabled.')
    await context.herder.resetActiveTopics(nameOf(request))
    return { status: 202 }
  },
})

export const connectorEndpoints: readonly Endpoint[] = [
  list,
  create,
  question(one, 'A connector with its config and tasks.', forms.connectorInfo, (herder, request) =>
    herder.connectorInfo(nameOf(request)),
  ),
  action('DELETE', one, 'Stops and removes a connector.', 204, (herder, request) => herder.deleteConnector(nameOf(request))),
  question(`${one}/config`, 'Its config as written, variables unresolved.', forms.config, (herder, request) =>
    herder.connectorConfig(nameOf(request)),
  ),
  put,
  patch,
  question(`${one}/status`, 'States of connector and tasks.', forms.connectorStateInfo, (herder, request) =>
    herder.connectorStatus(nameOf(request)),
  ),
  action('PUT', `${one}/pause`, 'Pauses connector and tasks.', 202, (herder, request) => herder.pause(nameOf(request))),
  action('PUT', `${one}/resume`, 'Resumes a paused or stopped connector.', 202, (herder, request) =>
    herder.resume(nameOf(request)),
  ),
  action('PUT', `${one}/stop`, 'Ends its tasks; the config stays (KIP-875).', 204, (herder, request) =>
    herder.stopConnector(nameOf(request)),
  ),
  restart,
  question(
    `${one}/tasks`,
    'Its tasks with their configs.',
    { type: 'array', items: forms.ref(forms.taskInfo) },
    (herder, request) => herder.taskInfos(nameOf(request)),
  ),
  question(`${one}/tasks/:task/status`, 'State of one task.', forms.taskState, (herder, request) =>
    herder.taskStatus(nameOf(request), taskOf(request)),
  ),
  action('POST', `${one}/tasks/:task/restart`, 'Restarts one task.', 204, (herder, request) =>
    herder.restartTask(nameOf(request), taskOf(request)),
  ),
  ...internalEndpoints,
  topics,
  resetTopics,
]
