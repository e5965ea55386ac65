// A source record as a dead letter. It never had bytes in Kafka, so key and value are written as JSON with their schema, the envelope that
// JsonConverter reads back with schemas.enable=true; a header tells the source partition and offset. Task threads; used by dead-letters.ts.
import type { Converter } from '../api/converter.ts'
import { anyJson, anyText } from '../base/any-text.ts'
import { NO_HEADERS } from '../data/headers.ts'
import type { SourceRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import type { RawHeader } from '../kafka/types.ts'
import type { Chain } from './chain.ts'

export interface Letter {
  /** -1: none */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
  /** where it does not fit in Kafka, key and value may be cut: the source has the whole record */
  readonly isCuttable: boolean
}

/** Bytes below which nothing is cut any more. */
const CUT_BYTES_MIN = 1_024
const CUT_HEADER = 'cut.from.bytes'
const PREFIX = '__connect.errors.'
const CUTTABLE_HEADERS: readonly string[] = [`${PREFIX}exception.message`, `${PREFIX}exception.stacktrace`]

/** @param json JsonConverter with schemas.enable=true */
export function sourceLetter(record: SourceRecord, json: Converter, chain: Chain): Letter {
  const rendered = (schema: Schema | null, value: unknown) => {
    try {
      return json.fromConnectData(record.topic, schema, value, NO_HEADERS)
    } catch {
      // Data that fits no schema may be what made the record fail.
      return Buffer.from(JSON.stringify({ schema: null, payload: typeof value === 'string' ? value : anyJson(value) }))
    }
  }
  // Headers that are none may be what made the record fail.
  const own = record.headers.entries
    .filter(h => typeof h === 'object' && h !== null)
    .map(h => ({ key: anyText(h.key), value: headerBytes(chain, record.topic, h) ?? rendered(h.schema, h.value) }))
  return {
    timestamp: record.timestamp ?? -1,
    key: rendered(record.keySchema, record.key),
    value: rendered(record.valueSchema, record.value),
    headers: [
      ...own,
      contextHeader('source.partition', anyJson(record.sourcePartition)),
      contextHeader('source.offset', anyJson(record.sourceOffset)),
    ],
    isCuttable: true,
  }
}

interface CuttablePart {
  readonly name: string
  readonly bytes: Buffer
  cut(letter: Letter, bytes: Buffer): Letter
}

/** Half of the letter's longest part, with a header that tells the whole length; null where all is short already or must stay whole. */
export function shortened(letter: Letter): Letter | null {
  const [longest] = cuttableParts(letter).sort((a, b) => b.bytes.length - a.bytes.length)
  if (longest === undefined || longest.bytes.length < CUT_BYTES_MIN) return null
  const { name, bytes, cut } = longest
  const shorter = cut(letter, bytes.subarray(0, Math.floor(bytes.length / 2)))
  const mark = `${name}.${CUT_HEADER}`
  if (shorter.headers.some(h => h.key === mark)) return shorter
  return { ...shorter, headers: [...shorter.headers, { key: mark, value: Buffer.from(String(bytes.length)) }] }
}

/** What tells of the error of any record; key and value where the source has them whole. */
function cuttableParts({ key, value, headers, isCuttable }: Letter): CuttablePart[] {
  const parts: CuttablePart[] = []
  for (const header of headers) {
    const { key: name, value: bytes } = header
    if (bytes === null || !CUTTABLE_HEADERS.includes(name)) continue
    const cut = (letter: Letter, value: Buffer) => ({
      ...letter,
      headers: letter.headers.map(h => (h === header ? { key: name, value } : h)),
    })
    parts.push({ name, bytes, cut })
  }
  if (!isCuttable) return parts
  if (value !== null) parts.push({ name: `${PREFIX}value`, bytes: value, cut: (letter, bytes) => ({ ...letter, value: bytes }) })
  if (key !== null) parts.push({ name: `${PREFIX}key`, bytes: key, cut: (letter, bytes) => ({ ...letter, key: bytes }) })
  return parts
}

export function contextHeader(key: string, value: unknown): RawHeader {
  return { key: `${PREFIX}${key}`, value: Buffer.from(anyText(value)) }
}

/** In the header converter's form, as the record would have had it; null where that fails or is nothing. */
function headerBytes(chain: Chain, topic: string, header: { key: string; schema: Schema | null; value: unknown }): Buffer | null {
  try {
    return chain.parts.header.converter.fromConnectHeader(topic, header.key, header.schema, header.value)
  } catch {
    return null
  }
}
