// AddPartitionsToTxn and EndTxn: what a transactional producer tells its coordinator (KIP-98). Any thread; used by transactions.ts.
//
// AddPartitionsToTxn version 1, not flexible.
// request  => transactional_id(string) producer_id(int64) producer_epoch(int16) [topics]       topics => name(string) [partition(int32)]
// response => throttle_time_ms(int32) [topics]                     topics => name(string) [partition(int32) error_code(int16)]
//
// EndTxn version 1, not flexible.
// request  => transactional_id(string) producer_id(int64) producer_epoch(int16) committed(bool)
// response => throttle_time_ms(int32) error_code(int16)
import type { ProducerIdentity } from '../producer-identity.ts'
import type { Api, TopicPartition } from '../types.ts'
import { byTopic, type PartitionError } from './group-commit.ts'
import { Reader, Writer } from './wire.ts'

export const addPartitionsToTxnApi: Api = { key: 24, version: 1, name: 'AddPartitionsToTxn' }
export const endTxnApi: Api = { key: 26, version: 1, name: 'EndTxn' }

export function encodeAddPartitionsToTxn(
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  partitions: readonly TopicPartition[],
): Buffer {
  return new Writer()
    .string(transactionalId)
    .int64(producerId)
    .int16(epoch)
    .array(byTopic(partitions), (w, [topic, list]) => w.string(topic).array(list, (v, p) => v.int32(p.partition)))
    .finish()
}

export function decodeAddPartitionsToTxn(body: Buffer): PartitionError[] {
  const r = new Reader(body)
  r.int32()
  return r
    .array(() => {
      const topic = r.string()
      return r.array(() => ({ topic, partition: r.int32(), errorCode: r.int16() }))
    })
    .flat()
}

export function encodeEndTxn(transactionalId: string, { producerId, epoch }: ProducerIdentity, isCommitted: boolean): Buffer {
  return new Writer().string(transactionalId).int64(producerId).int16(epoch).boolean(isCommitted).finish()
}

/** The error code. */
export function decodeEndTxn(body: Buffer): number {
  const r = new Reader(body)
  r.int32()
  return r.int16()
}
