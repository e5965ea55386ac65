// Ends child processes that have run for too long, and what they started. node:test gives the tests of a file a limit each, and waits for ever for a file whose
// process does not end: one that spins, one whose main thread native code holds, one with a timer left. Main thread of scripts/run-tests.ts.
import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface HungChild {
  readonly pid: number
  readonly ranForS: number
  readonly args: string
}

interface Listed extends HungChild {
  readonly parentPid: number
}

/** What it started on a leash (kafka/leash.ts) ends with it, by then, and removes its folder, which it could not if it was killed at once. */
const LEASHED_END_MS = 3_000

/** `[[dd-]hh:]mm:ss` of POSIX ps -> seconds */
function secondsOf(etime: string): number {
  const [days, time] = etime.includes('-') ? etime.split('-') : ['0', etime]
  return (time ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400
}

async function allProcesses(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,etime=,args='], { maxBuffer: 1 << 26 })
  return stdout.split('\n').flatMap(line => {
    const [, pid, parent, etime = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parentPid: Number(parent), ranForS: secondsOf(etime), args }]
  })
}

function startedBy(pid: number, all: readonly Listed[]): Listed[] {
  return all.filter(one => one.parentPid === pid).flatMap(one => [one, ...startedBy(one.pid, all)])
}

/** Whether it was there to be killed: it may just have ended by itself. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** SIGKILLs the children of a process whose command matches and that have run for more than so many seconds; gives those. */
export async function endHungChildren(parentPid: number, command: RegExp, limitS: number): Promise<HungChild[]> {
  const all = await allProcesses()
  const hung = all.filter(one => one.parentPid === parentPid && command.test(one.args) && one.ranForS > limitS)
  const ended = hung.filter(({ pid }) => kill(pid))
  const started = ended.flatMap(({ pid }) => startedBy(pid, all))
  if (started.length === 0) return ended
  await delay(LEASHED_END_MS)
  // A pid may be another's by now.
  const left = new Map((await allProcesses()).map(one => [one.pid, one]))
  for (const { pid, args, ranForS } of started) {
    const now = left.get(pid)
    if (now?.args === args && now.ranForS > ranForS) kill(pid)
  }
  return ended
}
