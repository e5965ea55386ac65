// The worker itself: /, /health, /metrics and /admin/loggers. Main thread; endpoints listed in endpoints.ts.
import { levelBody } from './body.ts'
import { type Answer, type Endpoint, endpoint, HEALTH_TIMEOUT_MS, text, within } from './resource.ts'
import * as forms from './schemas.ts'

const HEALTH_STATUS = { healthy: 200, starting: 503, unhealthy: 500 } as const

const root = endpoint({
  method: 'GET',
  path: '/',
  summary: 'The version of the worker and the id of its Kafka cluster.',
  answers: { 200: { description: 'The worker.', form: forms.serverInfo } },
  handle: async (_request, { herder }) => ({ body: await herder.serverInfo() }),
})

const health = endpoint({
  method: 'GET',
  path: '/health',
  summary: 'Whether the worker is ready (KIP-1017).',
  answers: {
    200: { description: 'It is.', form: forms.health },
    503: { description: 'It is still starting.', form: forms.health },
    500: { description: 'It does not answer its own questions in time.', form: forms.health },
  },
  async handle(_request, context): Promise<Answer> {
    const { herder } = context
    const body = await within(context, HEALTH_TIMEOUT_MS, herder.health(), () => ({
      status: 'unhealthy' as const,
      message: `Worker was unable to handle this request and may be unable to handle other requests. ${herder.stage()}`,
    }))
    return { status: HEALTH_STATUS[body.status], body }
  },
})

const metrics = endpoint({
  method: 'GET',
  path: '/metrics',
  summary: 'Figures for Prometheus.',
  answers: { 200: { description: 'Its text form.', form: { type: 'string' }, contentType: 'text/plain' } },
  async handle(_request, context): Promise<Answer> {
    const { contentType, text: body } = await context.metrics()
    return { body, headers: { 'content-type': contentType } }
  },
})

const loggers = endpoint({
  method: 'GET',
  path: '/admin/loggers',
  summary: 'Loggers and their levels (KIP-495).',
  answers: { 200: { description: 'Levels by name.', form: forms.mapOf(forms.ref(forms.loggerLevel)) } },
  handle: async (_request, { herder }) => ({ body: await herder.loggers() }),
})

const logger = endpoint({
  method: 'GET',
  path: '/admin/loggers/:logger',
  summary: 'The level of one logger.',
  answers: { 200: { description: 'Its level.', form: forms.loggerLevel } },
  errors: [404],
  handle: async ({ params }, { herder }) => ({ body: await herder.logger(params.logger ?? '') }),
})

/** scope=cluster (KIP-976); any other scope is the worker's, as in Java. */
const setLogger = endpoint({
  method: 'PUT',
  path: '/admin/loggers/:logger',
  summary: 'Sets the level of a logger and of those below it.',
  query: { scope: text('`worker` or `cluster` (KIP-976).', { default: 'worker' }) },
  body: levelBody,
  answers: {
    200: { description: 'Names of the loggers that changed.', form: forms.loggerNames },
    204: { description: 'With `scope=cluster`: done.' },
  },
  errors: [400, 404],
  async handle({ params, query, body }, { herder }): Promise<Answer> {
    const logger = params.logger ?? ''
    if (query.scope?.toLowerCase() !== 'cluster') return { body: await herder.setLogLevel(logger, body) }
    await herder.setClusterLogLevel(logger, body)
    return { status: 204 }
  },
})

export const workerEndpoints: readonly Endpoint[] = [root, health, metrics, loggers, logger, setLogger]
