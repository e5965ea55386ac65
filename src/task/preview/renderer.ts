// Connect data as JSON for a preview's reader: exact where it is shown, cut at stated lengths, secrets taken out before anything is cut.
// Preview threads; made once a preview. Nothing here may throw, whatever a plugin put into a record.

import type { Shown, ShownPart, ShownRecord } from '../../actor/preview-messages.ts'
import { Decimal, Float64 } from '../../data/decimal.ts'
import type { ConnectRecord } from '../../data/record.ts'
import type { Schema } from '../../data/schema.ts'
import { Struct } from '../../data/struct.ts'

/** Longer strings are cut; their length is told. */
export const STRING_CHARS_MAX = 1_000
/** Of byte values, before base64. */
export const BYTES_MAX = 750
/** Elements of a list, entries of a map, fields of a struct. */
export const ENTRIES_MAX = 200
export const DEPTH_MAX = 20
/** What one record, as it stands after one step, may take. */
export const SNAPSHOT_BYTES_MAX = 64 * 1024
/** What all records of an answer may take. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024

const CUT = '… (cut)'
const SCHEMA_TYPES: Readonly<Record<string, string>> = { float32: 'float', float64: 'double' }
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what makes bytes no text
const NO_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/

export class Renderer {
  readonly #redact: (text: string) => string
  #answerLeft: number
  #left: number

  constructor(redact: (text: string) => string, answerBytesMax = ANSWER_BYTES_MAX) {
    this.#redact = redact
    this.#answerLeft = answerBytesMax
    this.#left = answerBytesMax
  }

  /** Values are shown no more: the answer is as large as it may be. */
  get isFull(): boolean {
    return this.#answerLeft <= 0
  }

  record(record: ConnectRecord): ShownRecord {
    return this.#snapshot(() => ({
      topic: this.text(record.topic),
      partition: record.kafkaPartition,
      timestamp: record.timestamp,
      key: this.#part(record.keySchema, record.key),
      value: this.#part(record.valueSchema, record.value),
      headers: record.headers.entries
        .slice(0, ENTRIES_MAX)
        .map(h => ({ name: this.text(h.key), ...this.#part(h.schema, h.value) })),
    }))
  }

  /** Anything else of a record: source offsets, targets. */
  any(value: unknown): Shown {
    return this.#snapshot(() => this.#value(value, 0))
  }

  /** Bytes of a topic: as text where they are UTF-8 text, else in base64. */
  raw(bytes: Uint8Array | null): Shown {
    return this.#snapshot(() => {
      if (bytes === null) return null
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
      return NO_TEXT.test(text) ? this.#bytes(bytes) : this.text(text)
    })
  }

  /** Redacted, then cut: the other way round a secret's first half could stay. */
  text(text: string): string {
    const shown = this.#redact(text)
    const cut = shown.length <= STRING_CHARS_MAX ? shown : `${shown.slice(0, STRING_CHARS_MAX)}… (${shown.length} characters)`
    this.#left -= cut.length + 2
    return cut
  }

  #snapshot<T>(render: () => T): T {
    const given = Math.min(SNAPSHOT_BYTES_MAX, this.#answerLeft)
    this.#left = given
    const shown = render()
    this.#answerLeft -= given - this.#left
    return shown
  }

  #part(schema: Schema | null, value: unknown): ShownPart {
    return { schema: this.#schema(schema, 0), value: this.#value(value, 0) }
  }

  #schema(schema: Schema | null | undefined, depth: number): Shown {
    if (schema === null || schema === undefined) return null
    if (depth > DEPTH_MAX || this.#left <= 0) return CUT
    const parts: [string, Shown][] = [['type', SCHEMA_TYPES[schema.type] ?? schema.type]]
    this.#left -= 32
    if (schema.type === 'array') parts.push(['items', this.#schema(schema.valueSchema, depth + 1)])
    if (schema.type === 'map') {
      parts.push(['keys', this.#schema(schema.keySchema, depth + 1)], ['values', this.#schema(schema.valueSchema, depth + 1)])
    }
    if (schema.type === 'struct') {
      const fields = schema.fields.slice(0, ENTRIES_MAX).map(field => {
        const shown = this.#schema(field.schema, depth + 1)
        return typeof shown === 'object' && shown !== null ? { field: this.text(field.name), ...shown } : shown
      })
      parts.push(['fields', schema.fields.length > ENTRIES_MAX ? [...fields, CUT] : fields])
    }
    parts.push(['optional', schema.optional])
    if (schema.name !== null) parts.push(['name', this.text(schema.name)])
    if (schema.version !== null) parts.push(['version', schema.version])
    if (schema.doc !== null) parts.push(['doc', this.text(schema.doc)])
    if (schema.parameters.size > 0) parts.push(['parameters', this.#value(schema.parameters, depth + 1)])
    if (schema.default !== null) parts.push(['default', this.#value(schema.default, depth + 1)])
    return Object.fromEntries(parts)
  }

  #value(value: unknown, depth: number): Shown {
    if (value === null || value === undefined) return null
    if (this.#left <= 0 || depth > DEPTH_MAX) return CUT
    switch (typeof value) {
      case 'string':
        return this.text(value)
      case 'number':
      case 'bigint':
        return this.#number(value)
      case 'boolean':
        this.#left -= 5
        return value
      case 'object':
        try {
          return this.#object(value, depth)
        } catch {
          return '(this value cannot be shown)'
        }
      default:
        return `(a ${typeof value}, which is no Connect value)`
    }
  }

  /** A secret may have become a number on its way. */
  #number(value: number | bigint): Shown {
    const text = String(value)
    this.#left -= text.length
    if (this.#redact(text) !== text) return this.#redact(text)
    return typeof value === 'bigint' || Number.isFinite(value) ? value : text
  }

  #object(value: object, depth: number): Shown {
    if (value instanceof Uint8Array) return this.#bytes(value)
    if (value instanceof Float64) return this.#number(value.value)
    if (value instanceof Decimal) return this.text(value.toString())
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : this.text(value.toISOString())
    if (Array.isArray(value)) return this.#list(value, depth)
    if (value instanceof Struct) {
      return this.#entries(
        value.schema.fields.map((f, i) => [f.name, value.values[i]]),
        depth,
      )
    }
    if (!(value instanceof Map)) return this.#entries(Object.entries(value), depth)
    const entries = [...value].slice(0, ENTRIES_MAX + 1)
    const hasNames = entries.every(([key]) => typeof key === 'string')
    return hasNames ? this.#entries(entries as [string, unknown][], depth) : this.#list(entries, depth)
  }

  #list(list: readonly unknown[], depth: number): Shown {
    const shown = list.slice(0, ENTRIES_MAX).map(item => this.#value(item, depth + 1))
    this.#left -= shown.length + 2
    return list.length > ENTRIES_MAX ? [...shown, `… (${list.length} elements)`] : shown
  }

  #entries(entries: readonly (readonly [string, unknown])[], depth: number): Shown {
    const shown: (readonly [string, Shown])[] = []
    for (const [name, item] of entries.slice(0, ENTRIES_MAX)) {
      if (this.#left <= 0) break
      shown.push([this.text(name), this.#value(item, depth + 1)])
    }
    if (shown.length < entries.length) shown.push(['…', CUT])
    return Object.fromEntries(shown)
  }

  /** Marked, so that nobody takes base64 for the value; bytes that hold a secret as text are shown as that text, redacted. */
  #bytes(bytes: Uint8Array): Shown {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const text = whole.toString('utf8')
    if (this.#redact(text) !== text) return { text: this.text(text), length: bytes.length }
    const base64 = whole.toString('base64', 0, Math.min(bytes.length, BYTES_MAX))
    this.#left -= base64.length + 32
    return bytes.length > BYTES_MAX ? { base64, length: bytes.length, cut: true } : { base64, length: bytes.length }
  }
}
