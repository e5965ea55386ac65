// Entry of a connector thread: loads the plugin and answers the supervisor until it is stopped.
import { workerData } from 'node:worker_threads'
import { ActorHost } from '../src/actor/actor-host.ts'
import type { ConnectorSpec, FromConnector, ToConnector } from '../src/actor/messages.ts'
import { trimHeap } from '../src/actor/trim-heap.ts'
import { openVariables, resolveWorkerProps } from '../src/config/variables.ts'
import { ConnectorHost } from '../src/task/connector-host.ts'
import { loadConnectorPlugin } from '../src/task/plugins.ts'

const written = workerData as ConnectorSpec
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
  const plugin = await loadConnectorPlugin(spec.connectorProps, spec.workerProps)
  trimHeap()
  new ConnectorHost(host, spec, plugin, configs => configs.map(config => variables.putBack(config, connectorProps)))
} catch (error) {
  host.fail(error)
}
