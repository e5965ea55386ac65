// Gives back what the start of a thread took: once, when its code is loaded and no record has come. Task and connector threads.

/** Set by the V8 flag that bin/run.js sets; absent where a test starts a thread by itself. No plugin shall steer the collector. */
const collect = globalThis.gc
globalThis.gc = undefined

/**
 * Loading leaves a heap of half-empty pages that V8 keeps: 12 of 19 MB are in use after the start, and no ordinary collection gives a page
 * back. This one moves everything together. It takes 20 to 40 ms, and drops compiled code: nothing for a thread that is warm.
 */
export function trimHeap(): void {
  collect?.({ type: 'major', flavor: 'last-resort', execution: 'sync' })
}
