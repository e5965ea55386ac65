// java.text.SimpleDateFormat in UTC with Locale.US: formats and (leniently) parses. Refuses patterns it does not cover instead of
// guessing. Any thread; used by TimestampConverter, TimestampRouter and time-based partitioners.
//
// Known differences: a text does not parse where it has a zone name other than UTC, GMT or the North American ones, digits other
// than 0-9, or a year beyond JS dates; a zone met in a text does not become the zone of later texts, as it does in Java.
import { systemClock } from '../base/clock.ts'
import { ConfigError } from '../base/errors.ts'
import {
  type CalendarFields,
  dayOfWeek,
  dayOfYear,
  epochMsOf,
  FIELD,
  type FieldIndex,
  FieldSet,
  fieldsOf,
  weekOfMonth,
  weekOfYear,
  weekYear,
} from './java-calendar.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const LETTERS = 'GyYMLdDFEuaHkKhmsSwWzZX'
/** What a JS Date can hold: about 270,000 years either way. */
const DATE_MS_MAX = 8.64e15
/** Letters whose field is a number: before them, the number ahead keeps to its count of letters (`yyyyMMdd`). */
const NUMERIC = 'yYdDFuHkKhmsSwW'

/** A run of one letter, or a literal text (letter is ''). */
interface Part {
  readonly letter: string
  readonly count: number
  readonly text: string
}

const shortAndLong = (names: readonly string[], length: number, from: number): [string, number][] =>
  names.flatMap((name, i): [string, number][] => [
    [name, i + from],
    [name.slice(0, length), i + from],
  ])
const MONTH_NAMES = shortAndLong(MONTHS, 3, 0)
const WEEKDAY_NAMES = shortAndLong(WEEKDAYS, 3, 1)
const ERA_NAMES: [string, number][] = [
  ['Anno Domini', 1],
  ['Before Christ', 0],
  ['AD', 1],
  ['BC', 0],
]
const HALF_DAYS: [string, number][] = [
  ['AM', 0],
  ['PM', 1],
]
const HOUR_MS = 3_600_000
const ZONES: [string, number][] = [
  ['Coordinated Universal Time', 0],
  ['UTC', 0],
  ['EST', -5 * HOUR_MS],
  ['EDT', -4 * HOUR_MS],
  ['CST', -6 * HOUR_MS],
  ['CDT', -5 * HOUR_MS],
  ['MST', -7 * HOUR_MS],
  ['MDT', -6 * HOUR_MS],
  ['PST', -8 * HOUR_MS],
  ['PDT', -7 * HOUR_MS],
]

/** Fields that are plain numbers when parsed. */
const NUMBER_FIELD: Readonly<Record<string, FieldIndex>> = {
  d: FIELD.day,
  D: FIELD.dayOfYear,
  F: FIELD.dayOfWeekInMonth,
  H: FIELD.hourOfDay,
  K: FIELD.hour,
  m: FIELD.minute,
  s: FIELD.second,
  S: FIELD.ms,
  w: FIELD.weekOfYear,
  W: FIELD.weekOfMonth,
}

export class JavaDateFormat {
  readonly pattern: string
  readonly #parts: readonly Part[]
  readonly #centuryStartMs: number

  /**
   * @param centuryStartMs two-digit years are read as the year within a hundred years from here; default: 80 years ago
   * @throws Error saying what is wrong with the pattern
   */
  constructor(pattern: string, centuryStartMs: number = eightyYearsAgo()) {
    this.pattern = pattern
    this.#parts = compile(pattern)
    this.#centuryStartMs = centuryStartMs
  }

  format(epochMs: number): string {
    const fields = fieldsOf(epochMs)
    let text = ''
    for (const part of this.#parts) text += part.letter === '' ? part.text : formatPart(part.letter, part.count, fields)
    return text
  }

  /** Milliseconds since the epoch, or undefined where the text does not begin with what the pattern asks for. */
  parse(text: string): number | undefined {
    const reading = new Reading(text, this.#centuryStartMs)
    const parts = this.#parts
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as Part
      if (part.letter === '') {
        if (!text.startsWith(part.text, reading.at)) return undefined
        reading.at += part.text.length
      } else if (!reading.take(part, obeysCount(parts[i + 1]))) return undefined
    }
    if (reading.at === 0) return undefined
    const ms = reading.epochMs()
    return Math.abs(ms) <= DATE_MS_MAX ? ms : undefined
  }
}

function eightyYearsAgo(): number {
  const now = new Date(systemClock.now())
  return now.setUTCFullYear(now.getUTCFullYear() - 80)
}

/** Whether a number before this part ends after as many characters as it has letters. */
function obeysCount(next: Part | undefined): boolean {
  if (next === undefined || next.letter === '') return false
  return next.letter === 'M' || next.letter === 'L' ? next.count <= 2 : NUMERIC.includes(next.letter)
}

/** Java's message where Java refuses the pattern. */
function compile(pattern: string): Part[] {
  const parts: Part[] = []
  let literal = ''
  const closeLiteral = (): void => {
    if (literal !== '') parts.push({ letter: '', count: 0, text: literal })
    literal = ''
  }
  for (let i = 0; i < pattern.length; ) {
    const c = pattern[i] as string
    if (c === "'") {
      const end = endOfQuote(pattern, i)
      literal += end === i + 2 ? "'" : pattern.slice(i + 1, end - 1).replaceAll("''", "'")
      i = end
    } else if (/[a-zA-Z]/.test(c)) {
      let end = i + 1
      while (pattern[end] === c) end++
      checkLetter(c, end - i)
      closeLiteral()
      parts.push({ letter: c, count: end - i, text: '' })
      i = end
    } else {
      literal += c
      i++
    }
  }
  closeLiteral()
  return parts
}

function checkLetter(letter: string, count: number): void {
  if (!LETTERS.includes(letter)) throw new ConfigError('', `Illegal pattern character '${letter}'`)
  if (letter === 'X' && count > 3) throw new ConfigError('', `invalid ISO 8601 format: length=${count}`)
}

/** The index after the quote that closes the one at `start`. */
function endOfQuote(pattern: string, start: number): number {
  if (pattern[start + 1] === "'") return start + 2
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") continue
    if (pattern[i + 1] !== "'") return i + 1
    i++
  }
  throw new ConfigError('', 'Unterminated quote')
}

