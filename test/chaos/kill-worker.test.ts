// The short form of `npm run test:chaos`: see kill-worker-run.ts for goal and method.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runChaos } from './kill-worker-run.ts'

for (const format of ['parquet', 'json'] as const) {
  test(`a worker killed at random points between file and lake loses no record (${format})`, async t => {
    const seed = Date.now() % 1_000_000
    t.diagnostic(`seed ${seed}: npm run test:chaos -- --kills 3 --records 60000 --seed ${seed} --format ${format}`)
    const result = await runChaos({ kills: 3, records: 60_000, seed, format, say: line => t.diagnostic(line) })
    t.diagnostic(`duplicates: ${result.duplicatesInTopic} in the topic, ${result.duplicatesInLake} more in the lake`)
    assert.deepEqual(result.missing, [], `seed ${seed}`)
    assert.equal(result.damaged, 0, `seed ${seed}`)
  })
}
