// How threads of this process are started: what the worker and previews need alike. Main thread; used by standalone.ts and preview.ts.
import { availableParallelism } from 'node:os'
import { ActorRef } from '../actor/actor-ref.ts'
import { SpareThreads } from '../actor/spare-threads.ts'
import { StartGate } from '../actor/start-gate.ts'
import { systemClock } from '../base/clock.ts'
import { ownModule } from '../base/layout.ts'
import type { Levels, Logger } from '../base/log.ts'
import type { OffsetStore } from '../store/offset-store.ts'
import type { WorkerOptions } from '../supervisor/worker.ts'
import type { WorkerFile } from './worker-file.ts'

/** A changed config takes one for the connector and one for a task; more take memory, some 10 MB each. */
const SPARE_THREADS = 2

/** For a worker whose tasks come and go: one of a cluster. */
export function spareThreads({ config, props }: Pick<WorkerFile, 'config' | 'props'>, log: Logger): SpareThreads {
  return new SpareThreads({
    count: SPARE_THREADS,
    entry: ownModule('workers/spare'),
    memoryMaxMb: config['task.memory.max.mb'],
    converters: [...new Set([props['key.converter'], props['value.converter']])].filter(name => name !== undefined),
    clock: systemClock,
    log,
  })
}

/** @param write takes whole lines of the log */
export function actorOptions(
  { written, config }: WorkerFile,
  levels: Levels,
  log: Logger,
  offsets: OffsetStore,
  write: (line: string) => void,
  spares?: SpareThreads,
): Omit<WorkerOptions, 'removeGroupMember'> {
  const width = availableParallelism()
  // Two: a connector that somebody waits for does not stand behind a hundred tasks.
  const gates = { task: new StartGate(width), connector: new StartGate(width) }
  return {
    spawn: options => {
      const { entry } = options
      const gate = entry === 'task' || entry === 'connector' ? gates[entry] : undefined
      return new ActorRef({ ...options, ...(gate && { gate }), ...(spares && { spares }) })
    },
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
