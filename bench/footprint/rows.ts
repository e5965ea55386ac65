// What bench:footprint measures, and how its rows are called.
import type { Spread } from '../spread.ts'

export interface Footprint {
  startSeconds: number
  startCpuSeconds: number
  idleRssMb: number
  /** from the first POST until every task is RUNNING */
  tasksSeconds: number
  tasksCpuSeconds: number
  tasksRssMb: number
}

export const FOOTPRINT_ROWS: readonly [keyof Footprint, string, number][] = [
  ['startSeconds', 'start to REST ready, s', 2],
  ['startCpuSeconds', 'the same, CPU s', 2],
  ['idleRssMb', 'idle RSS, MB', 0],
  ['tasksSeconds', 'idle tasks, until all RUNNING, s', 1],
  ['tasksCpuSeconds', 'the same, CPU s', 1],
  ['tasksRssMb', 'RSS with idle tasks, MB', 0],
]

export interface FootprintRun {
  readonly rounds: number
  readonly tasks: number
  readonly java: Readonly<Record<keyof Footprint, Spread>>
  readonly sluice: Readonly<Record<keyof Footprint, Spread>>
}
