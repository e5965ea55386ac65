// What the system tests are run with, as their table names it. Any thread.
import type { Kind } from '../support/connect-cluster.ts'

/** Values of `connect.protocol`. */
export const PROTOCOLS = ['sessioned', 'compatible', 'eager'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export const OURS: readonly Kind[] = ['sluice', 'sluice', 'sluice']
/** Java's is the first of them. */
export const MIXED: readonly Kind[] = ['java', 'sluice', 'sluice']

/** In words, for names of tests. */
export const groupText = (kinds: readonly Kind[]): string => kinds.map(kind => (kind === 'java' ? 'Java' : 'ours')).join(', ')
