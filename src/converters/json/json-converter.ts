// JsonConverter, as converter and as header converter: with schemas in an envelope (schemas.enable, the default) or plain JSON.
// One instance a task and role (key, value, header); task threads.
// Java: org.apache.kafka.connect.json.JsonConverter.

import type { Props } from '../../api/connector.ts'
import type { ColumnReader, Converter, HeaderConverter } from '../../api/converter.ts'
import type { Plugin } from '../../api/plugin.ts'
import { DataError } from '../../base/errors.ts'
import { type Headers, NO_HEADERS } from '../../data/headers.ts'
import { parseDocument } from '../../data/json-document.ts'
import { type ParsedDocument, parseExact, type RootMember } from '../../data/json-parser.ts'
import { NULL_SCHEMA_AND_VALUE, type Schema, type SchemaAndValue } from '../../data/schema.ts'
import { SchemaInterner } from '../../data/schema-equality.ts'
import { EnvelopeColumns } from './columns/envelope-columns.ts'
import { JsonColumns } from './columns/json-columns.ts'
import { EnvelopeCache } from './envelope-cache.ts'
import { type JsonOptions, jsonConfig, jsonOptions } from './json-options.ts'
import { parseData, parseFast, parseMember } from './json-text.ts'
import { MISSING, type ReadOptions, readJson } from './reader.ts'
import { readSchema, writeSchema } from './schema-json.ts'
import { ShapeReader } from './shape-reader.ts'
import { writeDocument } from './writer.ts'

const NO_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
  'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.'

const NO_SCHEMA_HEAD = '{"schema":null,"payload":'

/** Of all heads kept, in UTF-16 units: a schema can be as large as a message. */
const HEADS_LENGTH_MAX = 16 << 20

export class JsonConverter implements Converter, HeaderConverter {
  #options: JsonOptions
  #loose: ReadOptions
  #exact: ReadOptions
  #envelopes: EnvelopeCache
  #schemas: SchemaInterner
  readonly #shapes = new ShapeReader()
  /** heads of envelopes to write, by schema; least recently added first */
  readonly #heads = new Map<Schema, string>()
  #headsLength = 0

  constructor() {
    this.#options = jsonOptions({}, false)
    this.#loose = { exact: false, replaceNullWithDefault: true }
    this.#exact = { exact: true, replaceNullWithDefault: true }
    this.#envelopes = new EnvelopeCache(1000)
    this.#schemas = new SchemaInterner(1000)
  }

  configure(props: Props, isKey?: boolean): void {
    const options = jsonOptions(props, isKey)
    const { replaceNullWithDefault, schemasCacheSize } = options
    this.#options = options
    this.#loose = { exact: false, replaceNullWithDefault }
    this.#exact = { exact: true, replaceNullWithDefault }
    this.#envelopes = new EnvelopeCache(schemasCacheSize)
    this.#schemas = new SchemaInterner(schemasCacheSize)
    this.#heads.clear()
    this.#headsLength = 0
  }

  toConnectData(topic: string, bytes: Buffer | null, headers: Headers): SchemaAndValue {
    return bytes === null ? NULL_SCHEMA_AND_VALUE : this.toConnectDataAt(topic, bytes, 0, bytes.length, headers)
  }

