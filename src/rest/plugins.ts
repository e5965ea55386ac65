// /connector-plugins: what is installed, its keys, validation of a config. Main thread; endpoints listed in app.ts.
import { BadRequestError, codeOf, toError } from '../base/errors.ts'
import { configOf } from './body.ts'
import { HttpError } from './errors.ts'
import type { Answer, Endpoint, Request, RestContext } from './resource.ts'

const SUFFIX = 'Connector'

/** FileStreamSource and FileStreamSourceConnector are the same to a reader. */
function stripped(name: string): string {
  return name.endsWith(SUFFIX) && name.length > SUFFIX.length ? name.slice(0, -SUFFIX.length) : name
}

async function validate(request: Request, { herder }: RestContext): Promise<Answer> {
  const config = configOf(request.body)
  const plugin = request.params.plugin ?? ''
  const included = config['connector.class']
  if (typeof included === 'string' && !stripped(included).endsWith(stripped(plugin))) {
    throw new BadRequestError(`Included connector type ${included} does not match request type ${plugin}`)
  }
  try {
    return { body: await herder.validate(config) }
  } catch (error) {
    // A missing or unknown class is a 400 when a connector is created, but here Java says 500 (CONNECT.md 1.6).
    if (codeOf(error) === 'CONNECT_CONFIG' || codeOf(error) === 'CONNECT_BAD_REQUEST')
      throw new HttpError(500, toError(error).message)
    throw error
  }
}

async function list(request: Request, { herder }: RestContext): Promise<Answer> {
  const plugins = await herder.plugins()
  const all = request.query.connectorsOnly !== undefined && String(request.query.connectorsOnly).toLowerCase() !== 'true'
  return { body: all ? plugins : plugins.filter(plugin => plugin.type === 'sink' || plugin.type === 'source') }
}

export const pluginEndpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/connector-plugins', handle: list },
  {
    method: 'GET',
    path: '/connector-plugins/:plugin/config',
    handle: async ({ params }, { herder }) => ({ body: await herder.pluginConfig(params.plugin ?? '') }),
  },
  { method: 'PUT', path: '/connector-plugins/:plugin/config/validate', handle: validate },
]
