// Makes the thread of an actor, with its limits. Main thread; used by ActorRef and by SpareThreads.
import { Worker } from 'node:worker_threads'

/** Stack frames, in KiB, are not heap: Node's default of 4 MB a thread holds. */
const STACK_MB = 4

/**
 * Near the limit Node grants some MB more and ends the thread. With V8's own, larger young generation one scavenge can promote more than
 * that at once, and V8 aborts the whole process: 14 of 20 runs (five ways to fill a 96 MB heap) survived with the default, all 80 with 8 to 48.
 */
const YOUNG_GENERATION_MB = 32

/**
 * @param name for debuggers
 * @param data what the thread is started with
 * @param memoryMaxMb limit of its JS heap
 */
export function makeThread(entry: URL, name: string, data: unknown, memoryMaxMb: number): Worker {
  return new Worker(entry, {
    workerData: data,
    name,
    resourceLimits: {
      maxOldGenerationSizeMb: memoryMaxMb,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      stackSizeMb: STACK_MB,
    },
  })
}
