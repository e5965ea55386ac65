// Question: how long does work stand still when a worker of a cluster dies or is stopped, and how soon does a changed or new connector run;
// ours and Java's? Method and pitfalls: bench/README.md. `npm run bench:cluster -- [--rounds 3] [--kills 5] [--stops 5] [--puts 10]
// [--posts 5] [--session 10000] [--connectors 6] [--tasks 3] [--sides java,sluice]`; one side alone is not recorded.
import { parseArgs } from 'node:util'
import { KAFKA_VERSION } from '../../scripts/kafka/maven.ts'
import { CLUSTER_AIMS } from '../aims.ts'
import type { ContenderName } from '../contender.ts'
import { appendResult, warnWhenBusy } from '../machine.ts'
import { openBench } from '../peer/input.ts'
import { spreadText } from '../spread.ts'
import { ContenderCluster, type Shape } from './contender-cluster.ts'
import { CLUSTER_ROWS, type ClusterRun, lineResults, type Moved, type Times } from './rows.ts'

const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    kills: { type: 'string', default: '5' },
    stops: { type: 'string', default: '5' },
    puts: { type: 'string', default: '10' },
    posts: { type: 'string', default: '5' },
    session: { type: 'string', default: '10000' },
    connectors: { type: 'string', default: '6' },
    tasks: { type: 'string', default: '3' },
    sides: { type: 'string', default: 'java,sluice' },
  },
})
const WORKERS = 3
const rounds = Number(args.rounds)
const shape: Shape = {
  workers: WORKERS,
  connectors: Number(args.connectors),
  tasks: Number(args.tasks),
  sessionTimeoutMs: Number(args.session),
}
/** In this order: what needs workers that have run for a while goes before what ends them. */
const ACTS = { post: Number(args.posts), put: Number(args.puts), stop: Number(args.stops), kill: Number(args.kills) }
const SIDES: readonly ContenderName[] = ['java', 'sluice']
const sides = SIDES.filter(side => args.sides.split(',').includes(side))

const nothing = (): Times => ({ kill: [], noticed: [], stop: [], put: [], post: [] })

function note(found: Times, act: keyof typeof ACTS, { seconds, noticedSeconds }: Moved): void {
  found[act].push(seconds)
  if (noticedSeconds !== undefined) found.noticed.push(noticedSeconds)
}

async function measure(side: ContenderName, round: number, found: Times): Promise<void> {
  const cluster = await ContenderCluster.start(side, shape, bench, `cluster-${bench.run}-${side}-${round}`)
  try {
    // the first of each loads code
    await cluster.put(0)
    await cluster.post(0)
    for (const [act, times] of Object.entries(ACTS) as [keyof typeof ACTS, number][])
      for (let turn = 0; turn < times; turn++) {
        const moved = await cluster[act](turn)
        note(found, act, moved)
        const noticed = moved.noticedSeconds === undefined ? '' : `, ${moved.noticedSeconds.toFixed(2)} s of it after the session`
        console.log(`  round ${round} ${side.padEnd(6)} ${act} ${turn + 1}/${times}: ${moved.seconds.toFixed(3)} s${noticed}`)
      }
  } catch (error) {
    throw new Error(`${side}, round ${round}: ${(error as Error).message}\n${cluster.logs()}`, { cause: error })
  } finally {
    await cluster.close()
  }
}

warnWhenBusy()
const bench = await openBench()
try {
  const found: Record<ContenderName, Times> = { java: nothing(), sluice: nothing() }
  for (let round = 1; round <= rounds; round++)
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) await measure(side, round, found[side])
  const lines = lineResults(found.java, found.sluice)
  console.log(`\n  ${'seconds'.padEnd(60)}${'Java Connect'.padStart(24)}${'Sluice'.padStart(24)}   Java / Sluice (aim)`)
  for (const { line, java, sluice, ratio } of lines)
    console.log(
      `  ${CLUSTER_ROWS[line].padEnd(60)}${spreadText(java, 2).padStart(24)}${spreadText(sluice, 2).padStart(24)}   ${ratio} (${CLUSTER_AIMS[line]})`,
    )
  const run: ClusterRun = { rounds, ...shape, lines }
  if (sides.length === SIDES.length) appendResult('cluster', { ...run, kafka: KAFKA_VERSION })
} finally {
  bench.close()
}
