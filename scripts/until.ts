// Waits for a condition by looking again and again; there is no limit of its own, the test file's timeout is the limit, so a slow
// machine makes a test slow, not red. Main thread of tests and benches.
import { setTimeout as delay } from 'node:timers/promises'

/** The first answer of `look` that is neither undefined, null nor false. */
export async function until<T>(look: () => T | Promise<T>, pollMs = 100): Promise<Exclude<T, undefined | null | false>> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found as Exclude<T, undefined | null | false>
    await delay(pollMs)
  }
}
