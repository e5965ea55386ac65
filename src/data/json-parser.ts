// The exact JSON reader: a recursive descent over text with the grammar, leniencies and limits of the Jackson parser that Java
// Connect uses. It is the oracle of the JsonConverter's fast readers and what they fall back to, and the reader of the internal topics:
// numbers keep what a JS number would lose, leading zeros are taken, whatever follows the first value is not looked at, and errors say
// what is wrong and where. Any thread.
import { DataError, toError } from '../base/errors.ts'
import { Decimal, int64, schemalessDouble } from './decimal.ts'

/** Jackson's StreamReadConstraints, defaults. */
export const DEPTH_MAX = 1000
export const NUMBER_LENGTH_MAX = 1000
export const STRING_LENGTH_MAX = 20_000_000
export const NAME_LENGTH_MAX = 50_000

/**
 * What numbers become. 'data': schemaless Connect data (safe integer: number, other integers: bigint wrapped to int64, integral
 * doubles: Float64, other doubles: number). 'plain': the same, but all doubles are numbers. 'tree': exactly what was written
 * (integers: number or unlimited bigint, all others: Decimal), for a schema to decide.
 */
export type NumberMode = 'data' | 'plain' | 'tree'

/** Where a member of the outermost object lies in the text. */
export interface RootMember {
  readonly key: string
  readonly start: number
  readonly end: number
}

export interface ParsedDocument {
  /** undefined: the text holds no value at all */
  readonly value: unknown
  /** where the value ended */
  readonly end: number
  /** members of the outermost object in order, none for other values */
  readonly members: readonly RootMember[]
}

/**
 * @param depth objects and arrays that the text stands in
 * @throws DataError saying what is wrong and at which character
 */
export function parseExact(text: string, mode: NumberMode, depth = 0): ParsedDocument {
  const parser = new Parser(text, mode)
  const value = parser.document(depth)
  return { value, end: parser.position, members: parser.members }
}

const FOUND = ', found '

/** What is wrong and where, without the piece of the text that the error quotes: that may hold a secret. @param error of parseExact */
export function faultWithoutText(error: unknown): string {
  return toError(error).message.split(FOUND, 1)[0] ?? ''
}

const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const BACKSLASH = 0x5c

const isDigit = (c: number): boolean => c >= ZERO && c <= NINE
const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09

class Parser {
  readonly members: RootMember[] = []
  position = 0
  readonly #text: string
  readonly #mode: NumberMode

  constructor(text: string, mode: NumberMode) {
    this.#text = text
    this.#mode = mode
  }

  document(depth: number): unknown {
    this.#skipSpace()
    if (this.position >= this.#text.length) return undefined
    const first = this.#text.charCodeAt(this.position)
    const value = this.#value(depth)
    // A bare number or word must end at a space: `1x` is an error, `1 x` is 1.
    if (first !== QUOTE && first !== 0x5b && first !== 0x7b && this.position < this.#text.length) {
      if (!isSpace(this.#text.charCodeAt(this.position))) {
        if (isDigit(first) || first === MINUS) {
          this.#fail('expected a space between values of the outermost level')
        } else this.#checkWordEnd()
      }
    }
    return value
  }

  #value(depth: number): unknown {
    const c = this.#text.charCodeAt(this.position)
    switch (c) {
      case QUOTE:
        return this.#string(STRING_LENGTH_MAX, 'string')
      case 0x7b:
        return this.#object(depth + 1)
      case 0x5b:
        return this.#array(depth + 1)
      case 0x74:
        return this.#word('true', true)
      case 0x66:
        return this.#word('false', false)
      case 0x6e:
        return this.#word('null', null)
    }
    if (isDigit(c) || c === MINUS) return this.#number()
    return this.#fail(this.position >= this.#text.length ? 'the text ends where a value is expected' : 'expected a value')
  }

  #object(depth: number): Record<string, unknown> {
    this.#checkDepth(depth)
    const result: Record<string, unknown> = {}
    this.position++
    this.#skipSpace()
    if (this.#text.charCodeAt(this.position) === 0x7d) {
      this.position++
      return result
    }
    for (;;) {
      if (this.#text.charCodeAt(this.position) !== QUOTE) this.#fail('expected a field name in double quotes')
      const key = this.#string(NAME_LENGTH_MAX, 'field name')
      this.#skipSpace()
      if (this.#text.charCodeAt(this.position) !== 0x3a) this.#fail("expected ':' after a field name")
      this.position++
      this.#skipSpace()
      const start = this.position
      const value = this.#value(depth)
      if (depth === 1) this.members.push({ key, start, end: this.position })
      if (key === '__proto__') {
        Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true })
      } else result[key] = value
      this.#skipSpace()
      const c = this.#text.charCodeAt(this.position)
      if (c === 0x2c) {
        this.position++
        this.#skipSpace()
      } else if (c === 0x7d) {
        this.position++
        return result
      } else this.#fail("expected ',' or '}' in an object")
    }
  }

