// The table of figures in README.md, from the newest complete run in bench/results/peer.ndjson. Called by scripts/docs.ts.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { provenance } from '../bench/machine.ts'
import type { CaseResult, Spread } from '../bench/peer/table.ts'

type PeerRun = ReturnType<typeof provenance> & {
  records: number
  rounds: number
  warmup: number
  kafka: string
  /** absent in the first runs */
  loadAtStart?: number
  cases: CaseResult[]
}

const RESULTS = fileURLToPath(new URL('../bench/results/peer.ndjson', import.meta.url))
const START = '<!-- generated:figures -->'
const END = '<!-- /generated:figures -->'
/** A run with fewer of these is a trial. */
const RECORDS_MIN = 1_000_000
const ROUNDS_MIN = 3
const CASES_MIN = 3
/** Nor does one count that began on a busy machine. */
const LOAD_MAX_PER_CORE = 0.5

function newestRun(): PeerRun | null {
  if (!existsSync(RESULTS)) return null
  const runs = readFileSync(RESULTS, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as PeerRun)
  const isComplete = (run: PeerRun) => run.records >= RECORDS_MIN && run.rounds >= ROUNDS_MIN && run.cases.length >= CASES_MIN
  const wasQuiet = (run: PeerRun) => (run.loadAtStart ?? 0) <= LOAD_MAX_PER_CORE * run.machine.cores
  return runs.findLast(run => isComplete(run) && wasQuiet(run)) ?? null
}

const thousands = (value: number) => Math.round(value).toLocaleString('en-US')
const rate = ({ median, min, max }: Spread) => `${thousands(median)} (${thousands(min)} to ${thousands(max)})`

/** Empty where no complete run is recorded. */
export function figures(): string {
  const run = newestRun()
  if (run === null) return ''
  const rows = run.cases.map(({ title, java, sluice, ratio }) => {
    const cpu = `${java.cpuSeconds.median.toFixed(1)} : ${sluice.cpuSeconds.median.toFixed(1)}`
    const memory = `${Math.round(java.peakRssMb.median)} : ${Math.round(sluice.peakRssMb.median)}`
    const rates = `${rate(java.perSecond)} | ${rate(sluice.perSecond)} | **${ratio.perSecond}**`
    return `| ${title} | ${rates} | ${cpu} (${ratio.cpuSeconds}) | ${memory} (${ratio.peakRssMb}) |`
  })
  const { machine } = run
  return [
    '| case | Java Connect, records/s | Sluice, records/s | ratio | CPU seconds, Java : Sluice | peak RSS MB, Java : Sluice |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Median of ${run.rounds} rounds of ${thousands(run.records)} records (lowest to highest), warm; commit ${run.commit}, Node ${run.node}, ${run.at.slice(0, 10)},`,
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, with broker and bench on the same machine.`,
  ].join('\n')
}

/** The README with the figures between its markers. */
export function withFigures(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start < 0 || end < start) return readme
  const text = figures()
  return `${readme.slice(0, start)}${START}\n${text === '' ? '' : `${text}\n`}${readme.slice(end)}`
}
