// /connectors/{name}/offsets (KIP-875). Main thread; endpoints listed in endpoints.ts.
import { offsetsBody } from './body.ts'
import { type Endpoint, endpoint } from './resource.ts'
import { connectorOffsets, message } from './schemas.ts'

const path = '/connectors/:connector/offsets'
const told = { 200: { description: 'What was done.', form: message } }

export const offsetEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path,
    summary: 'Offsets of a source connector, or those of the consumer group of a sink.',
    answers: { 200: { description: 'The offsets by partition.', form: connectorOffsets } },
    errors: [404],
    handle: async ({ params }, { herder }) => ({ body: { offsets: await herder.offsets(params.connector ?? '') } }),
  }),
  endpoint({
    method: 'PATCH',
    path,
    summary: 'Changes offsets of a stopped connector.',
    body: offsetsBody,
    answers: told,
    errors: [400, 404, 409, 413],
    handle: async ({ params, body }, { herder }) => ({
      body: { message: await herder.alterOffsets(params.connector ?? '', body) },
    }),
  }),
  endpoint({
    method: 'DELETE',
    path,
    summary: 'Removes the offsets of a stopped connector.',
    answers: told,
    errors: [400, 404, 409],
    handle: async ({ params }, { herder }) => ({ body: { message: await herder.resetOffsets(params.connector ?? '') } }),
  }),
]
