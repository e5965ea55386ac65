// What bench:tasks records, and the sizing rule over it. Used by the bench and by `npm run docs`.
import type { Spread } from '../spread.ts'

export interface Point {
  readonly tasks: number
  readonly perSecond: Spread
  readonly cpuPerMillion: Spread
}

export interface Series {
  readonly label: string
  /** fewest tasks first; the first is one task */
  readonly points: readonly Point[]
}

/** As it is recorded. */
export interface TasksRun {
  readonly partitions: number
  readonly records: number
  readonly rounds: number
  readonly data: string
  readonly series: readonly Series[]
}

/** Rc, records a second. */
export const rateOfOne = ({ points }: Series): number => points[0]?.perSecond.median ?? Number.NaN

/**
 * The sizing rule: tasks.max = min(P, ceil(Rt / Rc)). It takes each task to have a core.
 * @param wanted Rt, records a second
 * @param ofOne Rc, records a second
 */
export const tasksFor = (wanted: number, ofOne: number, partitions: number): number =>
  Math.max(1, Math.min(partitions, Math.ceil(wanted / ofOne)))

const ROUND_RATES = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20].map(millions => millions * 1e6)
const SHOWN = 4

/** Round rates from what one task does easily to what takes several. */
export function wantedRates(ofOne: number): number[] {
  const first = ROUND_RATES.findIndex(rate => rate > ofOne / 2)
  return first < 0 ? [] : ROUND_RATES.slice(first, first + SHOWN)
}
