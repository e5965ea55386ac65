// Question: what does a worker cost before it does anything? Start to REST ready, resident memory when idle, and 200 idle tasks in one worker;
// ours and Java's. CPU time stands beside wall time: on a busy machine it is the figure that means something.
// Method and pitfalls: bench/README.md. `npm run bench:footprint -- [--rounds 5] [--connectors 20] [--tasks 10]`
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { javaCommand } from '../../scripts/kafka/java.ts'
import { createTopic } from '../../scripts/kafka/wire.ts'
import { type Contender, type ContenderName, createConnector, METERED, startContender } from '../contender.ts'
import { appendResult, warnWhenBusy } from '../machine.ts'
import { type Bench, openBench } from '../peer/input.ts'
import { STRING } from '../peer/outputs.ts'
import { cpuSecondsOf, rssMbOf } from '../process-cost.ts'
import { until } from '../progress.ts'
import { ratioOf, spread, spreadText } from '../spread.ts'
import { FOOTPRINT_ROWS, type Footprint, type FootprintRun } from './rows.ts'

const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    connectors: { type: 'string', default: '20' },
    tasks: { type: 'string', default: '10' },
  },
})
const [rounds, connectors, tasks] = [Number(args.rounds), Number(args.connectors), Number(args.tasks)]
const IDLE_MS = 5000
const RUNNING_TIMEOUT_MS = 300_000
const NAMES: readonly ContenderName[] = ['java', 'sluice']

interface Status {
  readonly status: { readonly tasks: readonly { readonly state: string }[] }
}

async function runningTasks({ process }: Contender): Promise<number> {
  const { body } = await process.rest<Record<string, Status>>('/connectors?expand=status')
  return Object.values(body).reduce((sum, { status }) => sum + status.tasks.filter(one => one.state === 'RUNNING').length, 0)
}

async function measure(bench: Bench, topic: string, name: ContenderName): Promise<Footprint> {
  const calledMs = performance.now()
  const contender = await startContender(name, bench.bootstrap)
  const { process } = contender
  try {
    const startSeconds = (performance.now() - calledMs) / 1000
    const startCpuSeconds = cpuSecondsOf(process.pid)
    await delay(IDLE_MS)
    const idleRssMb = rssMbOf(process.pid)
    const cpuBefore = cpuSecondsOf(process.pid)
    const firstPostMs = performance.now()
    for (let i = 0; i < connectors; i++)
      await createConnector(process, `idle-${i}`, {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        'tasks.max': String(tasks),
        topics: topic,
        file: `${process.folder}/idle-${i}.out`,
        'key.converter': STRING,
        'value.converter': STRING,
      })
    await until('all tasks RUNNING', async () => (await runningTasks(contender)) === connectors * tasks, RUNNING_TIMEOUT_MS)
    const tasksSeconds = (performance.now() - firstPostMs) / 1000
    const tasksCpuSeconds = cpuSecondsOf(process.pid) - cpuBefore
    await delay(IDLE_MS)
    return { startSeconds, startCpuSeconds, idleRssMb, tasksSeconds, tasksCpuSeconds, tasksRssMb: rssMbOf(process.pid) }
  } finally {
    await process.stop()
  }
}

warnWhenBusy()
const bench = await openBench()
try {
  await javaCommand(METERED) // compiled outside of the clock
  const topic = `idle-${bench.run}`
  await createTopic(bench.connection, topic, { partitions: tasks })
  const found: Record<ContenderName, Footprint[]> = { java: [], sluice: [] }
  for (let round = 1; round <= rounds; round++) {
    for (const name of round % 2 === 1 ? NAMES : NAMES.toReversed()) {
      const one = await measure(bench, topic, name)
      found[name].push(one)
      console.log(
        `  round ${round} ${name.padEnd(7)} ${FOOTPRINT_ROWS.map(([key, label, digits]) => `${label} ${one[key].toFixed(digits)}`).join('; ')}`,
      )
    }
  }
  const spreads = (all: readonly Footprint[]) =>
    Object.fromEntries(FOOTPRINT_ROWS.map(([key]) => [key, spread(all.map(one => one[key]))])) as FootprintRun['java']
  const run: FootprintRun = { rounds, tasks: connectors * tasks, java: spreads(found.java), sluice: spreads(found.sluice) }
  console.log(`\n  ${`${run.tasks} idle tasks`.padEnd(34)}${'Java Connect'.padStart(26)}${'Sluice'.padStart(26)}   Java / Sluice`)
  for (const [key, label, digits] of FOOTPRINT_ROWS) {
    const [java, sluice] = [run.java[key], run.sluice[key]]
    console.log(
      `  ${label.padEnd(34)}${spreadText(java, digits).padStart(26)}${spreadText(sluice, digits).padStart(26)}   ${ratioOf(java, sluice)}`,
    )
  }
  appendResult('footprint', run)
} finally {
  bench.close()
}
