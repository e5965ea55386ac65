// /connector-plugins: what is installed, its keys, validation of a config. Main thread; endpoints listed in endpoints.ts.
import { BadRequestError, codeOf, toError } from '../base/errors.ts'
import { configBody } from './body.ts'
import { HttpError } from './errors.ts'
import type { RequestedConfig } from './herder-types.ts'
import { type Answer, type Endpoint, endpoint, flag, text } from './resource.ts'
import { configInfos, configKeyInfo, listOf, pluginInfo } from './schemas.ts'

const SUFFIX = 'Connector'

/** FileStreamSource and FileStreamSourceConnector are the same to a reader. */
function stripped(name: string): string {
  return name.endsWith(SUFFIX) && name.length > SUFFIX.length ? name.slice(0, -SUFFIX.length) : name
}

/** @throws BadRequestError for a config of another class than the one in the path */
export function checkClass(plugin: string, config: RequestedConfig): void {
  const included = config['connector.class']
  if (typeof included === 'string' && !stripped(included).endsWith(stripped(plugin))) {
    throw new BadRequestError(`Included connector type ${included} does not match request type ${plugin}`)
  }
}

const list = endpoint({
  method: 'GET',
  path: '/connector-plugins',
  summary: 'Plugins that are installed.',
  query: { connectorsOnly: flag('false: transforms, predicates and converters too.', true) },
  answers: { 200: { description: 'Sinks, sources, then the others.', form: listOf(pluginInfo) } },
  async handle({ query }, { herder }): Promise<Answer> {
    const plugins = await herder.plugins()
    const isConnector = (type: string) => type === 'sink' || type === 'source'
    return { body: query.connectorsOnly ? plugins.filter(plugin => isConnector(plugin.type)) : plugins }
  },
})

const config = endpoint({
  method: 'GET',
  path: '/connector-plugins/:plugin/config',
  summary: 'The keys of a plugin (KIP-769).',
  query: { version: text('A version, a Maven range like [1.0,2.0), or latest.', { default: 'latest' }) },
  answers: { 200: { description: 'Its own keys, then those of the framework.', form: listOf(configKeyInfo) } },
  errors: [400, 404],
  handle: async ({ params, query }, { herder }) => ({
    body: await herder.pluginConfig(params.plugin ?? '', query.version ?? 'latest'),
  }),
})

const validate = endpoint({
  method: 'PUT',
  path: '/connector-plugins/:plugin/config/validate',
  summary: 'What would become of a config; nothing is created.',
  body: configBody,
  answers: { 200: { description: 'Every key with its value and errors.', form: configInfos } },
  errors: [400],
  async handle({ params, body }, { herder }): Promise<Answer> {
    checkClass(params.plugin ?? '', body)
    try {
      return { body: await herder.validate(body) }
    } catch (error) {
      // A missing or unknown class is a 400 when a connector is created, but here Java says 500 (CONNECT.md 1.6).
      if (codeOf(error) === 'CONNECT_CONFIG' || codeOf(error) === 'CONNECT_BAD_REQUEST')
        throw new HttpError(500, toError(error).message)
      throw error
    }
  },
})

export const pluginEndpoints: readonly Endpoint[] = [list, config, validate]
