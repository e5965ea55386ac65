// java.util.GregorianCalendar as SimpleDateFormat uses it, in UTC and with the rules of Locale.US (weeks start on Sunday, week 1 holds
// January 1st): Julian dates before 15 October 1582, lenient fields. Any thread; called by java-date-format.ts.

const DAY_MS = 86_400_000
/** 15 October 1582 in days since the epoch: the first day of the Gregorian calendar. */
const CUTOVER_DAY = -141_427
const CUTOVER_YEAR = 1582

/** A date and its time. Months from 0, year 0 is 1 BC; days of the week, elsewhere, from 1 (Sunday). */
export interface CalendarFields {
  /** days since the epoch */
  readonly dayNo: number
  readonly year: number
  readonly month: number
  readonly day: number
  /** milliseconds since midnight */
  readonly timeMs: number
}

/** What a text said; undefined where it said nothing. Stamps tell which field was set later. */
export const FIELD = {
  era: 0,
  year: 1,
  month: 2,
  weekOfYear: 3,
  weekOfMonth: 4,
  day: 5,
  dayOfYear: 6,
  dayOfWeek: 7,
  dayOfWeekInMonth: 8,
  amPm: 9,
  hour: 10,
  hourOfDay: 11,
  minute: 12,
  second: 13,
  ms: 14,
  zoneOffset: 15,
  weekYear: 16,
} as const
export type FieldIndex = (typeof FIELD)[keyof typeof FIELD]

/** Fields in the order they were set. */
export class FieldSet {
  readonly #values: number[] = new Array(17).fill(0)
  readonly #stamps: number[] = new Array(17).fill(0)
  #next = 1

  set(field: FieldIndex, value: number): void {
    this.#values[field] = value
    this.#stamps[field] = this.#next++
  }

  /** 0: not set; the greater, the later. */
  stamp(field: FieldIndex): number {
    return this.#stamps[field] ?? 0
  }

  get(field: FieldIndex, absent: number): number {
    return this.stamp(field) === 0 ? absent : (this.#values[field] ?? absent)
  }
}

/** Days since the epoch of a date; `month` may be any integer, `day` as well. */
function dayNumber(year: number, month: number, day: number, gregorian: boolean): number {
  const y = year + Math.floor(month / 12)
  const m = ((month % 12) + 12) % 12
  // Years that begin in March put the leap day last.
  const shifted = m < 2 ? y - 1 : y
  const dayOfShifted = Math.floor((153 * ((m + 10) % 12) + 2) / 5)
  const leapDays = Math.floor(shifted / 4) - (gregorian ? Math.floor(shifted / 100) - Math.floor(shifted / 400) : 2)
  return shifted * 365 + leapDays + dayOfShifted + day - 719_469
}

const weekdayOf = (dayNo: number): number => ((((dayNo + 4) % 7) + 7) % 7) + 1

/** The latest day on or before `dayNo` with that weekday (1 is Sunday). */
const onOrBefore = (dayNo: number, weekday: number): number => dayNo - ((((dayNo + 4 - (weekday - 1)) % 7) + 7) % 7)

/** The Sunday on which week 1 of a year begins. */
function firstWeekOf(year: number): number {
  return onOrBefore(newYear(year), 1)
}

function newYear(year: number): number {
  return dayNumber(year, 0, 1, year > CUTOVER_YEAR)
}

export function fieldsOf(epochMs: number): CalendarFields {
  const dayNo = Math.floor(epochMs / DAY_MS)
  const gregorian = dayNo >= CUTOVER_DAY
  let year: number
  let rest: number
  const z = dayNo + 719_468 + (gregorian ? 0 : 2)
  if (gregorian) {
    const era = Math.floor(z / 146_097)
    const dayOfEra = z - era * 146_097
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    )
    year = yearOfEra + era * 400
    rest = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  } else {
    const era = Math.floor(z / 1461)
    const dayOfEra = z - era * 1461
    const yearOfEra = Math.min(3, Math.floor(dayOfEra / 365))
    year = yearOfEra + era * 4
    rest = dayOfEra - 365 * yearOfEra
  }
  const shiftedMonth = Math.floor((5 * rest + 2) / 153)
  const day = rest - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = (shiftedMonth + 2) % 12
  if (month < 2) year++
  return { dayNo, year, month, day, timeMs: epochMs - dayNo * DAY_MS }
}

export const dayOfYear = (f: CalendarFields): number => f.dayNo - newYear(f.year) + 1
export const dayOfWeek = (f: CalendarFields): number => weekdayOf(f.dayNo)
export const weekOfMonth = (f: CalendarFields): number => Math.floor((f.dayNo - onOrBefore(f.dayNo - f.day + 1, 1)) / 7) + 1
export const weekYear = (f: CalendarFields): number => (f.dayNo >= firstWeekOf(f.year + 1) ? f.year + 1 : f.year)
export const weekOfYear = (f: CalendarFields): number => Math.floor((f.dayNo - firstWeekOf(weekYear(f))) / 7) + 1

/** Milliseconds since the epoch of what a text said, leniently: month 14 is February of the next year. */
export function epochMsOf(fields: FieldSet): number {
  const days = Math.floor(timeOfDay(fields) / DAY_MS)
  const timeMs = timeOfDay(fields) - days * DAY_MS
  return (dateOf(fields, days) + days) * DAY_MS + timeMs - fields.get(FIELD.zoneOffset, 0)
}

