// Waits between tries. Any thread; pure functions of the try's number and a random source.

/** Exponential back-off with jitter: `initialMs * 2^attempt`, capped, then spread by +-20% (Kafka clients' rule, KIP-580). */
export function exponentialBackoffMs(
  attempt: number,
  initialMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const term = Math.min(initialMs * 2 ** Math.min(attempt, 30), maxMs)
  return Math.min(term * (0.8 + random() * 0.4), maxMs)
}

/** D13: the n-th restart of a failed task (from 1) waits n^2+n times 10 s, at most 60 min; `unitMs` is the 10 s. */
export function quadraticBackoffMs(restart: number, unitMs: number, maxMs: number): number {
  return Math.min((restart * restart + restart) * unitMs, maxMs)
}
