// Whether an answer is what the OpenAPI document says of it. Main thread of a test file.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { ENDPOINTS } from '../../src/rest/endpoints.ts'
import { openApiDocument } from '../../src/rest/openapi.ts'

interface Response {
  readonly content?: Record<string, { readonly schema: object }>
}
interface Document {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Response> }>>
  readonly components: { readonly schemas: Record<string, object> }
}

const document = openApiDocument(ENDPOINTS, 'test') as Document
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema({ $id: 'doc:', ...(document as object) })
const compiled = new Map<object, ValidateFunction>()

function validator(schema: object): ValidateFunction {
  const known = compiled.get(schema) ?? ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc:#/')) as object)
  compiled.set(schema, known)
  return known
}

function responsesOf(method: string, path: string): Record<string, Response> | null {
  const [plain = ''] = path.split('?')
  const parts = (plain.length > 1 ? plain.replace(/\/$/, '') : plain).split('/')
  for (const [template, operations] of Object.entries(document.paths)) {
    const wanted = template.split('/')
    const fits = wanted.length === parts.length && wanted.every((part, i) => part.startsWith('{') || part === parts[i])
    const operation = operations[method.toLowerCase()]
    if (fits && operation !== undefined) return operation.responses
  }
  return null
}

/** What does not fit, or null. HEAD, OPTIONS and paths that are not there have nothing to fit. */
export function misfit(method: string, path: string, status: number, body: unknown): string | null {
  const responses = responsesOf(method, path)
  if (responses === null) return null
  const response = responses[status] ?? (status >= 400 ? responses.default : undefined)
  if (response === undefined) return `${status} is not in the document`
  const schema = Object.values(response.content ?? {})[0]?.schema
  if (schema === undefined) return body === null ? null : 'a body where the document has none'
  const validate = validator(schema)
  return validate(body) ? null : ajv.errorsText(validate.errors)
}
