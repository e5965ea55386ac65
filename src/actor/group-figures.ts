// Puts what a member of a group counts into a slab: of a sink task's consumer in its thread, of a worker in the group of workers on the main
// thread.
import type { Clock } from '../base/clock.ts'
import type { MetricsSlab } from './metrics-slab.ts'

export function groupFigures(slab: MetricsSlab, clock: Pick<Clock, 'now'>) {
  return {
    heartbeat(tookMs: number) {
      slab.add('heartbeatCount', 1)
      slab.max('heartbeatTimeMsMax', tookMs)
      slab.set('lastHeartbeatMs', clock.now())
    },
    joined(tookMs: number) {
      slab.add('joinCount', 1)
      slab.add('joinTimeMs', tookMs)
      slab.max('joinTimeMsMax', tookMs)
    },
    synced(tookMs: number) {
      slab.add('syncCount', 1)
      slab.add('syncTimeMs', tookMs)
      slab.max('syncTimeMsMax', tookMs)
    },
    rebalanced(tookMs: number) {
      slab.add('rebalanceCount', 1)
      slab.add('rebalanceTimeMs', tookMs)
      slab.max('rebalanceTimeMsMax', tookMs)
      slab.set('lastRebalanceMs', clock.now())
    },
    rebalanceFailed: () => slab.add('rebalanceFailures', 1),
  }
}
