// The header of a record batch, format v2. Any thread; read by partition-records.ts, written by record-batch-builder.ts.
//
// batch => base_offset(int64) batch_length(int32: what follows) partition_leader_epoch(int32) magic(int8 = 2) crc(uint32, CRC-32C of
//          what follows) attributes(int16) last_offset_delta(int32) base_timestamp(int64) max_timestamp(int64) producer_id(int64)
//          producer_epoch(int16) base_sequence(int32) records_count(int32) records                             (KIP-98)
// attributes: bits 0-2 compression, 3 timestamp type (1: LogAppendTime), 4 transactional, 5 control, 6 delete horizon (KIP-534).

export const BATCH_LENGTH_AT = 8
/** Before batch_length's count begins. */
export const LOG_OVERHEAD_BYTES = 12
export const LEADER_EPOCH_AT = 12
export const MAGIC_AT = 16
export const CRC_AT = 17
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
export const PRODUCER_EPOCH_AT = 51
export const BASE_SEQUENCE_AT = 53
export const COUNT_AT = 57
export const BATCH_HEADER_BYTES = 61

export const COMPRESSION_MASK = 7
export const LOG_APPEND_TIME = 8
export const TRANSACTIONAL = 16
export const CONTROL = 32
