// A logger that writes JSON lines as pino does, in a tenth of its code: every task is a thread and loads what it logs with
// (docs/decisions/0022). A level that is off costs a call of an empty function. Any thread; made by log.ts.
import { format } from 'node:util'
import { systemClock } from './clock.ts'
import { jsonEntries } from './log-fields.ts'

/** Severities as pino numbers them; `silent` is above all. */
export const LOG_NUMBERS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
} as const

export type LogLevel = keyof typeof LOG_NUMBERS
type Method = Exclude<LogLevel, 'silent'>

export interface LogMethod {
  /**
   * @param fields entries of the line; an error is the entry `error`, and its message the line's
   * @param args put in place of %s, %d, %j … of the message
   */
  (fields: object | null, message?: string, ...args: unknown[]): void
  (message: string, ...args: unknown[]): void
}

export interface Logger extends Record<Method, LogMethod> {
  level: LogLevel
  isLevelEnabled(level: LogLevel): boolean
  /** A logger whose lines have these entries as well; its level is its own. */
  child(entries: object, options?: { readonly level?: LogLevel }): Logger
}

export interface LogDestination {
  /** one line, with its line break */
  write(line: string): unknown
}

const METHODS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly Method[]

const off: LogMethod = () => {}

export class JsonLogger implements Logger {
  // All six are set with the level.
  trace: LogMethod = off
  debug: LogMethod = off
  info: LogMethod = off
  warn: LogMethod = off
  error: LogMethod = off
  fatal: LogMethod = off
  readonly #destination: LogDestination
  /** of the entries of every line, each with a comma before it */
  readonly #bound: string
  #level: LogLevel

  constructor(destination: LogDestination, entries: object = {}, level: LogLevel = 'info', bound = '') {
    this.#destination = destination
    this.#bound = bound + jsonEntries(entries)
    this.#level = level
    this.#setMethods()
  }

  get level(): LogLevel {
    return this.#level
  }

  set level(level: LogLevel) {
    this.#level = level
    this.#setMethods()
  }

  isLevelEnabled(level: LogLevel): boolean {
    return level !== 'silent' && LOG_NUMBERS[level] >= LOG_NUMBERS[this.#level]
  }

  child(entries: object, options: { readonly level?: LogLevel } = {}): Logger {
    return new JsonLogger(this.#destination, entries, options.level ?? this.#level, this.#bound)
  }

  #setMethods(): void {
    for (const name of METHODS) {
      const number = LOG_NUMBERS[name]
      this[name] = this.isLevelEnabled(name) ? (...args: unknown[]) => this.#write(number, args) : off
    }
  }

  #write(level: number, args: unknown[]): void {
    const [first] = args
    const hasFields = typeof first === 'object' || first === undefined
    const fields = first instanceof Error ? { error: first } : hasFields ? first : null
    const [text, ...rest] = hasFields ? args.slice(1) : args
    const message = text === undefined ? messageOf(fields) : rest.length === 0 ? String(text) : format(text, ...rest)
    const msg = message === undefined ? '' : `,"msg":${JSON.stringify(message)}`
    const time = new Date(systemClock.now()).toISOString()
    this.#destination.write(`{"level":${level},"time":"${time}"${this.#bound}${jsonEntries(fields ?? {})}${msg}}\n`)
  }
}

/** A line without words says what its error says. */
function messageOf(fields: object | null | undefined): string | undefined {
  const error = (fields as { readonly error?: { readonly message?: unknown } } | null | undefined)?.error
  return typeof error?.message === 'string' ? error.message : undefined
}
