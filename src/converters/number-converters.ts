// ShortConverter, IntegerConverter, LongConverter, FloatConverter, DoubleConverter: one number in big-endian bytes, as Kafka's
// serializers of these names write it. Each is a header converter too. Task threads.
// Java: org.apache.kafka.connect.converters.{Short,Integer,Long,Float,Double}Converter.
import type { Props } from '../api/connector.ts'
import type { Converter, HeaderConverter } from '../api/converter.ts'
import type { Plugin } from '../api/plugin.ts'
import { DataError } from '../base/errors.ts'
import { defineConfig } from '../config/define.ts'
import { Float64, int64 } from '../data/decimal.ts'
import { floatText } from '../data/java-number.ts'
import { INT64, Schema, type SchemaAndValue, type Type } from '../data/schema.ts'
import { isOfType, JAVA_TYPE_NAME, javaClassOf } from '../data/validate-value.ts'
import { converterType, withConverterType } from './converter-type.ts'

const numberConfig = defineConfig(converterType)

interface NumberForm {
  /** simple name of the class */
  readonly name: string
  readonly type: Type
  readonly size: number
  read(buffer: Buffer, at: number): number | bigint
  write(buffer: Buffer, value: number | bigint): void
  /** Whether a value without schema is one of these: a JS number has no class, so one that fits passes. */
  admits(value: number | bigint | Float64): boolean
}

const isInteger = (bits: 16 | 32) => {
  const shift = 32 - bits
  return (value: unknown): boolean => typeof value === 'number' && (value << shift) >> shift === value
}

/** An integral number without schema is a Long; doubles of integral value are Float64. */
const isDouble = (value: unknown): boolean => value instanceof Float64 || (typeof value === 'number' && !Number.isInteger(value))

/** Doubles that a float holds, and those that stand for a float by having its digits (as Cast makes them without a schema). */
function isFloat(value: number): boolean {
  return Number.isNaN(value) || Math.fround(value) === value || Number(floatText(value)) === value
}

const FORMS: readonly NumberForm[] = [
  {
    name: 'ShortConverter',
    type: 'int16',
    size: 2,
    read: (buffer, at) => buffer.readInt16BE(at),
    write: (buffer, value) => buffer.writeInt16BE(Number(value)),
    admits: isInteger(16),
  },
  {
    name: 'IntegerConverter',
    type: 'int32',
    size: 4,
    read: (buffer, at) => buffer.readInt32BE(at),
    write: (buffer, value) => buffer.writeInt32BE(Number(value)),
    admits: isInteger(32),
  },
  {
    name: 'LongConverter',
    type: 'int64',
    size: 8,
    read: (buffer, at) => int64(buffer.readBigInt64BE(at)),
    write: (buffer, value) => buffer.writeBigInt64BE(BigInt(value)),
    admits: value => isOfType(INT64, value),
  },
  {
    name: 'FloatConverter',
    type: 'float32',
    size: 4,
    read: (buffer, at) => buffer.readFloatBE(at),
    write: (buffer, value) => buffer.writeFloatBE(Number(value)),
    admits: value => isDouble(value) && isFloat(Number(value)),
  },
  {
    name: 'DoubleConverter',
    type: 'float64',
    size: 8,
    read: (buffer, at) => buffer.readDoubleBE(at),
    write: (buffer, value) => buffer.writeDoubleBE(Number(value)),
    admits: value => isDouble(value),
  },
]

export class NumberConverter implements Converter, HeaderConverter {
  readonly #form: NumberForm
  readonly #schema: Schema
  readonly #null: SchemaAndValue

  constructor(form: NumberForm) {
    this.#form = form
    this.#schema = new Schema({ type: form.type, optional: true })
    this.#null = { schema: this.#schema, value: null }
  }

  configure(props: Props, isKey?: boolean): void {
    numberConfig.parse(withConverterType(props, isKey))
  }

  toConnectData(topic: string, bytes: Buffer | null): SchemaAndValue {
    return bytes === null ? this.#null : this.toConnectDataAt(topic, bytes, 0, bytes.length)
  }

  toConnectDataAt(_topic: string, buffer: Buffer, start: number, end: number): SchemaAndValue {
    const { name, type, size, read } = this.#form
    if (end - start !== size) {
      throw new DataError(`${name} reads ${type} values of ${size} bytes, but was given ${end - start} bytes`)
    }
    return { schema: this.#schema, value: read(buffer, start) }
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Buffer | null {
    if (value === null || value === undefined) return null
    const { name, type, size, write } = this.#form
    if (!this.#takes(schema, value)) {
      const found = schema === null ? 'without schema' : `with schema ${JAVA_TYPE_NAME[schema.type]}`
      throw new DataError(`${name} writes ${type} values only, but was given ${javaClassOf(value)} ${found}`)
    }
    const buffer = Buffer.allocUnsafe(size)
    write(buffer, value instanceof Float64 ? value.value : value)
    return buffer
  }

  #takes(schema: Schema | null, value: unknown): value is number | bigint | Float64 {
    if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof Float64)) return false
    if (schema === null) return this.#form.admits(value)
    return schema.type === this.#form.type && isOfType(schema, value)
  }

  toConnectHeader(topic: string, _key: string, bytes: Buffer | null): SchemaAndValue {
    return this.toConnectData(topic, bytes)
  }

  fromConnectHeader(topic: string, _key: string, schema: Schema | null, value: unknown): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}

export const plugins: readonly Plugin[] = FORMS.flatMap(form => {
  const common = {
    className: `org.apache.kafka.connect.converters.${form.name}`,
    aliases: [form.name, form.name.replace('Converter', '')],
    version: '4.3.0',
    config: numberConfig,
    create: () => new NumberConverter(form),
  }
  return [
    { kind: 'converter', ...common },
    { kind: 'header_converter', ...common },
  ]
})
