// Levels of loggers as the REST API shows and sets them (KIP-495, KIP-976): of this worker's main thread and of all its task and connector
// threads. Setting a name sets everything below it, as in Java. Main thread; called by the herder.
import type { Clock } from '../base/clock.ts'
import { NotFoundError } from '../base/errors.ts'
import { isBelow, type Level, type Levels, levelNamed, levelOf, ROOT } from '../base/log.ts'
import { LOGGERS } from '../base/logger-names.ts'
import type { LoggerLevel } from './herder.ts'

/** Names that requests made up are kept, so that loggers to come get their level; more of them than this are refused. */
const NAMES_MAX = 10_000

/** @throws NotFoundError for an unknown level, which is Java's answer */
export function checkLevel(text: string): Level {
  const level = levelNamed(text.trim())
  if (level === undefined) throw new NotFoundError(`invalid log level '${text}'.`)
  return level
}

/** The root logger's name may be in any case. */
const nameOf = (logger: string) => (logger.toLowerCase() === ROOT ? ROOT : logger)

export class LogLevels {
  readonly #clock: Clock
  readonly #apply: (levels: Levels) => void
  readonly #modifiedAtMs = new Map<string, number>()
  readonly #known = new Set<string>([ROOT, ...Object.values(LOGGERS)])
  #levels: Levels

  /** @param apply called with all levels after each change */
  constructor(levels: Levels, clock: Clock, apply: (levels: Levels) => void) {
    this.#levels = levels
    this.#clock = clock
    this.#apply = apply
  }

  /** A plugin's logger is listed from now on. */
  know(logger: string): void {
    if (this.#known.size < NAMES_MAX) this.#known.add(logger)
  }

  /** Sorted by name; what is off is left out, as in Java. */
  all(): Record<string, LoggerLevel> {
    const names = [...this.#known].sort().filter(name => levelOf(this.#levels, name) !== 'OFF')
    return Object.fromEntries(names.map(name => [name, this.#shown(name)]))
  }

  /** null for a logger nobody heard of */
  one(logger: string): LoggerLevel | null {
    const name = nameOf(logger)
    return this.#known.has(name) ? this.#shown(name) : null
  }

  /** Returns the loggers whose level changed, sorted. @throws NotFoundError for an unknown level */
  set(logger: string, text: string): string[] {
    const level = checkLevel(text)
    const name = nameOf(logger)
    if (!this.#known.has(name) && this.#known.size >= NAMES_MAX) throw new NotFoundError(`Logger ${name} not found.`)
    this.#known.add(name)
    const before = new Map([...this.#known].map(known => [known, levelOf(this.#levels, known)]))
    const kept = Object.entries(this.#levels).filter(([other]) => !isBelow(other, name))
    this.#levels = Object.fromEntries([...kept, [name, level]])
    const changed = [...before].filter(([known, old]) => levelOf(this.#levels, known) !== old).map(([known]) => known)
    for (const one of changed) this.#modifiedAtMs.set(one, this.#clock.now())
    this.#apply(this.#levels)
    return changed.sort()
  }

  #shown(name: string): LoggerLevel {
    const level: Level = levelOf(this.#levels, name)
    return { level, last_modified: this.#modifiedAtMs.get(name) ?? null }
  }
}