  #array(depth: number): unknown[] {
    this.#checkDepth(depth)
    const result: unknown[] = []
    this.position++
    this.#skipSpace()
    if (this.#text.charCodeAt(this.position) === 0x5d) {
      this.position++
      return result
    }
    for (;;) {
      result.push(this.#value(depth))
      this.#skipSpace()
      const c = this.#text.charCodeAt(this.position)
      if (c === 0x2c) {
        this.position++
        this.#skipSpace()
      } else if (c === 0x5d) {
        this.position++
        return result
      } else this.#fail("expected ',' or ']' in an array")
    }
  }

  #string(lengthMax: number, what: string): string {
    const text = this.#text
    let start = ++this.position
    let result = ''
    for (;;) {
      const c = text.charCodeAt(this.position)
      if (c === QUOTE) {
        result += text.slice(start, this.position++)
        if (result.length > lengthMax) this.#fail(`a ${what} longer than ${lengthMax} characters`)
        return result
      }
      if (c === BACKSLASH) {
        result += text.slice(start, this.position) + this.#escape()
        start = this.position
      } else if (c >= 0x20) this.position++
      else if (this.position >= text.length) this.#fail(`the text ends within a ${what}`)
      else this.#fail(`a control character (code ${c}) in a ${what} must be escaped`)
    }
  }

  #escape(): string {
    const c = this.#text[this.position + 1]
    const simple = c === undefined ? undefined : ESCAPES[c]
    if (simple !== undefined) {
      this.position += 2
      return simple
    }
    const hex = this.#text.slice(this.position + 2, this.position + 6)
    if (c !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail('unknown escape in a string')
    this.position += 6
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.position)) this.#fail('expected a value (true, false or null?)')
    this.position += word.length
    this.#checkWordEnd()
    return value
  }

  #checkWordEnd(): void {
    if (/[\p{L}\p{N}_$]/u.test(this.#text[this.position] ?? ' ')) this.#fail('expected the end of true, false or null')
  }

  #number(): unknown {
    const text = this.#text
    const start = this.position
    if (text.charCodeAt(start) === MINUS) this.position++
    if (!isDigit(text.charCodeAt(this.position))) this.#fail("expected a digit after '-'")
    this.#skipDigits()
    let integral = true
    if (text.charCodeAt(this.position) === 0x2e) {
      integral = false
      this.position++
      if (!isDigit(text.charCodeAt(this.position))) this.#fail("expected a digit after '.'")
      this.#skipDigits()
    }
    const e = text.charCodeAt(this.position)
    if (e === 0x65 || e === 0x45) {
      integral = false
      this.position++
      const sign = text.charCodeAt(this.position)
      if (sign === MINUS || sign === 0x2b) this.position++
      if (!isDigit(text.charCodeAt(this.position))) this.#fail('expected a digit in an exponent')
      this.#skipDigits()
    }
    const digits = text.slice(start, this.position)
    if (digits.length > NUMBER_LENGTH_MAX && digits.replace(/\D/g, '').length > NUMBER_LENGTH_MAX) {
      this.#fail(`a number longer than ${NUMBER_LENGTH_MAX} digits`)
    }
    return this.#numberOf(digits, integral)
  }

  #numberOf(digits: string, integral: boolean): unknown {
    if (integral) {
      // + 0 turns -0, which Java reads as the integer 0, into 0
      if (digits.length <= 15) return Number(digits) + 0
      const value = BigInt(digits)
      if (this.#mode !== 'tree') return int64(value)
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    }
    const exact = this.#mode === 'tree' || /[eE][+-]?\d{4}/.test(digits) ? Decimal.parse(digits) : null
    if (exact === undefined) this.#fail('the exponent of a number is out of range')
    if (this.#mode === 'tree') return exact
    const value = Number(digits)
    // Java reads -0.0 as 0.0, but what is too small for a double keeps its sign.
    const double = value === 0 && /^-[0.]*(e|$)/i.test(digits) ? 0 : value
    return this.#mode === 'data' ? schemalessDouble(double) : double
  }

  #skipDigits(): void {
    while (isDigit(this.#text.charCodeAt(this.position))) this.position++
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.position))) this.position++
  }

  #checkDepth(depth: number): void {
    if (depth > DEPTH_MAX) this.#fail(`objects and arrays nested deeper than ${DEPTH_MAX}`)
  }

  #fail(what: string): never {
    const at = this.position
    const before = this.#text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    const found = at < this.#text.length ? `${FOUND}${JSON.stringify(this.#text.slice(at, at + 20))}` : ''
    throw new DataError(`${what} (character ${at}, line ${line}, column ${column})${found}`, { code: 'CONNECT_JSON_SYNTAX' })
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
