// Calls from browsers (CORS): `access.control.allow.origin` is a list of origins, each a regular expression for the whole origin, or `*`;
// `access.control.allow.methods` is what a preflight is told. As Java's worker: a preflight gets its headers and is then answered like any
// OPTIONS. Main thread; used by app.ts, parsed at start.
import { ConfigError, toError } from '../base/errors.ts'

export interface Cors {
  isAllowed(origin: string): boolean
  readonly methods: string
}

const KEY = 'access.control.allow.origin'
const METHODS_DEFAULT = 'GET,POST,HEAD'
const HEADERS = 'Content-Type'
const MAX_AGE_SECONDS = '60'

const itemsOf = (text: string) =>
  text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')

/** null: CORS is off. @throws ConfigError for an origin that is no regular expression */
export function parseCors(origins: string, methods: string): Cors | null {
  const allowed = itemsOf(origins)
  if (allowed.length === 0) return null
  const patterns = allowed.map(patternOf)
  return {
    isAllowed: origin => patterns.some(pattern => pattern.test(origin)),
    methods: itemsOf(methods).join(',') || METHODS_DEFAULT,
  }
}

function patternOf(origin: string): RegExp {
  if (origin === '*') return /^/
  try {
    return new RegExp(`^(?:${origin})$`)
  } catch (error) {
    throw new ConfigError(KEY, `Invalid value ${origin} for configuration ${KEY}: ${toError(error).message}`)
  }
}

export interface CorsRequest {
  readonly method: string
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** The headers of the answer. */
export function corsHeaders(cors: Cors, { method, headers }: CorsRequest): Record<string, string> {
  const vary = { vary: 'Origin' }
  const { origin } = headers
  if (typeof origin !== 'string' || !cors.isAllowed(origin)) return vary
  const allowed = { ...vary, 'access-control-allow-origin': origin }
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return allowed
  return {
    ...allowed,
    'access-control-allow-methods': cors.methods,
    'access-control-allow-headers': HEADERS,
    'access-control-max-age': MAX_AGE_SECONDS,
  }
}
