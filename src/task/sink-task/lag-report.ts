// Writes how far a sink task is behind: records in the log and not put yet by partition, records put and not committed. Task thread;
// called once a second and before a commit, never per record.
import { LAG_ROWS_MAX, type MetricsSlab } from '../../actor/metrics-slab.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import { noteActive } from '../note-active.ts'
import type { Assignment, Held } from './assignment.ts'

export interface LagReportOptions {
  readonly slab: MetricsSlab
  readonly assignment: Assignment
  /** end of the partition by the last fetch; undefined before the first */
  highWatermark(held: Held): number | undefined
  /** tells which partitions the rows of the slab are from now on */
  onRowsAssigned(generation: number, partitions: readonly TopicPartition[]): void
}

export class LagReport {
  readonly #options: LagReportOptions
  #rows: readonly Held[] = []
  #known: ReadonlySet<Held> = new Set()
  #generation = 0

  constructor(options: LagReportOptions) {
    this.#options = options
  }

  update(): void {
    const { slab, assignment } = this.#options
    const held = assignment.all()
    if (held.length !== this.#rows.length || held.some(one => !this.#known.has(one))) this.#assignRows(held)
    let lagSum = 0
    let lagMax = 0
    let others = 0
    let active = 0
    for (const [i, one] of this.#rows.entries()) {
      active += Math.max((one.delivered ?? 0) - (one.committed ?? one.start ?? one.delivered ?? 0), 0)
      const lag = this.#lagOf(one)
      if (i < LAG_ROWS_MAX) slab.setLag(i, lag)
      if (Number.isNaN(lag)) continue
      if (i >= LAG_ROWS_MAX) others += lag
      lagSum += lag
      lagMax = Math.max(lagMax, lag)
    }
    slab.setLag(LAG_ROWS_MAX, others)
    slab.set('lagTotal', lagSum)
    slab.max('lagMax', lagMax)
    noteActive(slab, active)
  }

  #assignRows(held: readonly Held[]): void {
    this.#rows = [...held].sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    this.#known = new Set(held)
    this.#generation++
    this.#options.slab.set('lagGeneration', this.#generation)
    // One more than there are rows for tells that there are others.
    const told = this.#rows.slice(0, LAG_ROWS_MAX + 1).map(({ topic, partition }) => ({ topic, partition }))
    this.#options.onRowsAssigned(this.#generation, told)
  }

  #lagOf(held: Held): number {
    const end = this.#options.highWatermark(held)
    return end === undefined || held.delivered === null ? Number.NaN : Math.max(end - held.delivered, 0)
  }
}
