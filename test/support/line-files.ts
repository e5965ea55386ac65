// Files of numbered lines: what file sources of tests read and file sinks write. Main thread of a test file.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** Whole lines of a file; none where it is not there yet. */
export const linesOf = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])

/** The texts of lines [from, to). */
export const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)

export const append = (path: string, from: number, to: number): void => appendFileSync(path, `${numbered(from, to).join('\n')}\n`)

/** Those of lines [0, to) that the file has not. */
export function missing(path: string, to: number): string[] {
  const there = new Set(linesOf(path))
  return numbered(0, to).filter(line => !there.has(line))
}
