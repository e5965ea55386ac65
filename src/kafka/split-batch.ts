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
    const { timestamps } = records.index
    for (let i = from; i < end; i++)
      builder.append(timestamps[i] ?? 0, readKey(records, i), readValue(records, i), readHeaders(records, i))
    made.bytes = builder.bytes
    shareAcks(batch, from, end, made)
    made.attempts = batch.attempts
    made.identity = batch.identity
    made.baseSequence = batch.baseSequence < 0 ? -1 : (batch.baseSequence + from) % 2 ** 31
    return made
  }
  return [half(0, middle, 0), half(middle, batch.count, 0.5)]
}

/** Who is told of the records `from` to `end`: a run that the border cuts is told twice, of its part each time. */
function shareAcks(
  { acks: { onAcks, counts, timestamps } }: ProducerBatch,
  from: number,
  end: number,
  target: ProducerBatch,
): void {
  for (let i = 0, before = 0; i < onAcks.length && before < end; i++) {
    const after = before + (counts[i] ?? 0)
    const count = Math.min(after, end) - Math.max(before, from)
    const onAck = onAcks[i]
    if (count > 0 && onAck !== undefined) target.add(onAck, count, timestamps[i] ?? -1)
    before = after
  }
}
