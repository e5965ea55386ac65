// Produce: record batches to the leaders of their partitions. Any thread; used by producer-sender.ts.
//
// Version 8, not flexible (9 is).
// request  => transactional_id(nullable string) acks(int16) timeout_ms(int32) [topics]
//   topics => name(string) [partition(int32) records(nullable bytes: one batch)]
// response => [topics] throttle_time_ms(int32)                     no response at all where acks is 0
//   topics => name(string) [partitions]
//   partitions => partition(int32) error_code(int16) base_offset(int64) log_append_time(int64) log_start_offset(int64)
//                 [record_errors] error_message(nullable string)
//   record_errors => batch_index(int32) message(nullable string)                                                  (KIP-467)
import type { Api, TopicPartition } from '../types.ts'
import { byTopic } from './group-commit.ts'
import { Reader, Writer } from './wire.ts'

export const produceApi: Api = { key: 0, version: 8, name: 'Produce' }

export interface PartitionPayload extends TopicPartition {
  /** one finished batch */
  readonly records: Buffer
}

export interface ProducedPartition extends TopicPartition {
  readonly errorCode: number
  readonly baseOffset: number
  /** -1 where the topic keeps the time given by the producer */
  readonly logAppendTime: number
  readonly logStartOffset: number
  readonly recordErrors: readonly { readonly batchIndex: number; readonly message: string | null }[]
  readonly message: string | null
}

/** The request in pieces: the batches are not copied, so they must stay as they are until it is answered. */
export function encodeProduce(
  acks: -1 | 0 | 1,
  timeoutMs: number,
  payloads: readonly PartitionPayload[],
  transactionalId: string | null = null,
): Buffer[] {
  const pieces: Buffer[] = []
  let w = new Writer().nullableString(transactionalId).int16(acks).int32(timeoutMs)
  const topics = byTopic(payloads)
  w.int32(topics.length)
  for (const [topic, list] of topics) {
    w.string(topic).int32(list.length)
    for (const { partition, records } of list) {
      pieces.push(w.int32(partition).int32(records.length).finish(), records)
      w = new Writer()
    }
  }
  if (w.length > 0) pieces.push(w.finish())
  return pieces
}

export function decodeProduce(body: Buffer): ProducedPartition[] {
  const r = new Reader(body)
  return r
    .array(() => {
      const topic = r.string()
      return r.array(() => ({
        topic,
        partition: r.int32(),
        errorCode: r.int16(),
        baseOffset: r.int64(),
        logAppendTime: r.int64(),
        logStartOffset: r.int64(),
        recordErrors: r.array(() => ({ batchIndex: r.int32(), message: r.nullableString() })),
        message: r.nullableString(),
      }))
    })
    .flat()
}
