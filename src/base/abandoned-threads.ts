// Threads that could not be ended. `terminate()` asks a thread's JavaScript to end: one that a call of the operating system holds never hears, nor does
// a loop that V8 compiled without a look at its interrupts (docs/decisions/0015). The owner goes on without it; a process cannot exit by
// itself while there are any, and is killed where it would (cli/worker-process.ts). Any thread; each has a count of its own.
import type { Clock } from './clock.ts'

/** terminate() takes some ms, on a busy machine more. */
export const TERMINATE_MS = 3_000

export const abandonedThreads = { count: 0 }

/**
 * Settles when the thread is gone, or has been left behind.
 * @param terminating of terminate() or what waits for it; whether it rejects says nothing
 */
export async function endedOrAbandoned(terminating: Promise<unknown>, clock: Pick<Clock, 'after'>): Promise<void> {
  const gone = terminating.then(
    () => true,
    () => true,
  )
  const late = Promise.withResolvers<false>()
  const timer = clock.after(TERMINATE_MS, () => late.resolve(false))
  const isGone = await Promise.race([gone, late.promise])
  timer.cancel()
  if (isGone) return
  abandonedThreads.count++
  void gone.then(() => abandonedThreads.count--)
}
