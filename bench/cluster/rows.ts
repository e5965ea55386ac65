// What bench:cluster measures and records, and how its rows are called. Used by the bench and by `npm run docs`.
import { ratioOf, type Spread, spread } from '../spread.ts'

/** Seconds; what was not measured is absent. */
export interface Moved {
  /** until the last of the tasks that are meant has written a record */
  readonly seconds: number
  /** of these: after the group's coordinator had noticed */
  readonly noticedSeconds?: number
}

export type Line = 'kill' | 'noticed' | 'stop' | 'put' | 'post'

export const CLUSTER_ROWS: Readonly<Record<Line, string>> = {
  kill: 'SIGKILL of a worker, until all its tasks run elsewhere',
  noticed: 'the same, from when the coordinator misses it',
  stop: 'SIGTERM, until all its tasks run elsewhere',
  put: 'PUT of a changed config, until all its tasks run with it',
  post: 'POST of a connector, until all its tasks run',
}

/** Seconds of each line, in the order they were measured. */
export type Times = Record<Line, number[]>

export interface LineResult {
  readonly line: Line
  /** measurements a side, all rounds together */
  readonly count: number
  /** seconds */
  readonly java: Spread
  readonly sluice: Spread
  /** Java's median over ours */
  readonly ratio: number
}

/** As it is recorded. */
export interface ClusterRun {
  readonly rounds: number
  readonly workers: number
  readonly connectors: number
  /** of each connector */
  readonly tasks: number
  readonly sessionTimeoutMs: number
  readonly lines: readonly LineResult[]
}

/** The lines that both sides have. */
export function lineResults(java: Times, sluice: Times): LineResult[] {
  return (Object.keys(CLUSTER_ROWS) as Line[]).flatMap(line => {
    const [theirs, ours] = [spread(java[line]), spread(sluice[line])]
    const ratio = ratioOf(theirs, ours)
    if (theirs === null || ours === null || ratio === null) return []
    return [{ line, count: sluice[line].length, java: theirs, sluice: ours, ratio }]
  })
}
