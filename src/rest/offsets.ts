// /connectors/{name}/offsets (KIP-875). Main thread; endpoints listed in app.ts.
import { offsetsOf } from './body.ts'
import type { Endpoint } from './resource.ts'

const path = '/connectors/:connector/offsets'

export const offsetEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path,
    handle: async ({ params }, { herder }) => ({ body: { offsets: await herder.offsets(params.connector ?? '') } }),
  },
  {
    method: 'PATCH',
    path,
    handle: async ({ params, body }, { herder }) => ({
      body: { message: await herder.alterOffsets(params.connector ?? '', offsetsOf(body)) },
    }),
  },
  {
    method: 'DELETE',
    path,
    handle: async ({ params }, { herder }) => ({ body: { message: await herder.resetOffsets(params.connector ?? '') } }),
  },
]
