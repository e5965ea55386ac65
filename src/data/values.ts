// Text to a Connect value with a guessed schema, as Java's Values.parseString does for SimpleHeaderConverter: the smallest integer
// type that holds a whole number, floats, dates, lists and maps with merged element schemas, strings for all else. Its oddities
// are kept, since headers go through it unseen: `1,2` is 1, `[null,1]` is a string. Dates are read in UTC. Task threads.
import { asciiDigits } from './java-digits.ts'
import { BOOLEAN, NULL_SCHEMA_AND_VALUE, type SchemaAndValue, STRING } from './schema.ts'
import { alignList, alignMap } from './values-merge.ts'
import { parseNumber, parseTemporal } from './values-scalars.ts'

/** Lists and maps nested deeper are strings; Java's stack overflows somewhere beyond. */
const DEPTH_MAX = 500

/** Never throws: what is nothing else is a string. */
export function parseString(text: string): SchemaAndValue {
  const trimmed = javaTrim(text)
  if (trimmed === '') return { schema: STRING, value: text }
  if (trimmed === 'null') return NULL_SCHEMA_AND_VALUE
  if (trimmed === 'true' || trimmed === 'false') return { schema: BOOLEAN, value: trimmed === 'true' }
  const first = asciiDigits(trimmed[0] ?? '')
  if (first === '[' || first === '{') return new ValueParser(text).nested() ?? { schema: STRING, value: text }
  if (!/[\d+-]/.test(first)) return { schema: STRING, value: text }
  return new ValueParser(text).scalar() ?? { schema: STRING, value: text }
}

const isControlOrSpace = (c: number): boolean => c <= 0x20

/** String.trim of Java: all up to the space. */
function javaTrim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isControlOrSpace(text.charCodeAt(start))) start++
  while (start < end && isControlOrSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const DELIMITERS = ',:"[]{}'

/** A value within a list or map; undefined where the text is none. */
type Parsed = SchemaAndValue | undefined

class ValueParser {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  /** A list or map that begins here; what follows it is not looked at. */
  nested(): Parsed {
    return this.#embedded(0)
  }

  /** A date or number: of the first token only. */
  scalar(): Parsed {
    const start = this.#position
    const token = asciiDigits(this.#token())
    if (/^\d/.test(javaTrim(token))) {
      // Times and timestamps have colons, which are tokens of their own.
      const afterFirst = this.#position
      const joined = this.#skipTokens(4) ? asciiDigits(this.#text.slice(start, this.#position)) : null
      const temporal = joined === null ? undefined : parseTemporal(joined)
      if (temporal !== undefined) return temporal
      this.#position = afterFirst
      const single = parseTemporal(javaTrim(token))
      if (single !== undefined) return single
    }
    return parseNumber(javaTrim(token))
  }

  #embedded(depth: number): Parsed {
    if (depth > DEPTH_MAX) return undefined
    this.#skipSpace()
    if (this.#consume('[')) return this.#list(depth + 1)
    if (this.#consume('{')) return this.#map(depth + 1)
    if (this.#consume('"')) return this.#quoted()
    const start = this.#position
    const word = javaTrim(this.#token())
    if (word === 'null') return NULL_SCHEMA_AND_VALUE
    if (word === 'true' || word === 'false') return { schema: BOOLEAN, value: word === 'true' }
    if (!/^[\d+-]/.test(asciiDigits(word))) return undefined
    this.#position = start
    return this.scalar()
  }

  #list(depth: number): Parsed {
    const items: SchemaAndValue[] = []
    for (;;) {
      this.#skipSpace()
      if (this.#consume(']')) return alignList(items)
      const item = this.#embedded(depth)
      if (item === undefined) return undefined
      items.push(item)
      this.#skipSpace()
      if (!this.#consume(',') && this.#text[this.#position] !== ']') return undefined
    }
  }

  #map(depth: number): Parsed {
    const entries: [SchemaAndValue, SchemaAndValue][] = []
    for (;;) {
      this.#skipSpace()
      if (this.#consume('}')) return alignMap(entries)
      const key = this.#embedded(depth)
      if (key === undefined || key.value === null) return undefined
      this.#skipSpace()
      if (!this.#consume(':')) return undefined
      const value = this.#embedded(depth)
      if (value === undefined) return undefined
      entries.push([key, value])
      this.#skipSpace()
      this.#consume(',') // may be left out
    }
  }

  /** The rest of a quoted string, with its escapes as they are; a date if it looks like one. */
  #quoted(): Parsed {
    const start = this.#position
    for (; this.#position < this.#text.length; this.#position++) {
      const c = this.#text[this.#position]
      if (c === '\\') this.#position++
      else if (c === '"') {
        const content = this.#text.slice(start, this.#position++)
        return parseTemporal(content) ?? { schema: STRING, value: content }
      }
    }
    return undefined
  }

  /** The text up to the next delimiter that is not escaped, or that delimiter. */
  #token(): string {
    const start = this.#position
    const text = this.#text
    for (; this.#position < text.length; this.#position++) {
      const c = text[this.#position] ?? ''
      if (c === '\\') this.#position++
      else if (DELIMITERS.includes(c)) break
    }
    if (this.#position === start) this.#position++
    this.#position = Math.min(this.#position, text.length)
    return text.slice(start, this.#position)
  }

  #skipTokens(count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (this.#position >= this.#text.length) return false
      this.#token()
    }
    return true
  }

  #skipSpace(): void {
    while (this.#position < this.#text.length && isControlOrSpace(this.#text.charCodeAt(this.#position))) this.#position++
  }

  #consume(c: string): boolean {
    if (this.#text[this.#position] !== c) return false
    this.#position++
    return true
  }
}
