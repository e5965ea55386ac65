// POST …/preview: what would become of records under a config (beyond Java). Nothing is created, committed or written. The preview ends when
// its client goes away. Main thread; endpoints listed in endpoints.ts.
import { BadRequestError, codeOf } from '../base/errors.ts'
import { configOf, jsonBody, objectOf, refuseUnknown } from './body.ts'
import type { PreviewAnswer, PreviewAsk, RequestedConfig } from './herder-types.ts'
import { unreadable } from './json-body.ts'
import { checkClass } from './plugins.ts'
import { type Answer, type Endpoint, endpoint, type Request } from './resource.ts'
import * as forms from './schemas.ts'

interface PreviewRequest {
  readonly config: RequestedConfig
  readonly ask: PreviewAsk
}

/** nginx's status for a client that closed the connection; nobody reads it but the log. */
const CLIENT_GONE = 499

const body = jsonBody(forms.previewRequest, requestOf)

const answers = {
  200: { description: 'The records after each step, and a summary.', form: forms.previewReport },
  400: { description: 'What is wrong with the config, as validation says it, or with the request.', form: forms.previewRefusal },
}

const ofConnector = endpoint({
  method: 'POST',
  path: '/connectors/:connector/preview',
  summary: 'What a connector would make of some records, under its config or another one; nothing is committed or written.',
  body,
  answers,
  errors: [404, 429, 504],
  handle: (request, { previews }) => {
    const { config, ask } = request.body
    return answered(request, signal => previews.ofConnector(request.params.connector ?? '', config, ask, signal))
  },
})

const ofPlugin = endpoint({
  method: 'POST',
  path: '/connector-plugins/:plugin/preview',
  summary: 'What a connector of this class would make of some records; nothing is created, committed or written.',
  body,
  answers,
  errors: [429, 504],
  handle: async (request, { previews }) => {
    const { config, ask } = request.body
    const plugin = request.params.plugin ?? ''
    checkClass(plugin, config)
    return answered(request, signal => previews.ofPlugin(plugin, config, ask, signal))
  },
})

export const previewEndpoints: readonly Endpoint[] = [ofConnector, ofPlugin]

async function answered(
  { raw }: Pick<Request, 'raw'>,
  preview: (signal: AbortSignal) => Promise<PreviewAnswer>,
): Promise<Answer> {
  const gone = new AbortController()
  const abort = () => gone.abort()
  raw.socket.once('close', abort)
  if (raw.socket.destroyed) abort()
  try {
    const answer = await preview(gone.signal)
    if ('report' in answer) return { body: answer.report }
    return { status: 400, body: { error_code: 400, message: answer.message, ...answer.invalid } }
  } catch (error) {
    if (gone.signal.aborted && codeOf(error) === 'CONNECT_ABORTED') return { status: CLIENT_GONE }
    throw error
  } finally {
    raw.socket.off('close', abort)
  }
}

function requestOf(json: unknown): PreviewRequest {
  const request = objectOf(json, 'The request')
  refuseUnknown(request, ['config', 'records', 'from', 'topics', 'partition', 'timeout_ms'])
  const { config, topics, ...scalars } = request
  const given = configOf(scalars, 'The request')
  const from = forms.PREVIEW_FROM.find(known => known === (given.from ?? 'first'))
  if (from === undefined)
    throw new BadRequestError(`Invalid from "${given.from}", must be one of ${forms.PREVIEW_FROM.join(', ')}`)
  const partition = given.partition ?? null
  if (partition !== null && !/^\d{1,9}$/.test(partition)) {
    throw new BadRequestError(`Invalid partition "${partition}", must be the number of a partition`)
  }
  return {
    config: config === undefined || config === null ? {} : configOf(config),
    ask: {
      from,
      records: numberOf('records', given.records, forms.PREVIEW_RECORDS),
      topics: topicsOf(topics),
      partition: partition === null ? null : Number(partition),
      readMs: numberOf('timeout_ms', given.timeout_ms, forms.PREVIEW_TIMEOUT_MS),
    },
  }
}

function numberOf(
  name: string,
  text: string | null | undefined,
  { least, most, usual }: { least: number; most: number; usual: number },
): number {
  if (text === undefined || text === null) return usual
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new BadRequestError(`Invalid ${name} "${text}", must be a whole number from ${least} to ${most}`)
}

function topicsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.some(topic => typeof topic !== 'string'))
    throw unreadable('"topics" must be a list of names')
  return value
}
