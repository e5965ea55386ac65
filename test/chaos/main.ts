// `npm run test:chaos -- [--kills 20] [--records 1000000] [--seed N] [--format parquet|json]`: one standalone worker (kill-worker-run.ts);
// `npm run test:chaos -- distributed [--kills 20] [--records 400000] [--seed N] [--exactly-once]`: a cluster of three (cluster-run.ts). Exit code 0: nothing
// is missing, and in the cluster every task was soon RUNNING again. Main thread.
import { parseArgs } from 'node:util'
import { clusterPlan } from './cluster-plan.ts'
import { runClusterChaos } from './cluster-run.ts'
import { runChaos } from './kill-worker-run.ts'
import type { Found } from './lines.ts'

/** After the last kill (issue 6). */
const RUNNING_WITHIN_MS = 30_000
const RANGES_SHOWN = 50

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '20' },
    records: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'exactly-once': { type: 'boolean', default: false },
    format: { type: 'string', default: 'parquet' },
  },
})
const isDistributed = positionals[0] === 'distributed'
if (positionals.length > (isDistributed ? 1 : 0)) throw new Error(`unknown: ${positionals.join(' ')}; may be: distributed`)
const exactlyOnce = args['exactly-once']
const [kills, seed] = [Number(args.kills), Number(args.seed)]
const records = Number(args.records ?? (isDistributed ? 400_000 : 1_000_000))
const say = (line: string) => console.log(`  ${line}`)

function judge(problems: readonly string[]): void {
  if (problems.length === 0) return console.log('every record arrived')
  console.error(`FAILED (seed ${seed}); ${problems.join('\n')}`)
  process.exit(1)
}

function problemsOf(what: string, { missing, missingCount, damaged }: Found): string[] {
  console.log(`${what}: missing ${missingCount}, damaged ${damaged}`)
  const more = missing.length > RANGES_SHOWN ? ' ...' : ''
  return [
    ...(missingCount > 0 ? [`missing ids of ${what}: ${missing.slice(0, RANGES_SHOWN).join(', ')}${more}`] : []),
    ...(damaged > 0 ? [`${damaged} damaged rows in ${what}`] : []),
  ]
}

async function standalone(): Promise<void> {
  const format = args.format === 'json' ? 'json' : 'parquet'
  console.log(`seed ${seed}: ${kills} kills while ${records} records flow from a file through Kafka to ${format} files`)
  const result = await runChaos({ kills, records, seed, format, say })
  console.log(`${result.rows} rows in the lake for ${records} ids, after ${result.seconds.toFixed(0)} s`)
  console.log(`duplicates: ${result.duplicatesInTopic} written to the topic again, ${result.duplicatesInLake} to the lake again`)
  judge(problemsOf('the lake', result))
}

async function distributed(): Promise<void> {
  const restarts = clusterPlan(seed, kills).filter(({ kind }) => kind === 'broker').length
  console.log(
    `seed ${seed}: ${kills} kills of three workers and ${restarts} of the broker while ${records} records flow from files through Kafka to a lake and a file`,
  )
  const result = await runClusterChaos({ kills, records, seed, exactlyOnce, say })
  const { lake, file, topicRows, runningAfterMs } = result
  console.log(
    `${topicRows} records in the topic, ${lake.rows} rows in the lake, ${file.rows} in the file (and ${file.torn} torn lines)`,
  )
  console.log(
    `duplicates: ${topicRows - records} written to the topic again, ${lake.rows - topicRows} to the lake, ${file.rows - topicRows} to the file`,
  )
  console.log(
    `every task RUNNING ${(runningAfterMs / 1000).toFixed(1)} s after the last kill; ${result.seconds.toFixed(0)} s in all`,
  )
  const isLate = runningAfterMs > RUNNING_WITHIN_MS
  judge([
    ...problemsOf('the lake', lake),
    ...problemsOf('the file', file),
    ...result.incidents,
    ...(exactlyOnce && topicRows !== records ? [`${topicRows} records in the topic, read committed, for ${records} lines`] : []),
    ...(isLate ? [`tasks RUNNING only ${runningAfterMs} ms after the last kill, limit ${RUNNING_WITHIN_MS}`] : []),
  ])
}

await (isDistributed ? distributed() : standalone())
