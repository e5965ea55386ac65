// Transforms, predicates and converters of plugin.path with a look at what they return. Types are gone at run time: the Promise of an async
// apply, a text, or nothing at all would go on as a record of nothing, and its offset be committed. A wrong return is a failure of its stage,
// to which errors.tolerance applies, as Java's ClassCastException is there. What is built in needs no look. Task and preview threads; called by plugins.ts.
import type { Converter, HeaderConverter } from '../api/converter.ts'
import type { Predicate, Transformation } from '../api/transformation.ts'
import { wrongReturn, wrongReturnError } from '../base/wrong-return.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { SchemaAndValue } from '../data/schema.ts'

const RECORD = 'a record (record.with(...) makes one), or null to drop it'
const SCHEMA_AND_VALUE = '{ schema, value }; schema is null where there is none'
const BYTES = 'a Buffer, or null'

export function checkedTransform(className: string, transform: Transformation): Transformation {
  const { columns, close } = transform
  return {
    configure: config => configured(className, transform.configure(config)),
    apply<R extends ConnectRecord>(record: R): R | null {
      const returned: unknown = transform.apply(record)
      if (returned === record || returned === null) return returned as R | null
      if (!isRecord(returned)) throw wrongReturn(`${className}.apply`, returned, RECORD)
      return returned as R
    },
    ...(columns === undefined ? {} : { columns: () => columns.call(transform) }),
    ...(close === undefined ? {} : { close: () => close.call(transform) }),
  }
}

export function checkedPredicate(className: string, predicate: Predicate): Predicate {
  const { columns, close } = predicate
  return {
    configure: config => configured(className, predicate.configure(config)),
    test(record) {
      const returned: unknown = predicate.test(record)
      if (typeof returned !== 'boolean') throw wrongReturn(`${className}.test`, returned, 'true or false')
      return returned
    },
    ...(columns === undefined ? {} : { columns: () => columns.call(predicate) }),
    ...(close === undefined ? {} : { close: () => close.call(predicate) }),
  }
}

export function checkedConverter(className: string, converter: Converter): Converter {
  const { toConnectDataAt, textFromConnectData, columns } = converter
  const data = (method: string, returned: unknown) => schemaAndValue(`${className}.${method}`, returned)
  const bytes = (returned: unknown) => bytesOrNull(`${className}.fromConnectData`, returned)
  const textOrBytes = (returned: unknown) =>
    typeof returned === 'string' ? returned : bytesOrNull(`${className}.textFromConnectData`, returned)
  return {
    configure: (config, isKey) => configured(className, converter.configure(config, isKey)),
    toConnectData: (topic, given, headers) => data('toConnectData', converter.toConnectData(topic, given, headers)),
    fromConnectData: (topic, schema, value, headers) => bytes(converter.fromConnectData(topic, schema, value, headers)),
    ...(toConnectDataAt === undefined
      ? {}
      : {
          toConnectDataAt: (topic, buffer, start, end, headers) =>
            data('toConnectDataAt', toConnectDataAt.call(converter, topic, buffer, start, end, headers)),
        }),
    ...(textFromConnectData === undefined
      ? {}
      : {
          textFromConnectData: (topic, schema, value, headers) =>
            textOrBytes(textFromConnectData.call(converter, topic, schema, value, headers)),
        }),
    ...(columns === undefined ? {} : { columns: () => columns.call(converter) }),
    get writesTextAsUtf8() {
      return converter.writesTextAsUtf8 === true
    },
    get neverFails() {
      return converter.neverFails === true
    },
  }
}

export function checkedHeaderConverter(className: string, converter: HeaderConverter): HeaderConverter {
  return {
    configure: config => configured(className, converter.configure(config)),
    toConnectHeader: (topic, key, given) =>
      schemaAndValue(`${className}.toConnectHeader`, converter.toConnectHeader(topic, key, given)),
    fromConnectHeader: (topic, key, schema, value) =>
      bytesOrNull(`${className}.fromConnectHeader`, converter.fromConnectHeader(topic, key, schema, value)),
    get neverFails() {
      return converter.neverFails === true
    },
  }
}

/** Records would come before an async one is done. */
function configured(className: string, returned: unknown): void {
  if (typeof returned === 'object' && returned !== null && 'then' in returned)
    throw wrongReturn(`${className}.configure`, returned, 'nothing')
}

/** By its shape: a plain object with all of a record's fields is one, too. */
export function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { topic, headers } = value as { topic?: unknown; headers?: { entries?: unknown } | null }
  return typeof topic === 'string' && typeof headers === 'object' && headers !== null && Array.isArray(headers.entries)
}

function schemaAndValue(method: string, returned: unknown): SchemaAndValue {
  if (typeof returned === 'object' && returned !== null) {
    const { schema, value } = returned as Partial<SchemaAndValue>
    if (schema !== undefined && value !== undefined) return returned as SchemaAndValue
    const missing = schema === undefined ? 'schema' : 'value'
    if (!('then' in returned) && !Array.isArray(returned))
      throw wrongReturnError(`${method} returned an object without ${missing}: it must return ${SCHEMA_AND_VALUE}`)
  }
  throw wrongReturn(method, returned, SCHEMA_AND_VALUE)
}

function bytesOrNull(method: string, returned: unknown): Buffer | null {
  if (returned === null || Buffer.isBuffer(returned)) return returned
  if (returned instanceof Uint8Array) return Buffer.from(returned.buffer, returned.byteOffset, returned.byteLength)
  throw wrongReturn(method, returned, BYTES)
}
