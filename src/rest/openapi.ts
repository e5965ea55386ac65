// The OpenAPI 3.1 document, made of the same declarations that serve. Pure; main thread, called once by endpoints.ts.
import { type AnswerForm, type Endpoint, PATH_PARAMETERS } from './resource.ts'
import * as forms from './schemas.ts'
import { errorMessage, type Form, isNamed, type JsonSchema, type NamedSchema, ref } from './schemas.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request or the config is not right; the message says why.',
  403: 'The worker does not allow it.',
  404: 'There is no such thing.',
  409: 'It conflicts with what is there, or too many requests wait.',
  413: 'The body is larger than a worker takes; the message says how much that is.',
  429: 'As many as may run at a time are running; the message says when to try again.',
  503: 'The worker is not ready to.',
  504: 'It did not end in time and was ended.',
  500: 'It failed, took too long, or the body is no JSON of the right form.',
}

/** Every schema that has a name. */
function components(): Record<string, JsonSchema> {
  const named = Object.values(forms).filter(
    (form): form is NamedSchema => typeof form === 'object' && !Array.isArray(form) && isNamed(form as Form),
  )
  return Object.fromEntries(named.map(({ name, schema }) => [name, schema]))
}

const schemaOf = (form: Form): JsonSchema => (isNamed(form) ? ref(form) : form)

function answer({ description, form, contentType = 'application/json', headers = {} }: AnswerForm): object {
  const described = Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }])
  return {
    description,
    ...(described.length === 0 ? {} : { headers: Object.fromEntries(described) }),
    ...(form === undefined ? {} : { content: { [contentType]: { schema: schemaOf(form) } } }),
  }
}

/** Statuses of an endpoint's refusals. Any may fail for a reason of the worker's (500). */
export function failuresOf({ answers, errors = [] }: Endpoint): number[] {
  return [...errors, 500].filter(status => answers[status] === undefined)
}

function operation(endpoint: Endpoint): object {
  const { method, path, summary, query = {}, body, answers } = endpoint
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name] ?? '',
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(query).map(([name, { description, schema }]) => ({ name, in: 'query', description, schema }))
  return {
    operationId: operationId(method, path),
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body.form) } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, form]) => [status, answer(form)])),
      ...Object.fromEntries(
        failuresOf(endpoint).map(status => [status, answer({ description: TITLES[status] ?? 'Refused.', form: errorMessage })]),
      ),
      default: answer({ description: 'Refused before it was looked at.', form: errorMessage }),
    },
  }
}

function operationId(method: string, path: string): string {
  const words = path.split('/').filter(part => part !== '')
  const name = words.map(part => part.replace(/\W+(\w)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? ''))
  return [method.toLowerCase(), ...name.map(part => part.charAt(0).toUpperCase() + part.slice(1))].join('')
}

export function openApiDocument(endpoints: readonly Endpoint[], version: string): object {
  const paths = Map.groupBy(endpoints, endpoint => endpoint.path.replace(/:(\w+)/g, '{$1}'))
  return {
    openapi: '3.1.0',
    info: { title: 'Kafka Connect REST API (Sluice)', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(
      [...paths].map(([path, operations]) => [
        path,
        Object.fromEntries(operations.map(endpoint => [endpoint.method.toLowerCase(), operation(endpoint)])),
      ]),
    ),
    components: { schemas: components() },
  }
}
