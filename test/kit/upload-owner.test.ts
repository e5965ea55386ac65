// Goal: a partition's writer ends the unfinished uploads of its own partition only, however names are divided. Method: a store that keeps who
// asked; the names are those that writers of like topics make.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { lakeSinkConfig } from '../../src/connectors/lake-sink/config.ts'
import { writerParts } from '../../src/kit/lake/lake-task.ts'
import { PartitionWriter } from '../../src/kit/lake/partition-writer.ts'
import type { ObjectStore, UploadOwner } from '../../src/kit/object-store/object-store.ts'

async function ownerOf(topic: string, partition: number, keys: Record<string, string>): Promise<UploadOwner> {
  const config = lakeSinkConfig.parse({
    topics: 't',
    'store.url': '/nowhere',
    'flush.size': '1',
    'format.class': 'json',
    ...keys,
  })
  let owner: UploadOwner | undefined
  const store = { discard: async (asking: UploadOwner) => void (owner = asking) } as unknown as ObjectStore
  await new PartitionWriter(topic, partition, writerParts(config, store, systemClock), 0).open()
  assert.ok(owner)
  return owner
}

for (const delimiter of ['+', '-', '_', '.']) {
  test(`file.delim=${delimiter}: partition 1 of t owns its names, not those of the topic t${delimiter}1`, async () => {
    const { owns } = await ownerOf('t', 1, { 'file.delim': delimiter })
    const name = (...parts: (string | number)[]) => `topics/t/partition=0/${parts.join(delimiter)}.json`
    assert.equal(owns?.(name('t', 1, '0000000042')), true)
    assert.equal(owns?.(name('t', 1, 0, '0000000042')), false)
    assert.equal(owns?.(name('x', 't', 1, '0000000042')), false)
    assert.equal(owns?.(name('t', 11, '0000000042')), false)
  })
}

test('directory.delim other than a slash: names are found', async () => {
  const { owns } = await ownerOf('t', 1, { 'directory.delim': '_', 'format.class': 'parquet' })
  assert.equal(owns?.('topics_t_partition=1_t+1+0000000042.snappy.parquet'), true)
  assert.equal(owns?.('topics_t_partition=1_t+2+0000000042.snappy.parquet'), false)
})
