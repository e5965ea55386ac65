// Two answers compared field by field. What cannot be equal is masked, each mask with its reason; everything else that differs is a
// difference, which the step must name.

import { KAFKA_VERSION as JAVA_VERSION } from '../../scripts/kafka/maven.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | null>>
  readonly body: unknown
}

export interface Difference {
  /** as `body.tasks.0.state` */
  readonly field: string
  readonly java: unknown
  readonly ours: unknown
}

interface Mask {
  readonly field: RegExp
  readonly why: string
  /** whether two values count as equal; default: both are of one type */
  readonly same?: (java: unknown, ours: unknown) => boolean
}

const sameType = (a: unknown, b: unknown) => typeof a === typeof b && (a === null) === (b === null)
const bothFilled = (a: unknown, b: unknown) => typeof a === 'string' && typeof b === 'string' && (a === '') === (b === '')

/** What no two workers have in common. */
export const MASKS: readonly Mask[] = [
  { field: /(^|\.)worker_id$/, why: "each worker's address", same: bothFilled },
  { field: /(^|\.)trace$/, why: 'stack traces of two languages', same: bothFilled },
  { field: /(^|\.)version$/, why: 'versions of two programs', same: bothFilled },
  { field: /^body\.commit$/, why: 'commits of two programs', same: bothFilled },
  { field: /(^|\.)last_modified$/, why: 'times', same: sameType },
]

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function same(field: string, java: unknown, ours: unknown): boolean {
  const mask = MASKS.find(one => one.field.test(field))
  return mask === undefined ? java === ours : (mask.same ?? sameType)(java, ours)
}

export function differences(java: unknown, ours: unknown, field: string): Difference[] {
  if (Array.isArray(java) && Array.isArray(ours) && java.length === ours.length)
    return java.flatMap((item, i) => differences(item, ours[i], `${field}.${i}`))
  if (isPlain(java) && isPlain(ours)) {
    const keys = new Set([...Object.keys(java), ...Object.keys(ours)])
    return [...keys].flatMap(key => differences(java[key], ours[key], `${field}.${key}`))
  }
  return same(field, java, ours) ? [] : [{ field, java, ours }]
}

export function compare(java: Answer, ours: Answer): Difference[] {
  return [
    ...differences(java.status, ours.status, 'status'),
    ...differences(java.headers, ours.headers, 'header'),
    ...differences(java.body, ours.body, 'body'),
  ]
}

/** Differences on purpose that many calls have in common, by the id in docs/differences.md. */
export const COMMON: readonly { readonly id: string; fits(difference: Difference): boolean }[] = [
  { id: 'documentation', fits: ({ field }) => /\.documentation$/.test(field) },
  // its root logger is not told of every change
  { id: 'loggers', fits: ({ field, java }) => /^body\.(root\.)?last_modified$/.test(field) && java === null },
  { id: 'plugin-versions', fits: ({ java }) => java === JAVA_VERSION || JSON.stringify(java) === JSON.stringify([JAVA_VERSION]) },
]
