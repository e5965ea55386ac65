// Levels of loggers as the REST API shows them (KIP-495). There is one logger tree here, so one name: root. Java's level names outside,
// pino's inside. Main thread; called by the herder.
import type { Clock } from '../base/clock.ts'
import { NotFoundError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { LoggerLevel } from './herder.ts'

const PINO_LEVELS: Readonly<Record<string, string>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  OFF: 'silent',
}

export class LogLevels {
  readonly #log: Logger
  readonly #clock: Clock
  #changedAtMs: number | null = null

  constructor(log: Logger, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  get pinoLevel(): string {
    return this.#log.level
  }

  all(): Record<string, LoggerLevel> {
    const level = Object.keys(PINO_LEVELS).find(name => PINO_LEVELS[name] === this.#log.level) ?? 'INFO'
    return { root: { level, last_modified: this.#changedAtMs } }
  }

  /** @throws NotFoundError for an unknown logger or level */
  set(logger: string, level: string): string[] {
    const pinoLevel = PINO_LEVELS[level.toUpperCase()]
    if (pinoLevel === undefined) throw new NotFoundError(`invalid log level '${level}'.`)
    if (logger !== 'root') throw new NotFoundError(`Logger ${logger} not found.`)
    if (pinoLevel === this.#log.level) return []
    this.#log.level = pinoLevel
    this.#changedAtMs = this.#clock.now()
    return ['root']
  }
}
