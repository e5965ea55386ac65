// `npm run test:chaos -- [--kills 20] [--records 1000000] [--seed N] [--format parquet|json]`: see kill-worker-run.ts. Exit code 0: nothing
// is missing. Main thread.
import { parseArgs } from 'node:util'
import { runChaos } from './kill-worker-run.ts'

const { values: args } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    records: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    format: { type: 'string', default: 'parquet' },
  },
})
const [kills, records, seed] = [Number(args.kills), Number(args.records), Number(args.seed)]
const format = args.format === 'json' ? 'json' : 'parquet'
console.log(`seed ${seed}: ${kills} kills while ${records} records flow from a file through Kafka to ${format} files`)

const result = await runChaos({ kills, records, seed, format, say: line => console.log(`  ${line}`) })
console.log(`${result.rows} rows in the lake for ${records} ids, after ${result.seconds.toFixed(0)} s`)
console.log(`duplicates: ${result.duplicatesInTopic} written to the topic again, ${result.duplicatesInLake} to the lake again`)
console.log(`missing: ${result.missingCount}, damaged: ${result.damaged}`)
if (result.missingCount > 0 || result.damaged > 0) {
  console.error(
    `FAILED (seed ${seed}); missing ids: ${result.missing.slice(0, 50).join(', ')}${result.missing.length > 50 ? ' ...' : ''}`,
  )
  process.exit(1)
}
console.log('every record is in the lake')
