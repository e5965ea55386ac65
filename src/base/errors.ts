// The error taxonomy of Sluice (HOUSE section 6): one class per decision a caller can take, one code per cause.
// Any thread; decide by `code` and `retriable`, never by instanceof across a thread (classes do not survive postMessage).

import { anyText } from './any-text.ts'

/** Stages of a record's path, with the names Java Connect writes to logs and dead-letter headers. */
export type Stage =
  | 'TASK_POLL'
  | 'TASK_PUT'
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'
  | 'KAFKA_CONSUME'

export interface ConnectErrorOptions {
  readonly code?: string
  readonly retriable?: boolean
  readonly cause?: unknown
}

/** Root of all errors that Sluice and its plugins throw on purpose. */
export class ConnectError extends Error {
  readonly code: string
  readonly retriable: boolean
  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code ?? 'CONNECT_ERROR'
    this.retriable = options.retriable ?? false
  }
}

/** The same call may be tried again (Java: RetriableException). */
export class RetriableError extends ConnectError {
  constructor(message: string, options: Omit<ConnectErrorOptions, 'retriable'> = {}) {
    super(message, { code: 'CONNECT_RETRIABLE', ...options, retriable: true })
  }
}

/** This record is bad; errors.tolerance applies (Java: DataException). */
export class DataError extends ConnectError {
  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, { code: 'CONNECT_DATA', ...options })
  }
}

/** A schema is malformed or does not fit its value (Java: SchemaBuilderException, DataException on schemas). */
export class SchemaError extends DataError {
  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, { code: 'CONNECT_SCHEMA', ...options })
  }
}

/** A configuration value is not acceptable: REST answers 400, a task that meets it stays FAILED (Java: ConfigException). */
export class ConfigError extends ConnectError {
  /** the key the error is about, or '' where it is about the whole configuration */
  readonly key: string
  constructor(key: string, message: string, options: ConnectErrorOptions = {}) {
    super(message, { code: 'CONNECT_CONFIG', ...options })
    this.key = key
  }
}

/** errors.tolerance does not cover this failure: the task fails and is not restarted by itself (D13). */
export class ToleranceExceededError extends ConnectError {
  readonly stage: Stage
  constructor(stage: Stage, message: string, cause: unknown) {
    super(message, { code: 'CONNECT_TOLERANCE_EXCEEDED', cause })
    this.stage = stage
  }
}

/** The named thing does not exist: REST 404. */
export class NotFoundError extends ConnectError {
  constructor(message: string) {
    super(message, { code: 'CONNECT_NOT_FOUND' })
  }
}

/** The request conflicts with the present state (exists already, rebalance in progress): REST 409. */
export class ConflictError extends ConnectError {
  constructor(message: string) {
    super(message, { code: 'CONNECT_CONFLICT' })
  }
}

/** Another worker of the cluster must answer: REST sends the request on to it, or answers 409 where it cannot. */
export class WrongWorkerError extends ConnectError {
  /** base URL of the worker that must; null: not known, a rebalance is in progress */
  readonly url: string | null
  constructor(message: string, url: string | null) {
    super(message, { code: 'CONNECT_WRONG_WORKER' })
    this.url = url
  }
}

/** The request itself is not acceptable: REST 400. */
export class BadRequestError extends ConnectError {
  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, { code: 'CONNECT_BAD_REQUEST', ...options })
  }
}

/** An answer of the broker, or a failure to get one. `api` names the request, `errorCode` is Kafka's number (-1: no answer). */
export class KafkaError extends ConnectError {
  readonly api: string
  readonly errorCode: number
  constructor(api: string, errorCode: number, message: string, retriable: boolean, cause?: unknown) {
    super(message, { code: 'CONNECT_KAFKA', retriable, cause })
    this.api = api
    this.errorCode = errorCode
  }
}

/** The thread of a task or connector died or did not obey. Codes: CONNECT_TASK_OOM, CONNECT_TASK_EXIT, CONNECT_TASK_STUCK, CONNECT_TASK_STUCK_ON_LOAD, CONNECT_TASK_STUCK_ON_STOP. */
export class TaskThreadError extends ConnectError {}

/** A waiting operation was told to stop; not a failure. */
export class AbortedError extends ConnectError {
  constructor(message = 'stopped') {
    super(message, { code: 'CONNECT_ABORTED' })
  }
}

/** Our own bug. Never tolerated, never retried. */
export class AssertionError extends ConnectError {
  constructor(message: string) {
    super(message, { code: 'CONNECT_ASSERTION' })
  }
}

/** `error` as an Error whose message and name are text, whatever was thrown. */
export function toError(error: unknown): Error {
  if (typeof error === 'string') return new ConnectError(error)
  if (!(error instanceof Error)) return new ConnectError(`a value that is no Error was thrown: ${anyText(error)}`)
  if (hasTexts(error)) return error
  const message = `an Error whose message or name is no text was thrown: ${anyText(error)}`
  return new ConnectError(message, { code: codeOf(error) ?? 'CONNECT_ERROR', retriable: isRetriable(error) })
}

function hasTexts(error: Error): boolean {
  try {
    return typeof error.message === 'string' && typeof error.name === 'string'
  } catch {
    return false
  }
}

/** The stack of what toError returned; a line where it has none that is text. Making it costs: not for errors that nobody reads. */
export function stackOf(error: Error): string {
  try {
    if (typeof error.stack === 'string') return error.stack
  } catch {
    // a getter of a plugin's own
  }
  return `${error.name}: ${error.message}`
}

/** Whether the same call may be tried again: by flag, so that errors of plugins and of other threads count too. */
export function isRetriable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { retriable?: unknown }).retriable === true
}

/** The code of an error, or undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : undefined
}
