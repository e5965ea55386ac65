// Ends child processes that have run for too long. node:test only asks a test file that is over its time to end (SIGTERM), which one that spins, or
// whose main thread is held by native code, never hears; the run would wait for it for ever. Main thread of scripts/run-tests.ts.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface HungChild {
  readonly pid: number
  readonly ranForS: number
  readonly args: string
}

/** `[[dd-]hh:]mm:ss` of POSIX ps -> seconds */
function secondsOf(etime: string): number {
  const [days, time] = etime.includes('-') ? etime.split('-') : ['0', etime]
  return (time ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400
}

/** SIGKILLs the children of a process whose command matches and that have run for more than so many seconds; gives those. */
export async function endHungChildren(parentPid: number, command: RegExp, limitS: number): Promise<HungChild[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,etime=,args='], { maxBuffer: 1 << 26 })
  const hung: HungChild[] = []
  for (const line of stdout.split('\n')) {
    const [, pid, parent, etime = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    const ranForS = secondsOf(etime)
    if (Number(parent) !== parentPid || !command.test(args) || ranForS <= limitS) continue
    try {
      process.kill(Number(pid), 'SIGKILL')
      hung.push({ pid: Number(pid), ranForS, args })
    } catch {
      // it has just ended by itself
    }
  }
  return hung
}
