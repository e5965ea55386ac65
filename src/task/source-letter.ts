// A source record as a dead letter. It never had bytes in Kafka, so key and value are written as JSON with their schema, the envelope that
// JsonConverter reads back with schemas.enable=true; a header tells the source partition and offset. Task threads; used by dead-letters.ts.
import type { Converter } from '../api/converter.ts'
import { NO_HEADERS } from '../data/headers.ts'
import type { SourceMap, SourceRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import type { RawHeader } from '../kafka/types.ts'
import type { Chain } from './chain.ts'

export interface Letter {
  /** -1: none */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
  /** what does not fit in Kafka may be cut: the source has the whole record */
  readonly isCuttable: boolean
}

/** Bytes below which nothing is cut any more. */
const CUT_BYTES_MIN = 1_024
const CUT_HEADER = 'cut.from.bytes'

/** @param json JsonConverter with schemas.enable=true */
export function sourceLetter(record: SourceRecord, json: Converter, chain: Chain): Letter {
  const rendered = (schema: Schema | null, value: unknown) => {
    try {
      return json.fromConnectData(record.topic, schema, value, NO_HEADERS)
    } catch {
      // Data that fits no schema may be what made the record fail.
      return Buffer.from(JSON.stringify({ schema: null, payload: plainText(value) }))
    }
  }
  const own = record.headers.entries.map(h => ({
    key: h.key,
    value: headerBytes(chain, record.topic, h) ?? rendered(h.schema, h.value),
  }))
  return {
    timestamp: record.timestamp ?? -1,
    key: rendered(record.keySchema, record.key),
    value: rendered(record.valueSchema, record.value),
    headers: [
      ...own,
      contextHeader('source.partition', mapText(record.sourcePartition)),
      contextHeader('source.offset', mapText(record.sourceOffset)),
    ],
    isCuttable: true,
  }
}

/** Half of the letter's longer part, with a header that tells the whole length; null where it is short already or must stay whole. */
export function shortened(letter: Letter): Letter | null {
  const { key, value, headers, isCuttable } = letter
  const part = (value?.length ?? 0) >= (key?.length ?? 0) ? 'value' : 'key'
  const bytes = letter[part]
  if (!isCuttable || bytes === null || bytes.length < CUT_BYTES_MIN) return null
  const name = `__connect.errors.${part}.${CUT_HEADER}`
  const isMarked = headers.some(h => h.key === name)
  return {
    ...letter,
    [part]: bytes.subarray(0, Math.floor(bytes.length / 2)),
    headers: isMarked ? headers : [...headers, { key: name, value: Buffer.from(String(bytes.length)) }],
  }
}

export function contextHeader(key: string, value: string): RawHeader {
  return { key: `__connect.errors.${key}`, value: Buffer.from(value) }
}

/** In the header converter's form, as the record would have had it; null where that fails or is nothing. */
function headerBytes(chain: Chain, topic: string, header: { key: string; schema: Schema | null; value: unknown }): Buffer | null {
  try {
    return chain.parts.header.converter.fromConnectHeader(topic, header.key, header.schema, header.value)
  } catch {
    return null
  }
}

function mapText(map: SourceMap): string {
  return JSON.stringify(map, (_key, value) => (typeof value === 'bigint' ? value.toString() : value))
}

function plainText(value: unknown): string {
  try {
    return typeof value === 'string' ? value : mapText(value as SourceMap)
  } catch {
    return String(value)
  }
}
