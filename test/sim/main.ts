// `npm run test:sim -- --seeds N [--seed S] [--history]`: simulated lives of clusters (storm.ts), from seed S on, 1 unless given. The
// first seed that breaks an invariant is printed with its history and ends the run with exit code 1. Main thread.
import { parseArgs } from 'node:util'
import { simulate } from './storm.ts'

const { values: args } = parseArgs({
  options: { seeds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, history: { type: 'boolean' } },
})
const [first, count] = [Number(args.seed), Number(args.seeds)]
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  console.error('--seed and --seeds take whole numbers')
  process.exit(2)
}
const startedAt = performance.now()
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1)
const events = new Map<string, number>()
for (let seed = first; seed < first + count; seed++) {
  const { faults, history } = await simulate(seed)
  if (faults.length > 0 || args.history) console.log(history.join('\n'))
  if (faults.length > 0) {
    console.error(`seed ${seed}: ${faults.join('\n')}\nonce more: npm run test:sim -- --seeds 1 --seed ${seed}`)
    process.exit(1)
  }
  const done = seed - first + 1
  if (done % 250 === 0 && done < count) console.log(`${done} of ${count} seeds, ${seconds()} s`)
  for (const line of history) {
    const what = / {2}(?:w\d+ )?(.*?)(?: for \d+ ms)?$/.exec(line)?.[1]?.replace(/\b[a-e](-1)?(-\d)?\b|w\d+|\d+/g, '.') ?? ''
    events.set(what, (events.get(what) ?? 0) + 1)
  }
}
const most = [...events].sort(([, a], [, b]) => b - a).slice(0, 25)
console.log(most.map(([what, times]) => `${String(times).padStart(7)}  ${what}`).join('\n'))
console.log(`${count} seeds from ${first}, ${seconds()} s: no invariant broken`)
