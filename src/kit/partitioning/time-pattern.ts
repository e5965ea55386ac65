// The part of Joda-Time's date patterns that paths need: 'year'=YYYY/'month'=MM with literals in quotes. Compiled once; formatting
// happens once a time bucket. Task threads.
import { ConfigError } from '../../base/errors.ts'

/** `local` carries the zone's local time in its UTC fields; `offsetMs` is the zone's offset then. */
export type TimePattern = (local: Date, offsetMs: number) => string
type Part = (local: Date, offsetMs: number) => string

const DAY_MS = 86_400_000

/** @throws ConfigError naming `key` for a letter that is not known */
export function compileTimePattern(key: string, pattern: string, locale: string): TimePattern {
  const parts: Part[] = []
  for (let i = 0; i < pattern.length; ) {
    const letter = pattern[i] as string
    if (letter === "'") {
      const [text, next] = quoted(key, pattern, i)
      parts.push(() => text)
      i = next
    } else if (/[A-Za-z]/.test(letter)) {
      let end = i
      while (pattern[end] === letter) end++
      parts.push(fieldOf(key, pattern, letter, end - i, locale))
      i = end
    } else {
      parts.push(() => letter)
      i++
    }
  }
  return (local, offsetMs) => {
    let text = ''
    for (const part of parts) text += part(local, offsetMs)
    return text
  }
}

/** A literal from its opening quote; '' is a quote, inside and outside. */
function quoted(key: string, pattern: string, open: number): [string, number] {
  if (pattern[open + 1] === "'") return ["'", open + 2]
  let text = ''
  for (let i = open + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") text += pattern[i]
    else if (pattern[i + 1] === "'") text += pattern[++i]
    else return [text, i + 1]
  }
  throw new ConfigError(key, `Invalid value ${pattern} for configuration ${key}: a quote is not closed`)
}

function fieldOf(key: string, pattern: string, letter: string, count: number, locale: string): Part {
  const padded = (value: number): string => String(value).padStart(count, '0')
  switch (letter) {
    case 'y':
    case 'Y':
      return local => yearText(local.getUTCFullYear(), count)
    case 'x':
      return local => yearText(weekOf(local).year, count)
    case 'w':
      return local => padded(weekOf(local).week)
    case 'e':
      return local => padded(local.getUTCDay() || 7)
    case 'E':
      return named(locale, { weekday: count >= 4 ? 'long' : 'short' })
    case 'M':
      return count >= 3 ? named(locale, { month: count >= 4 ? 'long' : 'short' }) : local => padded(local.getUTCMonth() + 1)
    case 'd':
      return local => padded(local.getUTCDate())
    case 'D':
      return local => padded(Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY_MS) + 1)
    case 'H':
      return local => padded(local.getUTCHours())
    case 'k':
      return local => padded(local.getUTCHours() || 24)
    case 'K':
      return local => padded(local.getUTCHours() % 12)
    case 'h':
      return local => padded(local.getUTCHours() % 12 || 12)
    case 'm':
      return local => padded(local.getUTCMinutes())
    case 's':
      return local => padded(local.getUTCSeconds())
    case 'S':
      return local => String(local.getUTCMilliseconds()).padStart(3, '0').padEnd(count, '0').slice(0, count)
    case 'a':
      return local => (local.getUTCHours() < 12 ? 'AM' : 'PM')
    case 'Z':
      return (_local, offsetMs) => offsetText(offsetMs, count === 1 ? '' : ':')
    default:
      throw new ConfigError(
        key,
        `Invalid value ${pattern} for configuration ${key}: the letter ${letter} is not supported; literals stand in quotes`,
      )
  }
}

const yearText = (year: number, count: number): string =>
  count === 2 ? String(Math.abs(year) % 100).padStart(2, '0') : String(year).padStart(count, '0')

function named(locale: string, options: Intl.DateTimeFormatOptions): Part {
  const format = new Intl.DateTimeFormat(locale || 'en', { ...options, timeZone: 'UTC' })
  return local => format.format(local)
}

/** ISO week: the one with the year's first Thursday is the first. */
function weekOf(local: Date): { year: number; week: number } {
  const day = local.getUTCDay() || 7
  const thursday = new Date(local.getTime() + (4 - day) * DAY_MS)
  const year = thursday.getUTCFullYear()
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1 }
}

function offsetText(offsetMs: number, colon: string): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000))
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${colon}${two(minutes % 60)}`
}
