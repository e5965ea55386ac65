// What dies in the chaos run of a cluster, and when: a list drawn from a seed, so that the seed replays it. Main thread.
import { prng } from '../../src/base/prng.ts'

export interface ClusterEvent {
  readonly kind: 'worker' | 'broker'
  /** records flow for so long before it */
  readonly afterMs: number
  /** until it is started again */
  readonly downMs: number
  /** which of the workers: a share of their number, 0 to 1 */
  readonly victim: number
}

/** One restart of the broker for so many kills of workers, and one at least. */
const KILLS_PER_BROKER_RESTART = 8
const AFTER_MS_MIN = 300
const AFTER_MS_SPAN = 9000
const DOWN_MS_SPAN = 4000

/**
 * `kills` SIGKILLs of workers, restarts of the broker among them. Waits are mostly short (a kill while the last one's rebalance is under way, or
 * while the victim starts), some long enough that all is quiet before.
 */
export function clusterPlan(seed: number, kills: number): ClusterEvent[] {
  const random = prng(seed)
  const brokers = Math.max(1, Math.round(kills / KILLS_PER_BROKER_RESTART))
  const kinds: ('worker' | 'broker')[] = Array.from({ length: kills }, () => 'worker' as const)
  for (let i = 0; i < brokers; i++) kinds.splice(Math.floor(random() * (kinds.length + 1)), 0, 'broker')
  return kinds.map(kind => ({
    kind,
    afterMs: AFTER_MS_MIN + Math.floor(random() ** 2 * AFTER_MS_SPAN),
    downMs: Math.floor(random() * DOWN_MS_SPAN),
    victim: random(),
  }))
}
