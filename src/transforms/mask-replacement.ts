// MaskField's replacement text as the type of the field it masks. Read once per type; task threads.
import { DataError } from '../base/errors.ts'
import { Decimal, Float64, int64, schemalessDouble } from '../data/decimal.ts'
import { DECIMAL_NAME, type Schema } from '../data/schema.ts'
import { javaClassOf } from '../data/validate-value.ts'

type Target = 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'decimal' | 'double'

const BITS = { int8: 8, int16: 16, int32: 32, int64: 64 } as const

export class MaskReplacement {
  readonly #text: string
  readonly #read = new Map<Target, unknown>()

  constructor(text: string) {
    this.#text = text
  }

  /** @throws DataError where the text is no such number, or the value is neither text nor number */
  for(value: unknown, schema: Schema | null): unknown {
    if (typeof value === 'string') return this.#text
    const target = targetOf(value, schema)
    if (target === null) throw new DataError(`Cannot mask value of type ${javaClassOf(value)} with custom replacement.`)
    const known = this.#read.get(target)
    if (known !== undefined) return known
    const read = readAs(this.#text, target)
    if (read === null) {
      const article = target === 'decimal' ? '' : 'a '
      throw new DataError(`Unable to convert ${this.#text} (class java.lang.String) to ${article}number`)
    }
    this.#read.set(target, read)
    return read
  }
}

function targetOf(value: unknown, schema: Schema | null): Target | null {
  if (value instanceof Decimal || schema?.name === DECIMAL_NAME) return 'decimal'
  if (value instanceof Float64) return 'double'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value !== 'number') return null
  if (schema === null) return Number.isInteger(value) ? 'int64' : 'double'
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return schema.type
  }
  return null
}

/** Java reads a decimal number and narrows it: digits after the point are dropped, what does not fit wraps around. */
function readAs(text: string, target: Target): unknown {
  const decimal = Decimal.parse(text)
  if (decimal === undefined) return null
  switch (target) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return int64(BigInt.asIntN(BITS[target], wholePart(decimal)))
    case 'decimal':
      return decimal
    case 'float32':
      return Math.fround(positiveZero(decimal.toNumber()))
    case 'float64':
      return positiveZero(decimal.toNumber())
    case 'double':
      return schemalessDouble(positiveZero(decimal.toNumber()))
  }
}

/** 10^64 is a multiple of 2^64: beyond it nothing is left in the low bits, and 1E2000000000 need not be written out. */
const wholePart = (decimal: Decimal): bigint => decimal.toInt64()

const positiveZero = (value: number): number => (value === 0 ? 0 : value)
