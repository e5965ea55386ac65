// Errors across the thread line (D8): a posted Error arrives without name, code and class, so they travel as plain data. Both sides.
import { ConnectError, codeOf, isRetriable, type Stage, stackOf, toError } from '../base/errors.ts'

export interface WireError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly stack: string
  readonly retriable: boolean
  readonly stage?: Stage
  /** ConfigError: the key it is about */
  readonly key?: string
  readonly cause?: WireError
}

/** Causes deeper than this are cut: a cycle or a long chain must not flood the status. */
const CAUSE_DEPTH_MAX = 8

/** A trace is kept, logged and answered: longer ones help nobody. */
const TEXT_LENGTH_MAX = 65_536

function bounded(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}… (${text.length} characters)`
}

export function toWireError(thrown: unknown, depth = 0): WireError {
  const error = toError(thrown)
  const extra = error as Error & { stage?: Stage; key?: string }
  const cause = error.cause
  return {
    name: error.name,
    code: codeOf(error) ?? 'CONNECT_UNCODED',
    message: bounded(error.message),
    stack: bounded(stackOf(error)),
    retriable: isRetriable(error),
    ...(typeof extra.stage === 'string' ? { stage: extra.stage } : {}),
    ...(typeof extra.key === 'string' ? { key: extra.key } : {}),
    ...(cause === undefined || cause === null || depth >= CAUSE_DEPTH_MAX ? {} : { cause: toWireError(cause, depth + 1) }),
  }
}

/** The error with all its texts through `redact`. */
export function redactedError(error: WireError, redact: (text: string) => string): WireError {
  const { message, stack, cause } = error
  const own = { ...error, message: redact(message), stack: redact(stack) }
  return cause === undefined ? own : { ...own, cause: redactedError(cause, redact) }
}

/** An error of another thread, rebuilt: name, code, stack and causes as they were there. */
export class RemoteError extends ConnectError {
  readonly wire: WireError

  constructor(wire: WireError) {
    super(wire.message, {
      code: wire.code,
      retriable: wire.retriable,
      cause: wire.cause === undefined ? undefined : new RemoteError(wire.cause),
    })
    this.wire = wire
    this.name = wire.name
    this.stack = wire.stack
  }
}

/** The text for a status's `trace`: the stack, then each cause's, as Java prints them. */
export function traceOf(wire: WireError): string {
  const parts = [wire.stack]
  for (let cause = wire.cause; cause !== undefined; cause = cause.cause) parts.push(`Caused by: ${cause.stack}`)
  return parts.join('\n')
}
