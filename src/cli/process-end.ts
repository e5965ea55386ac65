// How the process ends: by a signal in order, by a second one at once, by a bug of ours with a fatal line and exit code 1. Main thread;
// called by standalone.ts.
import type { Logger } from '../base/log.ts'

/** Settles at the first SIGTERM, SIGINT or SIGHUP, or when the parent that bin/start.js is has died. The second signal exits at once. */
export function endsBySignal(log: Logger): Promise<void> {
  return new Promise(resolve => {
    let isStopping = false
    const stop = (why: string) => {
      if (isStopping) endAtOnce()
      isStopping = true
      log.info(`${why}: stopping (a second signal exits at once)`)
      resolve()
    }
    process.on('SIGTERM', () => stop('SIGTERM'))
    process.on('SIGINT', () => stop('SIGINT'))
    process.on('SIGHUP', () => stop('SIGHUP'))
    if (process.env.SLUICE_PARENT !== undefined) process.on('disconnect', () => stop('the parent process is gone'))
  })
}

/**
 * Ends the process whatever its threads do. process.exit waits for them, and one may sit in a file call that never returns (a pipe nobody
 * opens, a mount that is gone).
 */
export function endAtOnce(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable: killed')
}

/** A half-alive worker is worse than an absent one (HOUSE section 6). */
export function exitOnBugs(log: Logger): void {
  const end = (error: unknown) => {
    log.fatal({ error }, 'a bug in Sluice: the worker exits; please report this with the lines above')
    process.exit(1)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}
