// Entry of a connector thread: loads the plugin and answers the supervisor until it is stopped.
import { workerData } from 'node:worker_threads'
import { ActorHost } from '../src/actor/actor-host.ts'
import type { ConnectorSpec, FromConnector, ToConnector } from '../src/actor/messages.ts'
import { ConnectorHost } from '../src/task/connector-host.ts'
import { loadConnectorPlugin } from '../src/task/plugins.ts'

const spec = workerData as ConnectorSpec
const host = new ActorHost<ToConnector, FromConnector>(spec)

try {
  const plugin = await loadConnectorPlugin(spec.connectorProps, spec.workerProps)
  new ConnectorHost(host, spec, plugin)
} catch (error) {
  host.fail(error)
}
