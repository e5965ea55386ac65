// One thread beside a task's, which encodes a file's last row group, where it is large, while the task reads on (HOUSE, open question 2;
// docs/decisions/0021). Made at the first such file. It takes few jobs: where more are at hand the task encodes by itself, so two threads share
// the work whatever their speeds. Task threads; the Parquet format.
import { availableParallelism } from 'node:os'
import type { JobLimits } from '../../../base/job-watch.ts'
import { ownModule } from '../../../base/layout.ts'
import { ThreadPool } from '../../../base/thread-pool.ts'
import { MIB } from '../../../base/units.ts'
import { giveBack } from '../held-memory.ts'
import { type EncodedAside, type EncodedGroup, memoryOf, type RowGroupJob } from './row-group.ts'

/** Bytes of columns; a smaller group is encoded before it has crossed. */
const ASIDE_BYTES_MIN = 1 << 20
/** Running and waiting. Partitions of like traffic end their files at the same time; what they hold counts in the task's budget until it is written. */
const JOBS_MAX = 4
const IDLE_MS = 30_000
/** Columns live outside of the heap. */
const HEAP_MB_MAX = 128
const YOUNG_MB_MAX = 8
/**
 * Measured of all codecs, with garbage of the jobs before: up to 88 MiB of Buffers where a job has 1 to 16 MiB, 3.2 times its bytes at 64 to 90 MiB; up to
 * 33 ms of processor time for a small job and 9 ms a MiB of others. A job far above that will not end, or not before the machine's memory does.
 */
const encodeLimits = (bytes: number): JobLimits => ({
  buffersBytes: 256 * MIB + 6 * bytes,
  cpuMs: 30_000 + (1_000 * bytes) / MIB,
})
const hasCores = availableParallelism() > 1

const pool = new ThreadPool({
  entry: ownModule('workers/encode'),
  does: 'encodes Parquet',
  resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_MB_MAX },
  idleMs: IDLE_MS,
  limitsOf: encodeLimits,
  advice: 'where that comes again, a smaller parquet.row.group.bytes makes its jobs smaller',
})
let jobs = 0

/** Whether a group of so many bytes would be taken now. */
export const takesAside = (bytes: number): boolean => bytes >= ASIDE_BYTES_MIN && jobs < JOBS_MAX && hasCores

/**
 * Takes the memory of the columns along: afterwards only their names and types are here. Rejects where the thread dies; the rows are lost
 * to the caller then, and must come from Kafka again.
 */
export async function encodeAside(job: RowGroupJob, through: ThreadPool = pool): Promise<EncodedGroup> {
  jobs++
  try {
    const { bytes, chunks, memory } = await through.run<EncodedAside>(job, 'default', memoryOf(job))
    for (const one of memory) giveBack(one)
    return { bytes, chunks: chunks.map(chunk => ({ ...chunk, bounds: chunk.bounds && asBuffers(chunk.bounds) })) }
  } finally {
    jobs--
  }
}

/** Buffers cross as plain arrays of bytes. */
const asBuffers = ({ min, max }: { min: Uint8Array; max: Uint8Array }) => ({ min: Buffer.from(min), max: Buffer.from(max) })
