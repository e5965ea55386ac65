// CPU seconds and peak memory of a process and its children, and of the whole machine, from /proc. Linux only: elsewhere both are NaN and the tables say so.
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100 // USER_HZ, fixed on Linux

interface Stat {
  pid: number
  parent: number
  ticks: number
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name in parentheses may hold spaces; state is the first field after it
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [, parent = 0] = fields
    // utime, stime, and those of children that ended
    return { pid, parent, ticks: (fields[11] ?? 0) + (fields[12] ?? 0) + (fields[13] ?? 0) + (fields[14] ?? 0) }
  } catch {
    return null
  }
}

/** The process and everything below it. */
function tree(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => statOf(Number(name)) ?? [])
  const members = new Set([root])
  for (let grown = true; grown; ) {
    const before = members.size
    for (const stat of all) if (members.has(stat.parent)) members.add(stat.pid)
    grown = members.size > before
  }
  return all.filter(stat => members.has(stat.pid))
}

export function cpuSecondsOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN
  return tree(pid).reduce((sum, stat) => sum + stat.ticks, 0) / TICKS_PER_SECOND
}

/** Since the machine started, of all processes and of the kernel. */
export function busySecondsOfMachine(): number {
  if (process.platform !== 'linux') return Number.NaN
  // cpu: user, nice, system, idle, waiting for disks, interrupts of two kinds
  const [, user = 0, nice = 0, system = 0, , , hard = 0, soft = 0] = readFileSync('/proc/stat', 'utf8')
    .split(/\s+/, 8)
    .map(Number)
  return (user + nice + system + hard + soft) / TICKS_PER_SECOND
}

/** The highest resident set so far, summed over the tree. */
export const peakRssMbOf = (pid: number): number => statusMbOf(pid, /VmHWM:\s+(\d+)/)

/** The resident set now, summed over the tree. */
export const rssMbOf = (pid: number): number => statusMbOf(pid, /VmRSS:\s+(\d+)/)

function statusMbOf(pid: number, line: RegExp): number {
  if (process.platform !== 'linux') return Number.NaN
  let kb = 0
  for (const stat of tree(pid)) {
    try {
      kb += Number(line.exec(readFileSync(`/proc/${stat.pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      // it ended in between
    }
  }
  return kb / 1024
}