function timeOfDay(f: FieldSet): number {
  const halfDay = both(f.stamp(FIELD.hour), f.stamp(FIELD.amPm))
  const best = Math.max(f.stamp(FIELD.hourOfDay), halfDay) || Math.max(f.stamp(FIELD.hour), f.stamp(FIELD.amPm))
  const hours = best === f.stamp(FIELD.hourOfDay) ? f.get(FIELD.hourOfDay, 0) : f.get(FIELD.hour, 0) + 12 * f.get(FIELD.amPm, 0)
  return ((hours * 60 + f.get(FIELD.minute, 0)) * 60 + f.get(FIELD.second, 0)) * 1000 + f.get(FIELD.ms, 0)
}

/** The stamp of two fields that only mean something together. */
const both = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : Math.max(a, b))

type DateRule = 'day' | 'weekOfMonth' | 'dayOfWeekInMonth' | 'dayOfYear' | 'weekOfYear'

/** Which fields decide the date: the combination whose last field was set last. */
function ruleOf(f: FieldSet): DateRule {
  const dow = f.stamp(FIELD.dayOfWeek)
  const day = f.stamp(FIELD.day)
  const doy = f.stamp(FIELD.dayOfYear)
  let week = both(f.stamp(FIELD.weekOfMonth), dow)
  let inMonth = both(f.stamp(FIELD.dayOfWeekInMonth), dow)
  let weekOfYear = both(f.stamp(FIELD.weekOfYear), dow)
  let best = Math.max(day, week, inMonth, doy, weekOfYear)
  if (best === 0) {
    week = f.stamp(FIELD.weekOfMonth)
    inMonth = Math.max(f.stamp(FIELD.dayOfWeekInMonth), dow)
    weekOfYear = f.stamp(FIELD.weekOfYear)
    best = Math.max(week, inMonth, weekOfYear)
    if (best === 0) return 'day'
  }
  if (best === day) return 'day'
  const woy = f.stamp(FIELD.weekOfYear)
  if (best === week && f.stamp(FIELD.weekOfMonth) >= woy) {
    return week === inMonth && f.stamp(FIELD.dayOfWeekInMonth) > f.stamp(FIELD.weekOfMonth) ? 'dayOfWeekInMonth' : 'weekOfMonth'
  }
  if (best === inMonth && f.stamp(FIELD.dayOfWeekInMonth) >= woy) return 'dayOfWeekInMonth'
  return best === doy ? 'dayOfYear' : 'weekOfYear'
}

/** Days since the epoch. `carry`: whole days in the time of day, which count when the calendar is chosen. */
function dateOf(f: FieldSet, carry: number): number {
  if (f.stamp(FIELD.weekYear) > f.stamp(FIELD.year)) return weekDate(f)
  const rule = ruleOf(f)
  const year = yearOf(f)
  if (year > CUTOVER_YEAR) {
    const day = dateIn(f, rule, year, true)
    return day + carry >= CUTOVER_DAY ? day : dateIn(f, rule, year, false)
  }
  const julian = dateIn(f, rule, year, false)
  if (year < CUTOVER_YEAR) return julian + carry < CUTOVER_DAY ? julian : dateIn(f, rule, year, false)
  if (rule === 'dayOfYear' || rule === 'weekOfYear') return julian
  const gregorian = dateIn(f, rule, year, true)
  return gregorian + carry >= CUTOVER_DAY ? gregorian : julian
}

/** Year 0 is 1 BC. */
function yearOf(f: FieldSet): number {
  const given = f.get(FIELD.year, 1970)
  return f.get(FIELD.era, 1) === 0 ? 1 - given : given
}

function dateIn(f: FieldSet, rule: DateRule, year: number, gregorian: boolean): number {
  if (rule === 'dayOfYear') return dayNumber(year, 0, f.get(FIELD.dayOfYear, 1), gregorian)
  if (rule === 'weekOfYear') {
    const first = onOrBefore(dayNumber(year, 0, 1, gregorian), 1)
    return onOrBefore(first + 6, f.get(FIELD.dayOfWeek, 1)) + 7 * (f.get(FIELD.weekOfYear, 1) - 1)
  }
  const month = f.get(FIELD.month, 0)
  if (rule === 'day') return dayNumber(year, month, f.get(FIELD.day, 1), gregorian)
  const first = dayNumber(year, month, 1, gregorian)
  const weekday = f.get(FIELD.dayOfWeek, 1)
  if (rule === 'weekOfMonth') return onOrBefore(onOrBefore(first, 1) + 6, weekday) + 7 * (f.get(FIELD.weekOfMonth, 1) - 1)
  const nth = f.get(FIELD.dayOfWeekInMonth, 1)
  if (nth >= 0) return onOrBefore(first + 7 * nth - 1, weekday)
  return onOrBefore(dayNumber(year, month + 1, 1, gregorian) - 1 + 7 * (nth + 1), weekday)
}

/** A week year wins over month and day, whatever the text said of them (Java's setWeekDate). */
function weekDate(f: FieldSet): number {
  let week = f.get(FIELD.weekOfYear, 1)
  let weekday = f.get(FIELD.dayOfWeek, 1)
  if (weekday >= 8) {
    weekday--
    week += Math.floor(weekday / 7)
    weekday = (((weekday % 7) + 1) % 7) + 1
  } else if (weekday <= 0) {
    week -= Math.ceil((1 - weekday) / 7)
    weekday = ((((weekday - 1) % 7) + 7) % 7) + 1
    weekday = (weekday % 7) + 1
  }
  const given = f.get(FIELD.weekYear, 1970)
  // The other fields decide the era.
  return firstWeekOf(yearOf(f) > 0 ? given : 1 - given) + (weekday - 1) + 7 * (week - 1)
}
