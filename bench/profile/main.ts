// Question: where does the time of the JSON -> Parquet task go? Method: a worker under Node's CPU profiler does the `lake` work of
// bench:peer; self time of the task's thread by stage, in nanoseconds a record. Pitfalls: bench/README.md.
// `npm run bench:profile -- [--records 2000000] [--partitions 4] [--size 150] [--data generated] [--functions 25] [--keep folder]`
import { cpSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createConnector, deleteConnector, startContender } from '../contender.ts'
import { appendResult, warnWhenBusy } from '../machine.ts'
import { datasetsOf, makeInput, openBench } from '../peer/input.ts'
import { jsonToLake } from '../peer/outputs.ts'
import { cpuSecondsOf } from '../process-cost.ts'
import { follow } from '../progress.ts'
import { type Profile, type ProfileRun, type SelfTimes, selfTimes } from './stages.ts'

const { values: args } = parseArgs({
  options: {
    records: { type: 'string', default: '2000000' },
    partitions: { type: 'string', default: '4' },
    size: { type: 'string', default: '150' },
    data: { type: 'string', default: 'generated' },
    functions: { type: 'string', default: '25' },
    keep: { type: 'string' },
  },
})
const INTERVAL_US = 500

const total = (times: ReadonlyMap<string, number>) => [...times.values()].reduce((sum, ms) => sum + ms, 0)

/** The task's thread is the one that read columns or records. */
function taskTimes(folder: string): SelfTimes {
  const all = globSync('*.cpuprofile', { cwd: folder }).map(file =>
    selfTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile),
  )
  const work = (times: SelfTimes) => (times.stages.get('read columns') ?? 0) + (times.stages.get('encode') ?? 0)
  const [task] = all.toSorted((a, b) => work(b) - work(a))
  if (task === undefined || work(task) === 0) throw new Error(`no profile of a task thread among ${all.length} in ${folder}`)
  return task
}

warnWhenBusy()
const bench = await openBench()
try {
  const [dataset] = datasetsOf(args.data, args.size)
  if (dataset === undefined) throw new Error('--data: generated or flights')
  const records = Number(args.records)
  const input = await makeInput(bench, dataset, Number(args.partitions), { measured: records, warmup: 0 })
  const profiles = join(bench.folder, 'profiles')
  const flags = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${INTERVAL_US}`]
  const contender = await startContender('sluice', bench.bootstrap, {}, flags)
  const connector = `profile-${bench.run}`
  const output = await jsonToLake({ bench, contender, input, part: 'measured', connector, tasks: 1 })
  const cpuBefore = cpuSecondsOf(contender.process.pid)
  await createConnector(contender.process, connector, output.config)
  const timing = await follow(output.progress, input.size.measured, contender.process.running)
  const cpuNs = ((cpuSecondsOf(contender.process.pid) - cpuBefore) * 1e9) / input.size.measured
  await deleteConnector(contender.process, connector)
  await output.facts()
  await contender.process.stop()
  if (args.keep !== undefined) cpSync(profiles, args.keep, { recursive: true })
  const { stages, functions } = taskTimes(profiles)
  const sum = total(stages)
  const nsOf = (ms: number) => Math.round((ms * 1e6) / input.size.measured)
  const rate = Math.round(timing.records / timing.seconds)
  console.log(
    `${input.size.measured} records of ${dataset.title}, ${rate} a second under the profiler; whole process ${Math.round(cpuNs)} CPU ns a record\n`,
  )
  console.log('| stage of the task thread | ns a record | share |\n| --- | --- | --- |')
  const rows = [...stages].toSorted(([, a], [, b]) => b - a)
  for (const [stage, ms] of rows) console.log(`| ${stage} | ${nsOf(ms)} | ${((ms / sum) * 100).toFixed(1)} % |`)
  console.log(`| all | ${nsOf(sum)} | |\n`)
  const hottest = [...functions].toSorted(([, a], [, b]) => b - a).slice(0, Number(args.functions))
  for (const [name, ms] of hottest) console.log(`${String(nsOf(ms)).padStart(6)} ns  ${name}`)
  const run: ProfileRun = {
    records: input.size.measured,
    data: dataset.title,
    partitions: input.partitions,
    program: 'source',
    cpuNs: Math.round(cpuNs),
    stages: rows.map(([stage, ms]) => ({ stage, ns: nsOf(ms) })),
  }
  appendResult('profile', run)
} finally {
  bench.close()
}
