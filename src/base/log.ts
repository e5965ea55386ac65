// Logging: pino in every thread, one writer on the main thread. A task thread's lines travel as messages, so that one stream
// orders them and a killed thread leaves no half line. Any thread.
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LevelName = (typeof LEVELS)[number]

/**
 * A logger that writes JSON lines to `destination`.
 */
export function createLogger(level: string, destination: DestinationStream, bindings: Record<string, unknown> = {}): Logger {
  return pino({ level, base: bindings, timestamp: pino.stdTimeFunctions.isoTime, errorKey: 'error' }, destination)
}

/** Says nothing: for tests and for clients whose log is not wanted. */
export const silentLogger: Logger = pino({ level: 'silent' })
