// Every endpoint there is, in the order of the document, which is one of them. Main thread; app.ts serves them.
import { connectorEndpoints } from './connectors.ts'
import { offsetEndpoints } from './offsets.ts'
import { openApiDocument } from './openapi.ts'
import { pluginEndpoints } from './plugins.ts'
import { previewEndpoints } from './preview.ts'
import { type Endpoint, endpoint } from './resource.ts'
import { workerEndpoints } from './worker.ts'

const described = endpoint({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document.',
  answers: { 200: { description: 'OpenAPI 3.1.', form: { type: 'object' } } },
  handle: async (_request, { version }) => ({ body: openApiDocument(ENDPOINTS, version) }),
})

export const ENDPOINTS: readonly Endpoint[] = [
  ...workerEndpoints,
  described,
  ...connectorEndpoints,
  ...offsetEndpoints,
  ...pluginEndpoints,
  ...previewEndpoints,
]
