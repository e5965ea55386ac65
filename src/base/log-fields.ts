// Entries of a log line as JSON. A line must come out whatever is in it: cycles, bigints, errors and getters that throw. Any thread;
// used by logger.ts.

/** Causes deeper than this are left out. */
const CAUSES_MAX = 16

interface ErrorLike {
  readonly message: string
  readonly stack?: unknown
  readonly cause?: unknown
}

/** `,"name":value` of each entry. */
export function jsonEntries(entries: object): string {
  let text = ''
  for (const [name, value] of Object.entries(entries)) {
    const json = jsonOf(value)
    if (json !== undefined) text += `,${JSON.stringify(name)}:${json}`
  }
  return text
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, plain)
  } catch {
    // A cycle, mostly: once more, with the way down to each value in hand.
  }
  try {
    return JSON.stringify(withoutCycles(value, []), plain)
  } catch {
    return '"(cannot be shown)"'
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value))
  return value instanceof Error ? errorFields(value) : value
}

function withoutCycles(value: unknown, above: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[Circular]'
  const inside = [...above, value]
  if (value instanceof Error) return withoutCycles(errorFields(value), inside)
  if (Array.isArray(value)) return value.map(one => withoutCycles(one, inside))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutCycles(one, inside)]))
}

function isErrorLike(value: unknown): value is ErrorLike {
  return typeof (value as ErrorLike | null | undefined)?.message === 'string'
}

/** Class, message and stack with those of its causes, then what else the error has. */
function errorFields(error: Error): object {
  const { cause: _cause, errors, ...own } = error as Error & { readonly errors?: unknown }
  const chain = causesOf(error)
  const known = {
    type: error.constructor?.name ?? error.name,
    message: chain.map(one => one.message).join(': '),
    stack: chain.map(one => String(one.stack ?? '')).join('\ncaused by: '),
    ...(Array.isArray(errors) ? { aggregateErrors: errors } : {}),
  }
  return { ...known, ...(own as object), ...known }
}

function causesOf(error: ErrorLike): ErrorLike[] {
  const chain: ErrorLike[] = []
  for (let one: unknown = error; isErrorLike(one) && !chain.includes(one) && chain.length < CAUSES_MAX; one = one.cause)
    chain.push(one)
  return chain
}
