// What the peer bench measures, its medians, ranges and ratios, and how they are printed.
import { PEER_AIMS } from '../aims.ts'
import { ratioOf, type Spread, spread, spreadText } from '../spread.ts'

export interface Measured {
  perSecond: number
  mbPerSecond: number
  /** CPU seconds for a million records */
  cpuPerMillion: number
  /** the same of the server that the output goes to */
  serverCpuPerMillion: number | null
  peakRssMb: number
  /** from creating the connector to its first output */
  firstSeconds: number | null
  putAvgMs: number | null
  /** ours only: Java has no percentiles */
  putP99Ms: number | null
  putMaxMs: number | null
  commitAvgMs: number | null
  commitP99Ms: number | null
  commitMaxMs: number | null
}

export type Figures = { readonly [K in keyof Measured]: Spread | null }

interface Row {
  readonly label: string
  readonly digits: number
  /** 1: more is better, -1: less is, 0: no ratio is taken */
  readonly better: 1 | -1 | 0
}

const ROWS: Readonly<Record<keyof Measured, Row>> = {
  perSecond: { label: 'records/s', digits: 0, better: 1 },
  mbPerSecond: { label: 'MB/s', digits: 1, better: 0 },
  cpuPerMillion: { label: 'CPU s a million', digits: 2, better: -1 },
  serverCpuPerMillion: { label: 'server CPU s', digits: 2, better: 0 },
  peakRssMb: { label: 'peak RSS, MB', digits: 0, better: -1 },
  firstSeconds: { label: 'to first, s', digits: 2, better: 0 },
  putAvgMs: { label: 'put avg, ms', digits: 1, better: 0 },
  putP99Ms: { label: 'put p99, ms', digits: 1, better: 0 },
  putMaxMs: { label: 'put max, ms', digits: 0, better: 0 },
  commitAvgMs: { label: 'commit avg, ms', digits: 1, better: 0 },
  commitP99Ms: { label: 'commit p99, ms', digits: 1, better: 0 },
  commitMaxMs: { label: 'commit max, ms', digits: 0, better: 0 },
}
const KEYS = Object.keys(ROWS) as (keyof Measured)[]

export interface Ratios {
  readonly perSecond: number | null
  readonly cpuPerMillion: number | null
  readonly peakRssMb: number | null
}

export interface CaseResult {
  readonly name: string
  readonly title: string
  readonly data: string
  readonly partitions: number
  readonly baseLabel: string
  readonly oursLabel: string
  readonly base: Figures
  readonly ours: Figures
  /** more than 1 is in our favour, for CPU and memory too */
  readonly ratio: Ratios
}

export function figuresOf(measured: readonly Measured[]): Figures {
  return Object.fromEntries(KEYS.map(key => [key, spread(measured.map(one => one[key]))])) as Figures
}

/** Of medians. */
export function ratiosOf(base: Figures, ours: Figures): Ratios {
  const of = (key: keyof Ratios) => (ROWS[key].better === 1 ? ratioOf(ours[key], base[key]) : ratioOf(base[key], ours[key]))
  return { perSecond: of('perSecond'), cpuPerMillion: of('cpuPerMillion'), peakRssMb: of('peakRssMb') }
}

/** What was aimed at, and whether it is met. */
function aimsText({ name, ours, ratio }: CaseResult): string {
  const { peakRssMbMax, ...ratios } = PEER_AIMS[name] ?? {}
  const verdict = (isMet: boolean) => (isMet ? 'met' : 'NOT met')
  const texts = Object.entries(ratios).map(
    ([key, aim]) => `${ROWS[key as keyof Ratios].label} x ${aim}: ${verdict((ratio[key as keyof Ratios] ?? 0) >= aim)}`,
  )
  if (peakRssMbMax !== undefined)
    texts.push(`peak RSS at most ${peakRssMbMax} MB: ${verdict((ours.peakRssMb?.median ?? Number.NaN) <= peakRssMbMax)}`)
  return texts.join('; ')
}

export function printCase(result: CaseResult): void {
  const { baseLabel, oursLabel, base, ours, ratio } = result
  const line = (label: string, a: string, b: string, last: string) =>
    console.log(`  ${label.padEnd(16)}${a.padStart(32)}${b.padStart(32)}   ${last}`)
  line('median (range)', baseLabel, oursLabel, 'in favour of Sluice')
  for (const key of KEYS) {
    const { label, digits } = ROWS[key]
    if (base[key] === null && ours[key] === null) continue
    const favour = key in ratio ? ratio[key as keyof Ratios] : null
    line(label, spreadText(base[key], digits), spreadText(ours[key], digits), favour === null ? '' : `x ${favour}`)
  }
  const aims = aimsText(result)
  if (aims !== '') console.log(`  aims: ${aims}`)
}
