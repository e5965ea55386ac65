// Question: how does Sluice compare with Java Connect on the same work, broker and machine? Method and pitfalls: bench/README.md.
// `npm run bench:peer -- [--records 1000000] [--rounds 3] [--warmup 200000] [--cases lake,json] [--partitions 1,4] [--size 150,1000]
// [--data generated,flights]`: every case over every input.
import { parseArgs } from 'node:util'
import { KAFKA_VERSION } from '../../scripts/kafka/maven.ts'
import { appendResult, warnWhenBusy } from '../machine.ts'
import { CASES, type Case } from './cases.ts'
import { type Bench, datasetsOf, type Input, makeInput, openBench, removeInput } from './input.ts'
import type { Facts } from './outputs.ts'
import { type CaseResult, figuresOf, type Measured, printCase, ratiosOf } from './table.ts'

const { values: args } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '200000' },
    cases: { type: 'string', default: CASES.map(one => one.name).join(',') },
    partitions: { type: 'string', default: '4' },
    size: { type: 'string', default: '150' },
    data: { type: 'string', default: 'generated' },
  },
})
const [records, rounds, warmup] = [Number(args.records), Number(args.rounds), Number(args.warmup)]
const chosen = args.cases.split(',').map(name => {
  const found = CASES.find(one => one.name === name)
  if (found === undefined) throw new Error(`no case ${name}: there are ${CASES.map(one => one.name).join(', ')}`)
  return found
})
const datasets = datasetsOf(args.data, args.size)
if (!(records > 0 && rounds > 0 && warmup >= 0)) throw new Error('see the first lines of bench/peer/main.ts')

function compare(one: Case, base: Facts, ours: Facts): void {
  const different = (one.equal ?? Object.keys({ ...base, ...ours })).filter(name => String(base[name]) !== String(ours[name]))
  if (different.length === 0) return
  throw new Error(`${one.name}: ${different.join(', ')} differ: ${JSON.stringify(base)} and ${JSON.stringify(ours)}`)
}

async function runCase(bench: Bench, one: Case, input: Input): Promise<CaseResult> {
  const measured: Record<'base' | 'ours', Measured[]> = { base: [], ours: [] }
  for (let round = 1; round <= rounds; round++) {
    const facts: Record<'base' | 'ours', Facts> = { base: {}, ours: {} }
    for (const side of round % 2 === 1 ? (['base', 'ours'] as const) : (['ours', 'base'] as const)) {
      const peer = one[side]
      const name = `${input.topic.measured}-${one.name}-${side}-${round}`
      const result = await peer.measure({ bench, input, name, tasks: 1 })
      measured[side].push(result.measured)
      facts[side] = result.facts
      const { perSecond, cpuPerMillion } = result.measured
      console.log(
        `  round ${round} ${peer.label.padEnd(26)} ${Math.round(perSecond)} records/s, ${cpuPerMillion.toFixed(2)} CPU s a million`,
      )
    }
    compare(one, facts.base, facts.ours)
  }
  const [base, ours] = [figuresOf(measured.base), figuresOf(measured.ours)]
  const { name, title } = one
  const variant = { data: input.dataset.title, partitions: input.partitions }
  const labels = { baseLabel: one.base.label, oursLabel: one.ours.label }
  return { name, title, ...variant, ...labels, base, ours, ratio: ratiosOf(base, ours) }
}

/** What was measured is recorded also when a later case fails. */
async function runInput(bench: Bench, input: Input): Promise<void> {
  const bytes = Math.round(input.bytesPerRecord)
  console.log(`\n== ${input.size.measured} records of ${bytes} bytes (${input.dataset.title}), ${input.partitions} partitions`)
  const cases: CaseResult[] = []
  try {
    for (const one of chosen) {
      console.log(`\n${one.title}`)
      const result = await runCase(bench, one, input)
      printCase(result)
      cases.push(result)
    }
  } finally {
    if (cases.length > 0) appendResult('peer', { records, rounds, warmup, kafka: KAFKA_VERSION, cases })
  }
}

warnWhenBusy()
for (const { title, most } of datasets)
  if (records + warmup > most) throw new Error(`--data ${title}: records and warm-up may be ${most} together`)
const bench = await openBench()
try {
  console.log(`${rounds} rounds, each a fresh process that has done ${warmup} other records of the same case before the measured`)
  console.log(`ones; Java Connect ${KAFKA_VERSION}; broker ${bench.bootstrap}`)
  for (const dataset of datasets) {
    for (const partitions of args.partitions.split(',').map(Number)) {
      const input = await makeInput(bench, dataset, partitions, { measured: records, warmup })
      await runInput(bench, input)
      await removeInput(bench, input)
    }
  }
} finally {
  bench.close()
}
