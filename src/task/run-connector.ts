// A connector's thread from its spec on: loads the plugin and answers the supervisor until it is stopped. Connector threads; called by
// workers/connector.ts and workers/spare.ts.
import { ActorHost } from '../actor/actor-host.ts'
import type { ConnectorSpec, FromConnector, ToConnector } from '../actor/messages.ts'
import { openVariables, resolveWorkerProps } from '../config/variables.ts'
import { ConnectorHost } from './connector-host.ts'
import { connectorPlugin, openTaskCatalogue } from './plugins.ts'

/** As runTask: listens before it returns its promise, which never rejects; `loaded` is called when the plugin is loaded. */
export async function runConnector(written: ConnectorSpec, loaded: () => void = () => {}): Promise<void> {
  const host = new ActorHost<ToConnector, FromConnector>(written)
  try {
    const variables = openVariables(written.workerProps)
    const { connectorProps, workerProps, secretKeys } = written
    host.setRedactor(variables.redactor([connectorProps, workerProps], secretKeys))
    const spec: ConnectorSpec = {
      ...written,
      connectorProps: variables.resolve(connectorProps),
      workerProps: resolveWorkerProps(workerProps),
    }
    const plugin = await connectorPlugin(await openTaskCatalogue(spec.workerProps, host), spec.connectorProps)
    host.post({ type: 'loaded' })
    loaded()
    new ConnectorHost(host, spec, plugin, configs => configs.map(config => variables.putBack(config, connectorProps)))
  } catch (error) {
    host.fail(error)
  }
}
