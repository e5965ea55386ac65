// Entry of the job pool's thread (piscina): short stateless jobs that need plugin code, by the name of the exported function.
// Answers are plain data, errors in wire form.
import { redactedError, toWireError, type WireError } from '../src/actor/wire-error.ts'
import type { Props } from '../src/config/define.ts'
import type { Redactor } from '../src/config/secrets.ts'
import { openVariables } from '../src/config/variables.ts'
import { type Catalogue, openCatalogue } from '../src/plugins/catalogue.ts'
import type { WorkerMode } from '../src/plugins/client-overrides.ts'
import { describeConnector, listPlugins, pluginKeys } from '../src/plugins/describe.ts'
import { pluginPathOf } from '../src/plugins/plugin-path.ts'
import { validateConnectorConfig } from '../src/plugins/validate.ts'

interface Request {
  /** as written */
  readonly workerProps: Props
  readonly props?: Props
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
      return { error: redactedError(toWireError(error), redactorFor(request)) }
    }
  }
}

/** The error may be that a provider cannot be read: then nothing was read from it. */
function redactorFor({ workerProps, props = {} }: Request): Redactor {
  try {
    return openVariables(workerProps).redactor([workerProps, props])
  } catch {
    return text => text
  }
}

export const validate = job<Request & { readonly props: Props; readonly mode: WorkerMode }>(
  (plugins, { props, workerProps, mode }) => validateConnectorConfig(plugins, props, workerProps, mode),
)

export const plugins = job(async installed => listPlugins(installed))

export const pluginConfig = job<Request & { readonly name: string; readonly version: string }>((installed, { name, version }) =>
  pluginKeys(installed, name, version),
)

export const connector = job<Request & { readonly className: string; readonly version?: string }>(
  (installed, { className, version }) => describeConnector(installed, className, version),
)
