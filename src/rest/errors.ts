// From errors to answers: status by code, body in Kafka Connect's form. Main thread; used by app.ts.
import { codeOf, toError } from '../base/errors.ts'

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  CONNECT_BAD_REQUEST: 400,
  CONNECT_NOT_FOUND: 404,
  CONNECT_CONFLICT: 409,
  CONNECT_WRONG_WORKER: 409,
  CONNECT_FORBIDDEN: 403,
  CONNECT_BUSY: 429,
  CONNECT_STOPPING: 503,
  CONNECT_STARTING: 503,
  CONNECT_PREVIEW_TIMEOUT: 504,
}

export interface ErrorBody {
  readonly error_code: number
  readonly message: string | null
}

/** An answer that is decided by REST itself. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, message: string) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.code = 'CONNECT_HTTP'
  }
}

/** Texts of a JAX-RS server for what it refuses before any resource is reached. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'HTTP 400 Bad Request: the path is not encoded as it must be',
  404: 'HTTP 404 Not Found',
  405: 'HTTP 405 Method Not Allowed',
  406: 'HTTP 406 Not Acceptable',
  414: 'HTTP 414 URI Too Long',
  415: 'HTTP 415 Unsupported Media Type',
}

export function refusal(status: 404 | 405 | 406 | 415): HttpError {
  return new HttpError(status, REFUSALS[status] ?? '')
}

export function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpError) return thrown.status
  const code = codeOf(thrown)
  if (code === undefined) return 500
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 415
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 413
  if (code === 'FST_ERR_BAD_URL') return 400
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return 414
  return STATUS_BY_CODE[code] ?? 500
}

export function bodyOf(thrown: unknown): ErrorBody {
  const status = statusOf(thrown)
  // Those of the HTTP framework have its own words, and some the whole path.
  const ofServer = codeOf(thrown)?.startsWith('FST_') === true ? REFUSALS[status] : undefined
  return { error_code: status, message: ofServer ?? toError(thrown).message }
}
