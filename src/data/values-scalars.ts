// Single values of Values.parseString: numbers with the smallest schema that holds them, and dates, which are tried first and by
// length, as Java does. Task threads.
import { Decimal, int64 } from './decimal.ts'
import { nearestFloat } from './java-number.ts'
import { dateSchema, decimalSchema, MS_PER_DAY, timeSchema, timestampSchema } from './logical.ts'
import { FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, type SchemaAndValue } from './schema.ts'

const DATE = dateSchema()
const TIME = timeSchema()
const TIMESTAMP = timestampSchema()

const INT64_MAX = 2n ** 63n - 1n

export function parseNumber(text: string): SchemaAndValue | undefined {
  const exact = Decimal.parse(text)
  if (exact === undefined) return undefined
  const whole = wholeNumber(exact)
  if (whole !== undefined) return smallestInteger(whole)
  if (exact.scale !== 0) {
    const float = nearestFloat(exact)
    if (Number.isFinite(float)) return { schema: FLOAT32, value: float }
    const double = exact.toNumber()
    if (Number.isFinite(double)) return { schema: FLOAT64, value: double }
  }
  return { schema: decimalSchema(exact.scale), value: exact }
}

/** As an int64, if it is one. */
function wholeNumber(exact: Decimal): bigint | undefined {
  if (exact.unscaled === 0n) return 0n
  if (exact.scale < -19) return undefined
  // A number of d digits is a multiple of 10^scale only for scales below d.
  if (exact.scale > exact.unscaled.toString().length) return undefined
  const whole = exact.withScale(0)?.unscaled
  return whole !== undefined && whole <= INT64_MAX && whole >= -INT64_MAX - 1n ? whole : undefined
}

function smallestInteger(whole: bigint): SchemaAndValue {
  const value = int64(whole)
  if (typeof value === 'bigint') return { schema: INT64, value }
  if ((value << 24) >> 24 === value) return { schema: INT8, value }
  if ((value << 16) >> 16 === value) return { schema: INT16, value }
  return { schema: (value | 0) === value ? INT32 : INT64, value }
}

/**
 * Text of 10, 13 or 24 characters as Date, Time or Timestamp, with the leniency of SimpleDateFormat: more or fewer digits, days and
 * hours that roll over, anything after the pattern.
 */
export function parseTemporal(given: string): SchemaAndValue | undefined {
  const text = given.replaceAll('\\:', ':')
  if (text.length === 10) {
    const m = /^[ \t]*(\d+)-[ \t]*(\d+)-[ \t]*(\d+)/.exec(text)
    return m === null ? undefined : { schema: DATE, value: dateOf(m, 1, 0) }
  }
  if (text.length === 13) {
    const m = /^[ \t]*(\d+):[ \t]*(\d+):[ \t]*(\d+)\.[ \t]*(\d+)Z/.exec(text)
    return m === null ? undefined : { schema: TIME, value: new Date(timeOf(m, 1)) }
  }
  if (text.length === 24) {
    const m = /^[ \t]*(\d+)-[ \t]*(\d+)-[ \t]*(\d+)T[ \t]*(\d+):[ \t]*(\d+):[ \t]*(\d+)\.[ \t]*(\d+)Z/.exec(text)
    return m === null ? undefined : { schema: TIMESTAMP, value: dateOf(m, 1, timeOf(m, 4)) }
  }
  return undefined
}

function timeOf(m: RegExpExecArray, at: number): number {
  const part = (i: number): number => Number(m[at + i])
  return ((part(0) * 60 + part(1)) * 60 + part(2)) * 1000 + part(3)
}

function dateOf(m: RegExpExecArray, at: number, timeMs: number): Date {
  return new Date(javaEpochDay(Number(m[at]), Number(m[at + 1]), Number(m[at + 2])) * MS_PER_DAY + timeMs)
}

/** 1582-10-15, from when on Java's default calendar is the Gregorian one; before, it is the Julian. */
const GREGORIAN_START = -141_427

function javaEpochDay(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1
  const y = Math.floor(months / 12)
  const first = new Date(0)
  first.setUTCFullYear(y, months - y * 12, 1)
  const gregorian = first.getTime() / MS_PER_DAY + day - 1
  if (gregorian >= GREGORIAN_START) return gregorian
  // The Julian calendar has a leap day in every fourth year; the two agreed in the third century.
  const march = months - y * 12 < 2 ? y - 1 : y
  const behind = Math.floor(march / 100) - Math.floor(march / 400) - 2
  return gregorian + behind
}
