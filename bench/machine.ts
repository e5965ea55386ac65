// What a result must carry to be compared later: commit, node, machine. Called by every bench that appends to results/.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly platform: string
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

export function provenance(): { at: string; commit: string; node: string; machine: Machine } {
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
  }
}

/** Appends one line to results/`name`.ndjson, which is only ever appended to. */
export function appendResult(name: string, result: object): void {
  const file = fileURLToPath(new URL(`results/${name}.ndjson`, import.meta.url))
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify({ ...provenance(), ...result })}\n`)
}
