// What a result must carry to be compared later: commit, node, machine, load. Called by every bench that appends to results/.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprint } from '../bin/fingerprint.js'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly platform: string
}

/** Above so much load a core, when the bench begins, figures mean little: who has more threads loses most. */
const QUIET_LOAD_PER_CORE = 0.5
/** taken when the bench begins: later it is the bench's own */
const loadAtStart = Number((loadavg()[0] ?? 0).toFixed(2))

export interface Provenance {
  readonly at: string
  readonly commit: string
  readonly node: string
  readonly machine: Machine
  /** absent in the first results of all */
  readonly loadAtStart?: number
  readonly args?: readonly string[]
  /** what workers run; absent before there was `npm run build` */
  readonly program?: 'built' | 'source'
}

export function wasQuiet({ loadAtStart: load = 0, machine }: Pick<Provenance, 'loadAtStart' | 'machine'>): boolean {
  return load <= QUIET_LOAD_PER_CORE * machine.cores
}

export function warnWhenBusy(): void {
  if (!wasQuiet(provenance()))
    console.log(`WARNING: the machine is busy (load ${loadAtStart}): rates and ratios of this run mean little`)
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
    args: process.argv.slice(2),
    program: isBuilt() ? 'built' : 'source',
  }
}

/** Appends one line to results/`name`.ndjson, which is only ever appended to. */
export function appendResult(name: string, result: object): void {
  const file = fileURLToPath(new URL(`results/${name}.ndjson`, import.meta.url))
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify({ ...provenance(), ...result })}\n`)
}
