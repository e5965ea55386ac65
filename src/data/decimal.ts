// An exact decimal: unscaled * 10^-scale, as java.math.BigDecimal; and the double that stands for itself. Any thread.
import { DataError } from '../base/errors.ts'
import { asciiDigits } from './java-digits.ts'

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/

export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** Reads `-12.30`, `1.5E+7`: the digits written decide the scale. Undefined where the text is no decimal number. */
  static parse(text: string): Decimal | undefined {
    const match = DECIMAL.exec(text) ?? DECIMAL.exec(asciiDigits(text))
    if (match === null) return undefined
    const fraction = match[3] ?? ''
    const digits = (match[2] ?? '') + fraction
    if (digits === '') return undefined
    const exponent = Number(match[4] ?? 0)
    const scale = fraction.length - exponent
    if (!isInt32(exponent) || !isInt32(scale)) return undefined
    const unscaled = BigInt(digits)
    return new Decimal(match[1] === '-' ? -unscaled : unscaled, scale)
  }

  /** Of Connect's Decimal type: big-endian two's complement of the unscaled value. No bytes: zero. */
  static fromBytes(bytes: Uint8Array, scale: number): Decimal {
    if (bytes.length === 0) return new Decimal(0n, scale)
    const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
    return new Decimal(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)), scale)
  }

  /** The fewest bytes that hold the unscaled value with its sign, as BigInteger.toByteArray. */
  toBytes(): Buffer {
    const magnitude = this.unscaled < 0n ? -this.unscaled - 1n : this.unscaled
    const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
    const length = Math.floor(bits / 8) + 1
    const hex = BigInt.asUintN(length * 8, this.unscaled).toString(16)
    return Buffer.from(hex.padStart(length * 2, '0'), 'hex')
  }

  /** As BigDecimal.toString: plain while the scale is not negative and the number not below 1E-6, scientific otherwise. */
  toString(): string {
    if (this.scale === 0) return this.unscaled.toString()
    const sign = this.unscaled < 0n ? '-' : ''
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString()
    const exponent = digits.length - 1 - this.scale
    if (this.scale > 0 && exponent >= -6) return this.toPlainString()
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`
    return `${sign}${mantissa}${exponent === 0 ? '' : `E${exponent > 0 ? '+' : ''}${exponent}`}`
  }

  /** Without an exponent. @throws DataError beyond ZEROS_MAX */
  toPlainString(): string {
    const sign = this.unscaled < 0n ? '-' : ''
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString()
    if (this.scale <= 0) return this.unscaled === 0n ? '0' : `${sign}${digits}${'0'.repeat(bounded(-this.scale))}`
    bounded(this.scale - digits.length)
    const padded = digits.padStart(this.scale + 1, '0')
    const point = padded.length - this.scale
    return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString())
  }

  /**
   * The low 64 bits of the integral part, as BigDecimal.longValue. No power of ten is made beyond what they need: `1e999999999` is a
   * few bytes in a record, and would be a number of 400 MB.
   */
  toInt64(): bigint {
    if (this.scale === 0) return BigInt.asIntN(64, this.unscaled)
    // 10^64 is a multiple of 2^64
    if (this.scale <= -64) return 0n
    if (this.scale < 0) return BigInt.asIntN(64, this.unscaled * 10n ** BigInt(-this.scale))
    // more fraction digits than there are digits: nothing is left
    if (this.scale > this.unscaled.toString().length) return 0n
    return BigInt.asIntN(64, this.unscaled / 10n ** BigInt(this.scale))
  }

  /** The same number written at another scale, or undefined where digits would be lost. @throws DataError beyond ZEROS_MAX */
  withScale(scale: number): Decimal | undefined {
    if (scale === this.scale) return this
    if (this.unscaled === 0n) return new Decimal(0n, scale)
    if (scale > this.scale) return new Decimal(this.unscaled * 10n ** BigInt(bounded(scale - this.scale)), scale)
    if (this.scale - scale > this.unscaled.toString().length) return undefined
    const factor = 10n ** BigInt(this.scale - scale)
    return this.unscaled % factor === 0n ? new Decimal(this.unscaled / factor, scale) : undefined
  }

  /** The exact value of a finite double. */
  static ofDouble(value: number): Decimal {
    let scale = 0
    let scaled = value
    // Doubling is exact; 1074 steps at most make any double integral.
    while (!Number.isInteger(scaled)) {
      scaled *= 2
      scale++
    }
    return new Decimal(BigInt(scaled) * 5n ** BigInt(scale), scale)
  }

  /** -1, 0 or 1; scales do not matter. The scales' difference should be small: a power of ten of its size is made. */
  compareTo(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale)
    const a = this.unscaled * 10n ** BigInt(scale - this.scale)
    const b = other.unscaled * 10n ** BigInt(scale - other.scale)
    return a < b ? -1 : a > b ? 1 : 0
  }

  /** Same number at the same scale, as BigDecimal.equals. */
  equals(other: Decimal): boolean {
    return this.scale === other.scale && this.unscaled === other.unscaled
  }
}

const isInt32 = (value: number): boolean => (value | 0) === value

/** Zeros that a decimal may be filled up with: a scale of a billion is a few bytes in a record, its zeros are the whole heap. */
const ZEROS_MAX = 100_000

function bounded(zeros: number): number {
  if (zeros <= ZEROS_MAX) return zeros
  throw new DataError(`a decimal that would be written with ${zeros} zeros; at most ${ZEROS_MAX} are`)
}

/**
 * A double that schemaless data must tell from an integer of the same value: Java keeps 1.0 (Double) and 1 (Long) apart, a JS
 * number cannot. Converters make one only when a double's value is integral (1.0, 1e3, -0.0); every other double is a number.
 */
export class Float64 {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  valueOf(): number {
    return this.value
  }
}

/** A schemaless double as data: Float64 where a plain number would be taken for an integer. */
export function schemalessDouble(value: number): number | Float64 {
  return Number.isInteger(value) ? new Float64(value) : value
}

/** An int64 as data: a number where it is safe, a bigint otherwise (D10). Wraps beyond 64 bits as Java's longValue. */
export function int64(value: bigint): number | bigint {
  if (value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n) return Number(value)
  const wrapped = BigInt.asIntN(64, value)
  return wrapped >= -9_007_199_254_740_991n && wrapped <= 9_007_199_254_740_991n ? Number(wrapped) : wrapped
}
