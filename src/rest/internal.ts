// What workers of a cluster ask of their leader: signed, and refused by a standalone worker (CONNECT.md 1.8). Main thread; listed in
// connectors.ts.
import { MIB } from '../base/units.ts'
import { configOf } from './body.ts'
import { HttpError } from './errors.ts'
import type { RequestedConfig } from './herder-types.ts'
import { parseBody, unreadable } from './json-body.ts'
import {
  type ClusterDoor,
  type Endpoint,
  endpoint,
  type Request,
  type RequestBody,
  type RestContext,
  sentBytes,
} from './resource.ts'
import * as forms from './schemas.ts'

const errors = [400, 403, 404, 409, 503]
const answers = { 204: { description: 'Done.' } }
const nameOf = (request: Request<unknown, unknown>) => request.params.connector ?? ''

/** The very bytes are signed. */
function signed({ raw }: Request<unknown, unknown>) {
  return { headers: raw.headers, body: sentBytes(raw) }
}

function clusterOf({ cluster }: RestContext, what: string): ClusterDoor {
  if (cluster === undefined) throw new HttpError(500, `Kafka Connect in standalone mode does not support ${what}.`)
  return cluster
}

/** A thousand tasks of some KB. */
const TASKS_BYTES_MAX = 8 * MIB

/** Read when the signature is right: a worker of the cluster may send as much as its connectors make. */
const taskConfigs: RequestBody<() => RequestedConfig[]> = {
  form: { type: 'array', items: forms.ref(forms.requestedConfig) },
  bytesMax: TASKS_BYTES_MAX,
  read: bytes => () => {
    const json = parseBody(bytes, Infinity)
    if (!Array.isArray(json)) throw unreadable('The task configs must be a list')
    return json.map(config => configOf(config, 'A task config', Infinity))
  },
}

const putTasks = endpoint({
  method: 'POST',
  path: '/connectors/:connector/tasks',
  summary: 'Between workers of a cluster only: new task configs of a connector, for the leader to store.',
  body: taskConfigs,
  answers,
  errors,
  async handle(request, context) {
    const cluster = clusterOf(context, 'externally setting task configurations')
    await cluster.putTaskConfigs(nameOf(request), request.body, signed(request))
    return { status: 204 }
  },
})

const fence = endpoint({
  method: 'PUT',
  path: '/connectors/:connector/fence',
  summary: 'Between workers of a cluster only: producers of former tasks of a source are fenced off (KIP-618).',
  answers,
  errors,
  async handle(request, context) {
    await clusterOf(context, 'exactly-once source connectors').fence(nameOf(request), signed(request))
    return { status: 204 }
  },
})

export const internalEndpoints: readonly Endpoint[] = [putTasks, fence]
