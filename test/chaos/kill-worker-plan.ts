// Where the chaos run kills the worker: a list of points drawn from a seed, each in one stage of the flow. Main thread.
import { prng } from '../../src/base/prng.ts'

export type Stage = 'start' | 'topic' | 'lake'

export interface KillPoint {
  readonly stage: Stage
  /** start: ms after the process was started; topic, lake: the share of the records still to come that must pass first */
  readonly after: number
  /** then this many ms more, so that a kill is not tied to what we can observe */
  readonly delayMs: number
}

/**
 * `kills` points. A few come while the worker starts; of the rest, half look at the topic (source side) and half at the lake (sink side).
 * Each takes a random part of its fair share of what is left, so that all of them come before the flow ends.
 */
export function plan(seed: number, kills: number): KillPoint[] {
  const random = prng(seed)
  return Array.from({ length: kills }, (_, i) => {
    const draw = random()
    const stage: Stage = draw < 0.15 ? 'start' : draw < 0.55 ? 'topic' : 'lake'
    const left = kills - i
    const after = stage === 'start' ? Math.floor(random() * 2000) : (random() * 1.6) / (left + 1)
    return { stage, after, delayMs: Math.floor(random() * 120) }
  })
}
