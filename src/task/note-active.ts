// Records on their way through a task, as its runners sample them. Task threads.
import type { MetricsSlab } from '../actor/metrics-slab.ts'

export function noteActive(slab: MetricsSlab, count: number): void {
  slab.set('recordsActive', count)
  slab.add('activeSamples', 1)
  slab.add('activeSum', count)
  slab.max('activeMax', count)
}