  toConnectDataAt(_topic: string, buffer: Buffer, start: number, end: number, _headers: Headers): SchemaAndValue {
    const { schemasEnable, schemaContent } = this.#options
    if (schemasEnable && schemaContent !== null) return this.#readPayload(schemaContent, buffer, start, end)
    if (schemasEnable) return this.#readEnvelope(buffer, start, end)
    try {
      return { schema: null, value: parseData(this.#shapes, buffer, start, end) }
    } catch (error) {
      throw notJson(error)
    }
  }

  columns(): ColumnReader | null {
    const { schemasEnable, schemaContent } = this.#options
    if (!schemasEnable) return new JsonColumns()
    return schemaContent === null ? new EnvelopeColumns(this.#envelopes) : null
  }

  #readEnvelope(buffer: Buffer, start: number, end: number): SchemaAndValue {
    const envelope = this.#envelopes.find(buffer, start, end)
    if (envelope === undefined) return this.#readWholeEnvelope(buffer, start, end)
    // One JSON value between a known head and tail: the whole is what was cached but for that value.
    const { schema } = envelope
    const from = start + envelope.head.length
    const to = end - envelope.tail.length
    try {
      const json = parseFast(this.#shapes, buffer, from, to)
      return { schema, value: schema === null ? json : readJson(schema, json, this.#loose) }
    } catch (error) {
      if (isFinal(error)) throw error
    }
    let json: unknown
    try {
      json = parseMember(buffer, from, to, schema === null ? 'data' : 'tree')
    } catch {
      return this.#readWholeEnvelope(buffer, start, end)
    }
    return { schema, value: schema === null ? json : readJson(schema, json, this.#exact) }
  }

  #readWholeEnvelope(buffer: Buffer, start: number, end: number): SchemaAndValue {
    const { text, document } = parseWhole(buffer, start, end)
    const root = document.value
    if (typeof root !== 'object' || root === null || Array.isArray(root)) throw new DataError(NO_ENVELOPE)
    const envelope = root as Record<string, unknown>
    const keys = Object.keys(envelope)
    if (keys.length !== 2 || !Object.hasOwn(envelope, 'schema') || !Object.hasOwn(envelope, 'payload')) {
      throw new DataError(NO_ENVELOPE)
    }
    const read = readSchema(envelope.schema, this.#options.replaceNullWithDefault)
    const schemaText = memberOf(document, 'schema')
    const payload = memberOf(document, 'payload')
    const schema = read === null ? null : this.#schemas.intern(read, schemaText.end - schemaText.start)
    // Cached where the bytes are the text (no mark, UTF-8), each key stands once and nothing follows the envelope but space.
    if (document.members.length === 2 && Buffer.byteLength(text) === end - start && text.slice(document.end).trim() === '') {
      const payloadStart = start + Buffer.byteLength(text.slice(0, payload.start))
      const payloadEnd = end - Buffer.byteLength(text.slice(payload.end))
      this.#envelopes.add(buffer, start, end, payloadStart, payloadEnd, schema)
    }
    // without a schema, numbers are read as data, not as the tree they were parsed to
    if (schema === null) return { schema, value: parseExact(text.slice(payload.start, payload.end), 'data', 1).value }
    return { schema, value: readJson(schema, envelope.payload, this.#exact) }
  }

  /** The payload alone, where schema.content is configured. */
  #readPayload(schema: Schema, buffer: Buffer, start: number, end: number): SchemaAndValue {
    try {
      return { schema, value: readJson(schema, parseFast(this.#shapes, buffer, start, end), this.#loose) }
    } catch (error) {
      if (isFinal(error)) throw error
      const { value = MISSING } = parseWhole(buffer, start, end).document
      return { schema, value: readJson(schema, value, this.#exact) }
    }
  }

  fromConnectData(topic: string, schema: Schema | null, value: unknown, _headers: Headers): Buffer | null {
    const text = this.textFromConnectData(topic, schema, value)
    return text === null ? null : Buffer.from(text)
  }

  textFromConnectData(_topic: string, schema: Schema | null, value: unknown): string | null {
    if (schema === null && (value === null || value === undefined)) return null
    const json = writeDocument(schema, value, this.#options)
    if (!this.#options.schemasEnable) return json
    return `${schema === null ? NO_SCHEMA_HEAD : this.#headOf(schema)}${json}}`
  }

  #headOf(schema: Schema): string {
    const known = this.#heads.get(schema)
    if (known !== undefined) return known
    const head = `{"schema":${writeSchema(schema, this.#options)},"payload":`
    this.#heads.set(schema, head)
    this.#headsLength += head.length
    while (this.#heads.size > this.#options.schemasCacheSize || this.#headsLength > HEADS_LENGTH_MAX) this.#dropOldestHead()
    return head
  }

  #dropOldestHead(): void {
    for (const [schema, head] of this.#heads) {
      this.#heads.delete(schema)
      this.#headsLength -= head.length
      return
    }
  }

  toConnectHeader(topic: string, _key: string, bytes: Buffer | null): SchemaAndValue {
    return bytes === null ? NULL_SCHEMA_AND_VALUE : this.toConnectDataAt(topic, bytes, 0, bytes.length, NO_HEADERS)
  }

  fromConnectHeader(topic: string, _key: string, schema: Schema | null, value: unknown): Buffer | null {
    return this.fromConnectData(topic, schema, value, NO_HEADERS)
  }
}

/** Of keys that stand twice the last counts, as in Java. */
function memberOf(document: ParsedDocument, key: string): RootMember {
  const member = document.members.findLast(one => one.key === key)
  if (member === undefined) throw new DataError(NO_ENVELOPE)
  return member
}

/** Whether an error of the fast way is what the exact way would say too: all but broken syntax and lost digits. */
function isFinal(error: unknown): boolean {
  return error instanceof DataError && error.code !== 'CONNECT_JSON_SYNTAX'
}

function parseWhole(buffer: Buffer, start: number, end: number): { text: string; document: ParsedDocument } {
  try {
    return parseDocument(buffer, start, end, 'tree')
  } catch (error) {
    throw notJson(error)
  }
}

function notJson(cause: unknown): DataError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DataError(`Converting byte[] to Kafka Connect data failed due to serialization error: ${why}`, { cause })
}

const CLASS_NAME = 'org.apache.kafka.connect.json.JsonConverter'
const VERSION = '4.3.0'

export const plugins: readonly Plugin[] = [
  {
    kind: 'converter',
    className: CLASS_NAME,
    aliases: ['JsonConverter', 'Json'],
    version: VERSION,
    config: jsonConfig,
    create: () => new JsonConverter(),
  },
  {
    kind: 'header_converter',
    className: CLASS_NAME,
    aliases: ['JsonConverter', 'Json'],
    version: VERSION,
    config: jsonConfig,
    create: () => new JsonConverter(),
  },
]
