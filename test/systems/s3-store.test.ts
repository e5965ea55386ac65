// The S3 store on two servers that have nothing in common, under the store suite.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { storeConformance } from '../conformance/store.ts'
import { bucketSystem, PART_BYTES_MIN } from '../support/s3-buckets.ts'
import { startS3Server } from '../support/s3-server.ts'

for (const kind of ['versitygw', 'moto'] as const) {
  const server = await startS3Server(kind)
  after(() => server.stop())

  storeConformance({ name: kind, partBytes: PART_BYTES_MIN, setUp: () => bucketSystem(server) })

  test(`${kind}: a listing of over 1,000 objects is complete`, async () => {
    const { store } = await bucketSystem(server)
    const owner = { prefix: 'topics/', name: 'events+0+' }
    const pending = Array.from({ length: 1_050 }, (_, i) => `topics/events/n=${i}/events+0+0.json`)
    const lane = async () => {
      for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
        await (await store.begin(key, owner)).complete()
      }
    }
    await Promise.all(Array.from({ length: 16 }, lane))
    const found = new Set<string>()
    for await (const { key } of store.list('topics/')) found.add(key)
    assert.equal(found.size, 1_050)
  })
}
