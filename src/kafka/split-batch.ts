// Halves a batch that the broker found too large. Runs in the producer's thread; called by producer-sender.ts, rarely.
import { assert } from '../base/assert.ts'
import type { Compression } from './codec/compression.ts'
import { PartitionRecords } from './codec/partition-records.ts'
import { readHeaders, readKey, readValue } from './codec/record-batch.ts'
import { RecordBatchBuilder } from './codec/record-batch-builder.ts'
import { ProducerBatch } from './producer-batch.ts'

/** Two batches with the same records, callbacks, age and, together, sequence numbers. The records are read back from the batch's own bytes. */
export function splitBatch(batch: ProducerBatch, compression: Compression): [ProducerBatch, ProducerBatch] {
  const { topic, partition, order, span, createdMs } = batch
  const buffer = batch.builder.build()
  const records = new PartitionRecords({
    topic,
    partition,
    epoch: 0,
    highWatermark: 0,
    buffer,
    fromOffset: 0,
    aborted: null,
  }).next()
  assert(records !== null && records.count === batch.count, 'a batch reads back as it was written')
  const middle = Math.ceil(batch.count / 2)
  const half = (from: number, end: number, at: number): ProducerBatch => {
    const builder = new RecordBatchBuilder({ compression })
    const made = new ProducerBatch(topic, partition, builder, order + at * span, createdMs, span / 2)
    for (let i = from; i < end; i++)
      builder.append(batch.timestamps[i] ?? 0, readKey(records, i), readValue(records, i), readHeaders(records, i))
    made.bytes = builder.bytes
    made.acks = batch.acks.slice(from, end)
    made.timestamps = batch.timestamps.slice(from, end)
    made.attempts = batch.attempts
    made.identity = batch.identity
    made.baseSequence = batch.baseSequence < 0 ? -1 : (batch.baseSequence + from) % 2 ** 31
    return made
  }
  return [half(0, middle, 0), half(middle, batch.count, 0.5)]
}
