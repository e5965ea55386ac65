// Question: what does a task more bring? Throughput over tasks.max of a topic of 8 partitions, and the sizing rule that follows:
// tasks.max = min(P, ceil(Rt / Rc)), P partitions, Rt the rate that is wanted, Rc that of one task. Method and pitfalls: bench/README.md.
// `npm run bench:tasks -- [--series parquet,blackhole,file,source,java-file] [--max 8] [--records 4000000] [--rounds 3] [--warmup 200000]
// [--partitions 8] [--size 150] [--quick]`; --quick: half a million records, one round, to see that it runs.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { KAFKA_VERSION } from '../../scripts/kafka/maven.ts'
import { appendResult, provenance, warnWhenBusy } from '../machine.ts'
import { datasetsOf, type Input, makeInput, openBench } from '../peer/input.ts'
import { jsonToFile, jsonToLake } from '../peer/outputs.ts'
import { type Peer, worker } from '../peer/workers.ts'
import { spread } from '../spread.ts'
import { jsonToBlackhole, linesToTopic, ownPlugins } from './own-work.ts'
import { plot } from './plot.ts'
import { type Point, rateOfOne, type Series, type TasksRun, tasksFor, wantedRates } from './series.ts'

const { values: args } = parseArgs({
  options: {
    series: { type: 'string', default: 'parquet,blackhole,file,source,java-file' },
    max: { type: 'string', default: '8' },
    records: { type: 'string' },
    rounds: { type: 'string' },
    warmup: { type: 'string', default: '200000' },
    partitions: { type: 'string', default: '8' },
    size: { type: 'string', default: '150' },
    quick: { type: 'boolean', default: false },
  },
})

const PEERS: Readonly<Record<string, Peer>> = {
  parquet: worker('Sluice, JSON -> Parquet', 'sluice', jsonToLake),
  blackhole: worker('Sluice, JSON -> nothing', 'sluice', jsonToBlackhole, ownPlugins),
  file: worker('Sluice, JSON -> file', 'sluice', jsonToFile),
  source: worker('Sluice, lines -> topic', 'sluice', linesToTopic, ownPlugins),
  'java-file': worker('Java Connect, JSON -> file', 'java', jsonToFile),
}
/** Tasks are threads, each with a JIT of its own: the clock starts when so much is done. */
const RUN_UP = 0.25

const records = Number(args.records ?? (args.quick ? 500_000 : 4_000_000))
const rounds = Number(args.rounds ?? (args.quick ? 1 : 3))
const [partitions, most] = [Number(args.partitions), Number(args.max)]
const chosen = args.series.split(',').map(name => {
  const peer = PEERS[name]
  if (peer === undefined) throw new Error(`no series ${name}: there are ${Object.keys(PEERS).join(', ')}`)
  return peer
})
if (!(records > 0 && rounds > 0 && partitions > 0 && most > 0)) throw new Error('see the first lines of bench/tasks/main.ts')

/** 1, 2, 4 and so on, and the most. */
function tasksTried(): number[] {
  const tried: number[] = []
  for (let tasks = 1; tasks < most; tasks *= 2) tried.push(tasks)
  return [...tried, most]
}

function printSeries({ label, points }: Series): void {
  const ofOne = rateOfOne({ label, points })
  console.log(`\n${label}: Rc = ${(ofOne / 1e6).toFixed(2)} M records/s`)
  for (const { tasks, perSecond, cpuPerMillion } of points) {
    const share = perSecond.median / (tasks * ofOne)
    console.log(
      `  tasks.max ${tasks}: ${(perSecond.median / 1e6).toFixed(2)} M records/s (${(perSecond.min / 1e6).toFixed(2)} to ${(perSecond.max / 1e6).toFixed(2)}), ` +
        `${(share * 100).toFixed(0)} % of ${tasks} Rc; ${cpuPerMillion.median.toFixed(2)} CPU s a million`,
    )
  }
  const rule = wantedRates(ofOne).map(wanted => `${wanted / 1e6} M/s: ${tasksFor(wanted, ofOne, partitions)}`)
  console.log(`  tasks.max for Rt of ${rule.join(', ')}`)
}

async function measureSeries(peer: Peer, input: Input): Promise<Series> {
  const found = new Map<number, { perSecond: number[]; cpuPerMillion: number[] }>(
    tasksTried().map(tasks => [tasks, { perSecond: [], cpuPerMillion: [] }]),
  )
  for (let round = 1; round <= rounds; round++) {
    // there and back: neither few nor many tasks always go first
    const order = round % 2 === 1 ? [...found] : [...found].toReversed()
    for (const [tasks, figures] of order) {
      const name = `${input.topic.measured}-${chosen.indexOf(peer)}-${tasks}-${round}`
      const { measured, facts } = await peer.measure({ bench, input, name, tasks, runUp: RUN_UP })
      if (Number(facts.rows) !== input.size.measured) throw new Error(`${peer.label}: ${facts.rows} rows are out`)
      figures.perSecond.push(measured.perSecond)
      figures.cpuPerMillion.push(measured.cpuPerMillion)
      console.log(`  round ${round} ${peer.label}, tasks.max ${tasks}: ${Math.round(measured.perSecond)} records/s`)
    }
  }
  const points = [...found].map(
    ([tasks, { perSecond, cpuPerMillion }]) =>
      ({ tasks, perSecond: spread(perSecond), cpuPerMillion: spread(cpuPerMillion) }) as Point,
  )
  return { label: peer.label, points }
}

warnWhenBusy()
const bench = await openBench()
try {
  const [dataset] = datasetsOf('generated', args.size)
  if (dataset === undefined) throw new Error('--size: bytes of a record')
  const input = await makeInput(bench, dataset, partitions, { measured: records, warmup: Number(args.warmup) })
  console.log(`${input.size.measured} records of ${dataset.title}, ${partitions} partitions, ${rounds} rounds`)
  const series: Series[] = []
  for (const peer of chosen) series.push(await measureSeries(peer, input))
  for (const one of series) printSeries(one)
  console.log(`\nsizing rule: tasks.max = min(P, ceil(Rt / Rc)), P = ${partitions}, until the cores are used up`)
  const picture = join(tmpdir(), 'sluice-tasks.svg')
  const { cores } = provenance().machine
  writeFileSync(picture, plot(series, { cores, caption: `${partitions} partitions` }))
  console.log(`plot: ${picture}`)
  const run: TasksRun = { partitions, records: input.size.measured, rounds, data: dataset.title, series }
  appendResult('tasks', { ...run, kafka: KAFKA_VERSION })
} finally {
  bench.close()
}
