// Goal: the column reader means what the row path means, on as many documents as the time allows: at least a million a minute (npm run test:fuzz). Method:
// seeds one after the other, each a topic of its own; a difference names its seed and document. In the unit layer it runs for a moment only.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import { compareColumns } from '../support/compare-columns.ts'
import { Documents } from '../support/json-documents.ts'

const BATCH = 250
const BATCHES_A_SEED = 20
const timeMs = Number(process.env.FUZZ_MS ?? 2000)
const firstSeed = Number(process.env.FUZZ_SEED ?? 1000)

test(`documents of any shape mean the same by columns and by rows (${timeMs} ms from seed ${firstSeed})`, t => {
  const end = performance.now() + timeMs
  let documents = 0
  let byColumns = 0
  let seed = firstSeed
  do {
    const source = new Documents(seed)
    const reader = new JsonColumns({ givesUp: false })
    for (let i = 0; i < BATCHES_A_SEED; i++) {
      const compared = compareColumns(reader, source.batch(BATCH, i % 4 === 0 ? 0.2 : 0.01), seed)
      documents += compared.documents
      byColumns += compared.byColumns
    }
    seed++
  } while (performance.now() < end)
  t.diagnostic(
    `${documents} documents of ${seed - firstSeed} seeds, ${Math.round((documents / timeMs) * 60_000)} a minute; ${byColumns} by columns`,
  )
  assert.ok(byColumns > documents * 0.6, `${byColumns} of ${documents} by columns`)
})