function padded(value: number, digits: number): string {
  if (digits === 2 && value >= 0 && value < 100) return value < 10 ? `0${value}` : `${value}`
  return value < 0 ? `-${String(-value).padStart(digits, '0')}` : String(value).padStart(digits, '0')
}

/** The sign stays where the last two digits are zeros. */
const yearText = (year: number, count: number): string =>
  count === 2 ? `${year < 0 ? '-' : ''}${padded(Math.abs(year) % 100, 2)}` : padded(year, count)

function formatPart(letter: string, count: number, f: CalendarFields): string {
  const hour = Math.floor(f.timeMs / HOUR_MS)
  switch (letter) {
    case 'G':
      return f.year > 0 ? 'AD' : 'BC'
    case 'y':
      return yearText(f.year > 0 ? f.year : 1 - f.year, count)
    case 'Y':
      return yearText(weekYear(f), count)
    case 'M':
    case 'L': {
      const name = MONTHS[f.month] as string
      return count >= 4 ? name : count === 3 ? name.slice(0, 3) : padded(f.month + 1, count)
    }
    case 'd':
      return padded(f.day, count)
    case 'D':
      return padded(dayOfYear(f), count)
    case 'F':
      return padded(Math.floor((f.day - 1) / 7) + 1, count)
    case 'w':
      return padded(weekOfYear(f), count)
    case 'W':
      return padded(weekOfMonth(f), count)
    case 'E': {
      const name = WEEKDAYS[dayOfWeek(f) - 1] as string
      return count >= 4 ? name : name.slice(0, 3)
    }
    case 'u':
      return padded(((dayOfWeek(f) + 5) % 7) + 1, count)
    case 'a':
      return hour < 12 ? 'AM' : 'PM'
    case 'H':
      return padded(hour, count)
    case 'k':
      return padded(hour === 0 ? 24 : hour, count)
    case 'K':
      return padded(hour % 12, count)
    case 'h':
      return padded(hour % 12 === 0 ? 12 : hour % 12, count)
    case 'm':
      return padded(Math.floor(f.timeMs / 60_000) % 60, count)
    case 's':
      return padded(Math.floor(f.timeMs / 1000) % 60, count)
    case 'S':
      return padded(f.timeMs % 1000, count)
    case 'z':
      return count >= 4 ? 'Coordinated Universal Time' : 'UTC'
    case 'Z':
      return '+0000'
    default:
      return 'Z'
  }
}

/** One parse: the text, how far it is read, and what it said. */
class Reading {
  readonly text: string
  at = 0
  readonly #fields = new FieldSet()
  readonly #centuryStartMs: number
  #ambiguousYear = false

  constructor(text: string, centuryStartMs: number) {
    this.text = text
    this.#centuryStartMs = centuryStartMs
  }

