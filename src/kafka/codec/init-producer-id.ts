// InitProducerId: a producer id and epoch for idempotent producing (KIP-98). Any thread; used by producer-id.ts.
//
// Version 1, not flexible.
// request  => transactional_id(nullable string) transaction_timeout_ms(int32)
// response => throttle_time_ms(int32) error_code(int16) producer_id(int64) producer_epoch(int16)
import type { Api } from '../types.ts'
import { Reader, Writer } from './wire.ts'

export const initProducerIdApi: Api = { key: 22, version: 1, name: 'InitProducerId' }

export function encodeInitProducerId(transactionalId: string | null, timeoutMs: number): Buffer {
  return new Writer().nullableString(transactionalId).int32(timeoutMs).finish()
}

export function decodeInitProducerId(body: Buffer): { errorCode: number; producerId: number; epoch: number } {
  const r = new Reader(body)
  r.int32()
  return { errorCode: r.int16(), producerId: r.int64(), epoch: r.int16() }
}
