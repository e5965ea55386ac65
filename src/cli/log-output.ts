// The one place log lines leave the process: JSON lines as they are, or readable text. Synchronous, so that no line is lost when the
// process ends. Main thread; lines of task and connector threads come here as messages.
import { requirePackage } from '../base/layout.ts'
import { writeStandardOutput } from '../base/standard-output.ts'

export interface LogOutput {
  /** one JSON line, with its line break */
  write(line: string): void
}

interface Line {
  readonly connector?: unknown
  readonly task?: unknown
  readonly msg?: unknown
  readonly logger?: unknown
}

/** Kafka Connect's context in front of the message: [name|task-0]. */
function context({ connector, task }: Line): string {
  if (connector === undefined) return ''
  return task === undefined ? `[${connector}|worker] ` : `[${connector}|task-${task}] `
}

/** At the end, as in Java: the name whose level /admin/loggers sets. */
function named({ logger }: Line): string {
  return logger === undefined ? '' : ` (${logger})`
}

export function createLogOutput(format: 'text' | 'json', write: (text: string) => void = writeStandardOutput): LogOutput {
  if (format === 'json') return { write }
  const { prettyFactory } = requirePackage('pino-pretty') as typeof import('pino-pretty')
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,hostname,connector,task,state,code,logger',
    translateTime: "UTC:yyyy-mm-dd'T'HH:MM:ss.l'Z'",
    errorLikeObjectKeys: ['error', 'err'],
    singleLine: true,
    messageFormat: line => `${context(line)}${String(line.msg ?? '')}${named(line)}`,
  })
  return { write: line => write(pretty(line) ?? line) }
}
