// Question: what does a task more bring? Throughput over tasks.max of a topic of 8 partitions, and the sizing rule that follows:
// tasks.max = min(P, ceil(Rt / Rc)), P partitions, Rt the rate that is wanted, Rc that of one task. Method and pitfalls: bench/README.md.
// `npm run bench:tasks -- [--records 1000000] [--rounds 3] [--warmup 200000] [--tasks 1,2,4,8] [--partitions 8] [--size 150]`
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { KAFKA_VERSION } from '../../scripts/kafka/maven.ts'
import { appendResult, warnWhenBusy } from '../machine.ts'
import { datasetsOf, makeInput, openBench } from '../peer/input.ts'
import { jsonToFile, jsonToLake } from '../peer/outputs.ts'
import { type Peer, worker } from '../peer/workers.ts'
import { type Spread, spread, spreadText } from '../spread.ts'
import { blackholePlugin, jsonToBlackhole } from './blackhole.ts'
import { plot, type Series, type TasksRun } from './plot.ts'

const { values: args } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '200000' },
    tasks: { type: 'string', default: '1,2,4,8' },
    partitions: { type: 'string', default: '8' },
    size: { type: 'string', default: '150' },
  },
})
const [rounds, partitions] = [Number(args.rounds), Number(args.partitions)]
const tasksTried = args.tasks.split(',').map(Number)

const PEERS: readonly Peer[] = [
  worker('Sluice, Parquet', 'sluice', jsonToLake),
  worker('Sluice, blackhole', 'sluice', jsonToBlackhole, blackholePlugin),
  worker('Sluice, file', 'sluice', jsonToFile),
  worker('Java Connect, file', 'java', jsonToFile),
]

const WANTED_MILLIONS = [0.25, 0.5, 1, 2, 4]

/** What one task does, and what the rule asks for at some rates. */
function printRule({ label, points }: Series): void {
  const ofOne = points.find(point => point.tasks === 1)?.perSecond.median
  if (ofOne === undefined) return
  const rule = WANTED_MILLIONS.map(wanted => `${wanted} M/s: ${Math.min(partitions, Math.ceil((wanted * 1e6) / ofOne))}`)
  console.log(`  ${label.padEnd(22)} Rc = ${(ofOne / 1e6).toFixed(3)} M records/s; tasks.max for ${rule.join(', ')}`)
}

warnWhenBusy()
const bench = await openBench()
try {
  const [dataset] = datasetsOf('generated', args.size)
  if (dataset === undefined) throw new Error('--size: bytes of a record')
  const input = await makeInput(bench, dataset, partitions, { measured: Number(args.records), warmup: Number(args.warmup) })
  console.log(
    `${input.size.measured} records of ${dataset.title}, ${partitions} partitions, ${rounds} rounds; JSON, two transforms`,
  )
  const found = new Map<string, number[]>()
  for (let round = 1; round <= rounds; round++) {
    for (const tasks of tasksTried) {
      for (const peer of round % 2 === 1 ? PEERS : PEERS.toReversed()) {
        const name = `${input.topic.measured}-${PEERS.indexOf(peer)}-${tasks}-${round}`
        const { measured, facts } = await peer.measure({ bench, input, name, tasks })
        if (Number(facts.rows) !== input.size.measured) throw new Error(`${peer.label}: ${facts.rows} rows are out`)
        const key = `${peer.label} ${tasks}`
        found.set(key, [...(found.get(key) ?? []), measured.perSecond])
        console.log(
          `  round ${round} ${key.padEnd(24)} ${Math.round(measured.perSecond)} records/s, ${measured.cpuPerMillion.toFixed(2)} CPU s a million`,
        )
      }
    }
  }
  const series = PEERS.map(({ label }) => ({
    label,
    points: tasksTried.map(tasks => ({ tasks, perSecond: spread(found.get(`${label} ${tasks}`) ?? []) as Spread })),
  }))
  console.log(`\n  ${'records/s'.padEnd(22)}${tasksTried.map(tasks => `tasks.max ${tasks}`.padStart(32)).join('')}`)
  for (const { label, points } of series)
    console.log(`  ${label.padEnd(22)}${points.map(point => spreadText(point.perSecond, 0).padStart(32)).join('')}`)
  console.log('\nsizing rule: tasks.max = min(P, ceil(Rt / Rc)), until the cores are used up')
  series.forEach(printRule)
  const picture = join(tmpdir(), 'sluice-tasks.svg')
  writeFileSync(picture, plot(series, `${partitions} partitions`))
  console.log(`plot: ${picture}`)
  const run: TasksRun = { partitions, records: input.size.measured, rounds, series }
  appendResult('tasks', { ...run, kafka: KAFKA_VERSION })
} finally {
  bench.close()
}
