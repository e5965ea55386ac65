// Text of doubles and floats as Java writes them: Double.toString and Float.toString of JDK 19 and later, which write the shortest
// digits that read back as the same number. (Older JDKs write one digit more for a few per mille of all doubles: 2^-44 as
// 5.6843418860808015E-14 instead of ...802E-14; docs/differences.md.) Hot: JSON and text output of every record. Any thread.
import { Decimal } from './decimal.ts'

/** Double.toString. */
export function doubleText(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-3 && magnitude < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (!Number.isFinite(value)) return String(value)
  const shortest = value.toExponential()
  // Java wants the closest of the one and two digit candidates; only subnormals such as 4.9E-324 have another one.
  if (shortest.indexOf('.') < 0) {
    const two = value.toExponential(1)
    return scientific(Number(two) === value ? two : shortest)
  }
  return scientific(shortest)
}

/** Float.toString of a value that a float can hold; others are rounded to one first. */
export function floatText(given: number): string {
  const value = Math.fround(given)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (!Number.isFinite(value)) return String(value)
  let text = ''
  for (let digits = 1; digits <= 9; digits++) {
    text = value.toExponential(digits)
    if (Math.fround(Number(text)) === value) break
  }
  text = evenTie(value, text)
  const magnitude = Math.abs(value)
  if (magnitude < 1e-3 || magnitude >= 1e7) return scientific(trimmed(text))
  const plain = String(Number(text))
  return plain.indexOf('.') < 0 ? `${plain}.0` : plain
}

/** Halfway between two candidates Java takes the even one, toExponential the larger. */
function evenTie(value: number, text: string): string {
  const e = text.indexOf('e')
  const last = text.charCodeAt(e - 1)
  const finer = value.toExponential(e - text.indexOf('.'))
  const isTie = finer[finer.indexOf('e') - 1] === '5' && Number(finer) === value
  if (!isTie || last % 2 === 0) return text
  const lower = `${text.slice(0, e - 1)}${String.fromCharCode(last - 1)}${text.slice(e)}`
  return Math.fround(Number(lower)) === value ? lower : text
}

/** `1.50e+3` -> `1.5e+3`: without zeros at the end of the digits. */
function trimmed(text: string): string {
  const e = text.indexOf('e')
  let end = e
  while (text[end - 1] === '0' && text[end - 2] !== '.') end--
  return text.slice(0, end) + text.slice(e)
}

/** `1.5e+7` -> `1.5E7`, `1e-4` -> `1.0E-4`. */
function scientific(text: string): string {
  const e = text.indexOf('e')
  const digits = text.slice(0, e)
  const exponent = text[e + 1] === '+' ? text.slice(e + 2) : text.slice(e + 1)
  return `${digits}${digits.indexOf('.') < 0 ? '.0' : ''}E${exponent}`
}

/** The float nearest to a decimal number, rounded once (by way of a double it would be rounded twice). */
export function nearestFloat(exact: Decimal): number {
  const double = exact.toNumber()
  const float = Math.fround(double)
  if (!Number.isFinite(double) || !mayLieMidway(double)) return float
  const side = exact.compareTo(Decimal.ofDouble(double))
  if (side === 0) return float
  BITS.setBigInt64(0, BITS.getBigInt64(0) + BigInt(double > 0 === side > 0 ? 1 : -1))
  return Math.fround(BITS.getFloat64(0))
}

/**
 * Whether a double may lie midway between two floats: only such a one can have been rounded the wrong way before. In the middle of
 * normal floats bit 28 is the last that is set; subnormal ones are further apart.
 */
export function mayLieMidway(double: number): boolean {
  if (Math.fround(double) === double) return false
  BITS.setFloat64(0, double)
  return (BITS.getUint32(4) & 0x0fffffff) === 0
}

const BITS = new DataView(new ArrayBuffer(8))
