// Median and range of what was measured several times, ratios of medians, and how they are printed. Shared by the benches.

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

const round = (value: number) => Number(value.toPrecision(4))

/** Null where a value is missing: a median of some of the rounds would be another figure. */
export function spread(values: readonly (number | null)[]): Spread | null {
  const sorted = values
    .filter(value => value !== null && Number.isFinite(value))
    .toSorted((a, b) => (a ?? 0) - (b ?? 0)) as number[]
  if (sorted.length < values.length || sorted.length === 0) return null
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { median: round(median), min: round(sorted[0] ?? 0), max: round(sorted.at(-1) ?? 0) }
}

export function ratioOf(a: Spread | null, b: Spread | null): number | null {
  return a === null || b === null || b.median === 0 ? null : Number((a.median / b.median).toPrecision(3))
}

export function spreadText(value: Spread | null, digits: number): string {
  if (value === null) return '-'
  return `${value.median.toFixed(digits)} (${value.min.toFixed(digits)} to ${value.max.toFixed(digits)})`
}