  epochMs(): number {
    const ms = epochMsOf(this.#fields)
    if (!this.#ambiguousYear || ms >= this.#centuryStartMs) return ms
    const field = this.#fields.stamp(FIELD.weekYear) > this.#fields.stamp(FIELD.year) ? FIELD.weekYear : FIELD.year
    this.#fields.set(field, this.#fields.get(field, 1970) + 100)
    return epochMsOf(this.#fields)
  }

  /** Reads one field; false where the text has none here. */
  take(part: Part, obeyCount: boolean): boolean {
    const start = this.at
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++
    if (this.at >= this.text.length) return false
    switch (part.letter) {
      case 'G':
        return this.#name(start, ERA_NAMES, FIELD.era)
      case 'E':
        return this.#name(start, WEEKDAY_NAMES, FIELD.dayOfWeek)
      case 'a':
        return this.#name(start, HALF_DAYS, FIELD.amPm)
      case 'z':
      case 'Z':
        return this.#zone()
      case 'X':
        return this.#isoZone(part.count)
      case 'M':
      case 'L':
        if (part.count > 2) return this.#name(start, MONTH_NAMES, FIELD.month)
    }
    const from = this.at
    const value = this.#number(obeyCount ? start + part.count : -1)
    if (value === undefined) return false
    this.#setNumber(part, value, from)
    return true
  }

  #setNumber(part: Part, value: number, from: number): void {
    switch (part.letter) {
      case 'y':
      case 'Y':
        this.#fields.set(part.letter === 'y' ? FIELD.year : FIELD.weekYear, part.count <= 2 ? this.#century(value, from) : value)
        return
      case 'M':
      case 'L':
        this.#fields.set(FIELD.month, value - 1)
        return
      case 'k':
        this.#fields.set(FIELD.hourOfDay, value === 24 ? 0 : value)
        return
      case 'h':
        this.#fields.set(FIELD.hour, value === 12 ? 0 : value)
        return
      case 'u':
        this.#fields.set(FIELD.dayOfWeek, value < 1 || value > 7 ? value : (value % 7) + 1)
        return
    }
    const field = NUMBER_FIELD[part.letter]
    if (field !== undefined) this.#fields.set(field, value)
  }

  /** Exactly two digits are a year of the hundred years from the start of the century. */
  #century(value: number, from: number): number {
    if (this.at - from !== 2 || !/^\d\d$/.test(this.text.slice(from, this.at))) return value
    const startYear = fieldsOf(this.#centuryStartMs).year
    const ambiguous = startYear % 100
    this.#ambiguousYear = value === ambiguous
    return value + Math.floor(startYear / 100) * 100 + (value < ambiguous ? 100 : 0)
  }

  /** A number that ends at `end` at the latest (-1: anywhere); undefined where there is none. */
  #number(end: number): number | undefined {
    if (end > this.text.length) return undefined
    const limit = end < 0 ? this.text.length : end
    let at = this.at
    if (this.text[at] === '-') at++
    const digits = at
    while (at < limit && isDigit(this.text.charCodeAt(at))) at++
    if (at === digits) return undefined
    const number = this.text.slice(this.at, at)
    this.at = at
    return number.length <= 9 ? Number(number) : intValue(number)
  }

  /** The longest name that stands at `start`, in any case of letters; blanks before it are not skipped. */
  #name(start: number, names: readonly [string, number][], field: FieldIndex): boolean {
    let best: [string, number] | undefined
    for (const name of names) {
      if (best !== undefined && best[0].length >= name[0].length) continue
      if (this.text.slice(start, start + name[0].length).toLowerCase() === name[0].toLowerCase()) best = name
    }
    if (best === undefined) return false
    this.at = start + best[0].length
    // UTC leaves the zone as it was, also where another one was met before.
    if (field !== FIELD.zoneOffset || best[1] !== 0) this.#fields.set(field, best[1])
    return true
  }

  /** `+0130`, `GMT`, `GMT+1:30` or a name. */
  #zone(): boolean {
    const sign = signOf(this.text[this.at])
    if (sign !== 0) {
      this.at++
      return this.#offset(sign, 0, false)
    }
    if (this.text.slice(this.at, this.at + 3).toUpperCase() !== 'GMT') return this.#name(this.at, ZONES, FIELD.zoneOffset)
    this.at += 3
    const offsetSign = signOf(this.text[this.at])
    if (offsetSign === 0) {
      this.#fields.set(FIELD.zoneOffset, 0)
      return true
    }
    this.at++
    return this.#offset(offsetSign, 0, true)
  }

  #isoZone(count: number): boolean {
    if (this.text[this.at] === 'Z') {
      this.at++
      this.#fields.set(FIELD.zoneOffset, 0)
      return true
    }
    const sign = signOf(this.text[this.at])
    if (sign === 0) return false
    this.at++
    return this.#offset(sign, count, count === 3)
  }

  /** Hours, and minutes unless `count` is 1; one digit of hours is enough only in `GMT+h:mm`. */
  #offset(sign: number, count: number, colon: boolean): boolean {
    const minutes = count === 1 ? '' : colon ? ':([0-5]\\d)' : '([0-5]\\d)'
    const hours = count > 0 || !colon ? '\\d\\d' : '\\d\\d?'
    const match = new RegExp(`^(${hours})${minutes}`).exec(this.text.slice(this.at, this.at + 5))
    if (match === null || Number(match[1]) > 23) return false
    this.at += match[0].length
    this.#fields.set(FIELD.zoneOffset, sign * (Number(match[1]) * 60 + Number(match[2] ?? 0)) * 60_000)
    return true
  }
}

const signOf = (c: string | undefined): number => (c === '+' ? 1 : c === '-' ? -1 : 0)
const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Number.intValue of what Java's number format reads: a long wraps, a double is cut to the limits. */
function intValue(digits: string): number {
  const value = BigInt(digits)
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return Number(BigInt.asIntN(32, value))
  return value < 0n ? -2_147_483_648 : 2_147_483_647
}

/** What is wrong with a pattern, or null: for checks of configs. */
export function dateFormatProblem(pattern: string): string | null {
  try {
    compile(pattern)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
