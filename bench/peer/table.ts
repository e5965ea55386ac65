// Medians, ranges and ratios of the peer bench, and how they are printed.

export interface Measured {
  perSecond: number
  cpuSeconds: number
  peakRssMb: number
  /** from creating the connector to its first output */
  firstSeconds: number
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

type Figures = { readonly [K in keyof Measured]: Spread }

export interface CaseResult {
  readonly name: string
  readonly title: string
  readonly java: Figures
  readonly sluice: Figures
  /** Sluice's records/s over Java's; Java's CPU and memory over Sluice's: more than 1 is in our favour */
  readonly ratio: { readonly perSecond: number; readonly cpuSeconds: number; readonly peakRssMb: number }
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  const round = (value: number) => Number(value.toPrecision(4))
  return { median: round(median), min: round(sorted[0] ?? 0), max: round(sorted.at(-1) ?? 0) }
}

function figures(measured: readonly Measured[]): Figures {
  const of = (key: keyof Measured) => spread(measured.map(one => one[key]))
  return {
    perSecond: of('perSecond'),
    cpuSeconds: of('cpuSeconds'),
    peakRssMb: of('peakRssMb'),
    firstSeconds: of('firstSeconds'),
  }
}

export function summary(name: string, title: string, java: readonly Measured[], sluice: readonly Measured[]): CaseResult {
  const [a, b] = [figures(java), figures(sluice)]
  const ratio = (x: number, y: number) => Number((x / y).toFixed(2))
  return {
    name,
    title,
    java: a,
    sluice: b,
    ratio: {
      perSecond: ratio(b.perSecond.median, a.perSecond.median),
      cpuSeconds: ratio(a.cpuSeconds.median, b.cpuSeconds.median),
      peakRssMb: ratio(a.peakRssMb.median, b.peakRssMb.median),
    },
  }
}

export function printCase(result: CaseResult): void {
  const cell = ({ median, min, max }: Spread, digits: number) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`.padStart(32)
  const row = (label: string, key: keyof Measured, digits: number, ratio: string) =>
    console.log(`  ${label.padEnd(16)}${cell(result.java[key], digits)}${cell(result.sluice[key], digits)}   ${ratio}`)
  console.log(`  ${'median (range)'.padEnd(16)}${'Java Connect'.padStart(32)}${'Sluice'.padStart(32)}   in favour of Sluice`)
  row('records/s', 'perSecond', 0, `x ${result.ratio.perSecond}`)
  row('CPU seconds', 'cpuSeconds', 2, `x ${result.ratio.cpuSeconds}`)
  row('peak RSS, MB', 'peakRssMb', 0, `x ${result.ratio.peakRssMb}`)
  row('to first, s', 'firstSeconds', 2, '')
}
