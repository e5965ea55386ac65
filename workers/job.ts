// Entry of the job pool's thread (piscina): short stateless jobs that need plugin code, by the name of the exported function.
// Answers are plain data, errors in wire form.
import { toWireError, type WireError } from '../src/actor/wire-error.ts'
import type { Props } from '../src/config/define.ts'
import { keyInfos } from '../src/config/infos.ts'
import { type Catalogue, openCatalogue } from '../src/plugins/catalogue.ts'
import { describePlugin, pluginKeys } from '../src/plugins/describe.ts'
import { pluginPathOf } from '../src/plugins/plugin-path.ts'
import { loadConnector, validateConnectorConfig } from '../src/plugins/validate.ts'

interface Request {
  readonly workerProps: Props
}
type Reply = { readonly value: unknown } | { readonly error: WireError }

/** One worker, one `plugin.path`: loaded once a thread. */
let catalogue: Promise<Catalogue> | null = null

function job<R extends Request>(run: (catalogue: Catalogue, request: R) => Promise<unknown>): (request: R) => Promise<Reply> {
  return async request => {
    try {
      catalogue ??= openCatalogue(pluginPathOf(request.workerProps))
      return { value: await run(await catalogue, request) }
    } catch (error) {
      return { error: toWireError(error) }
    }
  }
}

export const validate = job<Request & { readonly props: Props }>((plugins, { props, workerProps }) =>
  validateConnectorConfig(plugins, props, workerProps),
)

export const plugins = job(async installed => Promise.all(installed.list().map(name => describePlugin(installed, name))))

export const pluginConfig = job<Request & { readonly name: string }>(async (installed, { name, workerProps }) => {
  const config = await pluginKeys(installed, name, workerProps)
  return config === null ? null : keyInfos(config)
})

export const connector = job<Request & { readonly className: string }>(async (installed, { className }) => {
  const { kind, className: fullName, version, taskClass } = await loadConnector(installed, className)
  return { kind, className: fullName, version, taskClass }
})
