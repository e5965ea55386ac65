// Loggers by name, and their levels. A task thread's lines travel as messages to one writer on the main thread, so that one stream
// orders them and a killed thread leaves no half line. Loggers have names as in Java (log4j's), and a level counts for everything
// below a name. Any thread.
import { JsonLogger, type LogDestination, type Logger, type LogLevel } from './logger.ts'

export type { Logger }

/** Java's level names, and those of the lines. */
const LINE_LEVELS = {
  ALL: 'trace',
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  OFF: 'silent',
} as const satisfies Record<string, LogLevel>

export type Level = keyof typeof LINE_LEVELS

/** The name that stands for all loggers. */
export const ROOT = 'root'

/** Levels by logger name; `root` is always there, a name below another one overrides it. */
export type Levels = Readonly<Record<string, Level>>

/** Java's name of a level in any case, or that of the lines; undefined for another text. */
export function levelNamed(text: string): Level | undefined {
  const name = text.toUpperCase() === 'SILENT' ? 'OFF' : text.toUpperCase()
  return Object.hasOwn(LINE_LEVELS, name) ? (name as Level) : undefined
}

export function isBelow(name: string, namespace: string): boolean {
  return namespace === ROOT || name === namespace || name.startsWith(`${namespace}.`) || name.startsWith(`${namespace}$`)
}

/** The level that counts for a logger: its own, or that of the nearest name above it. */
export function levelOf(levels: Levels, logger: string): Level {
  for (let name = logger; name !== ''; name = name.slice(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('$'), 0))) {
    const level = Object.hasOwn(levels, name) ? levels[name] : undefined
    if (level !== undefined) return level
  }
  return levels[ROOT] ?? 'INFO'
}

/** The loggers of one thread. */
export class Loggers {
  readonly #root: Logger
  readonly #byName = new Map<string, Logger>()
  #levels: Levels

  /** @param bindings what every line says besides its logger */
  constructor(levels: Levels, destination: LogDestination, bindings: Record<string, unknown> = {}) {
    this.#levels = levels
    this.#root = new JsonLogger(destination, bindings)
  }

  /** The one logger of that name; its level follows `setLevels`. */
  named(name: string): Logger {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const logger = this.#root.child({ logger: name }, { level: this.#lineLevel(name) })
    this.#byName.set(name, logger)
    return logger
  }

  setLevels(levels: Levels): void {
    this.#levels = levels
    for (const [name, logger] of this.#byName) logger.level = this.#lineLevel(name)
  }

  #lineLevel(name: string): LogLevel {
    return LINE_LEVELS[levelOf(this.#levels, name)]
  }
}

/** Says nothing: for tests and for clients whose log is not wanted. */
export const silentLogger: Logger = new JsonLogger({ write: () => {} }, {}, 'silent')
