// `npm run test:oracle -- [oracle ...] [--seed N] [--records N] [--case K] [--mismatches N]`: what Java and Sluice make of the same random input. Without a
// name all oracles run. A mismatch prints the smallest case that shows it and ends with exit code 1. Main thread.
import { parseArgs } from 'node:util'
import { assignor } from './assignor/oracle.ts'
import { dates } from './dates.ts'
import type { Oracle } from './oracle.ts'
import { regex } from './regex.ts'
import { transforms } from './transforms/oracle.ts'

const ORACLES: readonly Oracle[] = [transforms, regex, dates, assignor]
/** The same one each time, so that a failure is of the change and not of the day; others by `--seed`. */
const SEED_DEFAULT = '1'

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: SEED_DEFAULT },
    records: { type: 'string' },
    case: { type: 'string' },
    mismatches: { type: 'string', default: '1' },
  },
})

function numberOf(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  console.error(`--${name} ${text}: give a whole number`)
  process.exit(2)
}

const unknown = positionals.filter(name => !ORACLES.some(oracle => oracle.name === name))
if (unknown.length > 0) {
  console.error(`no oracle ${unknown.join(', ')}; there are: ${ORACLES.map(oracle => oracle.name).join(', ')}`)
  process.exit(2)
}

const seed = numberOf('seed', args.seed)
const mismatches = numberOf('mismatches', args.mismatches)
const only = args.case === undefined ? null : numberOf('case', args.case)
const faults: string[] = []
for (const oracle of ORACLES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const count = args.records === undefined ? oracle.countDefault : numberOf('records', args.records)
  const startedAt = performance.now()
  console.log(`== ${oracle.name}: ${count} cases ...`)
  const java = await oracle.startJava()
  const report = await oracle.run(java, { seed, count, only, mismatches }).finally(() => java.close())
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log([`== ${oracle.name}: seed ${seed}, ${seconds} s`, ...report.lines].join('\n  '))
  for (const fault of report.faults) console.error(`\nFAILED: ${fault}`)
  faults.push(...report.faults)
}
if (faults.length > 0) process.exit(1)
console.log('Java and Sluice agree')
