// How threads of this process are started: what the worker and previews need alike. Main thread; used by standalone.ts and preview.ts.
import { availableParallelism } from 'node:os'
import { ActorRef } from '../actor/actor-ref.ts'
import { StartGate } from '../actor/start-gate.ts'
import { systemClock } from '../base/clock.ts'
import type { Levels, Logger } from '../base/log.ts'
import type { OffsetStore } from '../store/offset-store.ts'
import type { WorkerOptions } from '../supervisor/worker.ts'
import type { WorkerFile } from './worker-file.ts'

/** @param write takes whole lines of the log */
export function actorOptions(
  { written, config }: WorkerFile,
  levels: Levels,
  log: Logger,
  offsets: OffsetStore,
  write: (line: string) => void,
): Omit<WorkerOptions, 'removeGroupMember'> {
  const gate = new StartGate(availableParallelism())
  return {
    spawn: options => new ActorRef(options.entry === 'task' ? { ...options, gate } : options),
    offsets,
    clock: systemClock,
    log,
    workerProps: written,
    memoryMaxMb: config['task.memory.max.mb'],
    stuckTimeoutMs: config['task.stuck.timeout.ms'],
    logLevels: levels,
    writeLog: line => write(line.endsWith('\n') ? line : `${line}\n`),
  }
}
