// What a result must carry to be compared later: commit, node, machine, load. Called by every bench that appends to results/.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprint } from '../bin/fingerprint.js'
import { busySecondsOfMachine, cpuSecondsOf } from './process-cost.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly platform: string
}

/** Above so much load a core, when the bench begins, figures mean little: who has more threads loses most. */
const QUIET_LOAD_PER_CORE = 0.5
/** The same of what others took while it ran, which is the better measure: the load before is of other work. */
const OTHERS_PER_CORE = 0.1
/** taken when the bench begins: later it is the bench's own */
const loadAtStart = Number((loadavg()[0] ?? 0).toFixed(2))

interface CpuTimes {
  /** of this process and all below it, ended ones included */
  readonly ownSeconds: number
  readonly machineSeconds: number
  readonly wallSeconds: number
}

const timesNow = (): CpuTimes => ({
  ownSeconds: cpuSecondsOf(process.pid),
  machineSeconds: busySecondsOfMachine(),
  wallSeconds: performance.now() / 1000,
})
const atStart = timesNow()

/** Cores that processes other than the bench's kept busy on average, the kernel's own threads included; null where it is not known. */
export function othersCores(from: CpuTimes, to: CpuTimes): number | null {
  const seconds = to.machineSeconds - from.machineSeconds - (to.ownSeconds - from.ownSeconds)
  const cores = seconds / (to.wallSeconds - from.wallSeconds)
  return Number.isFinite(cores) ? Number(Math.max(0, cores).toFixed(3)) : null
}

export interface Provenance {
  readonly at: string
  readonly commit: string
  readonly node: string
  readonly machine: Machine
  /** absent in the first results of all */
  readonly loadAtStart?: number
  /** see othersCores; absent before it was measured */
  readonly othersCores?: number | null
  readonly args?: readonly string[]
  /** what workers run; absent before there was `npm run build` */
  readonly program?: 'built' | 'source'
}

type Quietness = Pick<Provenance, 'loadAtStart' | 'othersCores' | 'machine'>

export function wasQuiet({ loadAtStart: load = 0, othersCores: others = null, machine }: Quietness): boolean {
  return others === null ? load <= QUIET_LOAD_PER_CORE * machine.cores : others <= OTHERS_PER_CORE * machine.cores
}

export function warnWhenBusy(): void {
  if (loadAtStart > QUIET_LOAD_PER_CORE * availableParallelism())
    console.log(`the load of the machine is ${loadAtStart}: where that goes on, rates and ratios of this run mean little`)
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

/** Short commit, with `+` when tracked product files differ from it. */
function commit(): string {
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'workers', 'bin')
  return git('rev-parse', '--short', 'HEAD') + (changed === '' ? '' : '+')
}

/** As bin/run.js decides. */
function isBuilt(): boolean {
  const root = fileURLToPath(new URL('..', import.meta.url))
  try {
    const built = JSON.parse(readFileSync(`${root}dist/build.json`, 'utf8')) as { fingerprint: string }
    return built.fingerprint === fingerprint(root)
  } catch {
    return false
  }
}

export function provenance(): Provenance {
  return {
    at: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
    },
    loadAtStart,
    othersCores: othersCores(atStart, timesNow()),
    args: process.argv.slice(2),
    program: isBuilt() ? 'built' : 'source',
  }
}

/** Appends one line to results/`name`.ndjson, which is only ever appended to. */
export function appendResult(name: string, result: object): void {
  const file = fileURLToPath(new URL(`results/${name}.ndjson`, import.meta.url))
  mkdirSync(dirname(file), { recursive: true })
  const origin = provenance()
  appendFileSync(file, `${JSON.stringify({ ...origin, ...result })}\n`)
  const verdict = wasQuiet(origin)
    ? ''
    : ': TOO MANY, rates and ratios of this run mean little and do not reach the documentation'
  console.log(`recorded in bench/results/${name}.ndjson; others kept ${origin.othersCores ?? '?'} cores busy${verdict}`)
}
