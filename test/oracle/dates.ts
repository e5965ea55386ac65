// The oracle of date patterns: random SimpleDateFormat patterns, instants formatted, texts parsed leniently, by Java and by JavaDateFormat.
// Main thread of `npm run test:oracle -- dates`.
import { ConfigError } from '../../src/base/errors.ts'
import { JavaDateFormat } from '../../src/data/java-date-format.ts'
import type { JavaPeer } from './java-peer.ts'
import { compareCases } from './loop.ts'
import type { Oracle } from './oracle.ts'
import { Random } from './random.ts'
import { startJava } from './transforms/run.ts'

interface Question {
  readonly pattern: string
  readonly instants: readonly number[]
  readonly texts: readonly string[]
}

type Parsed = number | 'error'

interface Answer {
  readonly bad?: string
  readonly formatted?: readonly string[]
  readonly parsed?: readonly Parsed[]
  readonly back?: readonly Parsed[]
}

/** Two-digit years are read from here on by both: 1946-06-15. */
const CENTURY_START_MS = -743_040_000_000
const DATE_MS_MAX = 8.64e15
const PARSED_MIN = 0.3

/** Patterns of users, of which a part is changed at random. */
const WRITTEN = ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", 'yyyyMMddHHmmssSSS', 'EEE, dd MMM yyyy HH:mm:ss zzz', "YYYY-'W'ww-u", 'yyyy-DDD', 'dd/MM/yy hh:mm:ss a', "h 'o''clock' a, z", 'yyyy.MM.dd G HH:mm Z', 'MMMM d, yyyy', 'HHmm', 'yyyy-MM-dd HH:mm:ss.SSSSSS', "yyyy-MM-dd'T'HH:mmX", 'W F E MMM yyyy', 'LLL yy', 'kk:mm K a', "''yy''", 'yyyy-MM-dd hh:mm:ss.S aZ'] // biome-ignore format: one line is easier to read
const LETTERS = 'GyyYMMLdddDFEuaHHKhkmmssSSwWzZX'
const BETWEEN = ['-', ' ', ':', '/', '', '', '', "'T'", ', ', '.', "''", "'at'", '  ', 'é', "' '"]
const BROKEN = ["'", 'b', 'XXXX', 'T', 'n', "''' '", 'e', 'V']

function patternOf(random: Random): string {
  if (random.chance(0.3)) return random.pick(WRITTEN)
  const parts = random.times(random.between(1, 6), () => {
    const letter = LETTERS[random.int(LETTERS.length)] as string
    return letter.repeat(random.between(1, letter === 'X' ? 3 : 4)) + random.pick(BETWEEN)
  })
  if (random.chance(0.03)) parts.push(random.pick(BROKEN))
  return parts.join('')
}

const YEAR_ONE_MS = -62_135_769_600_000
const YEAR_MS = 366 * 86_400_000

function instant(random: Random): number {
  const kind = random.int(10)
  if (kind === 0) return random.pick([0, -1, 86_400_000, 1_709_164_800_000, 1_735_603_200_000, -62_135_596_800_000])
  if (kind === 1) return Math.floor((random.int(2 ** 30) / 2 ** 30 - 0.4) * 4e14)
  return random.int(2 ** 31) * 1900 + random.int(1000)
}

function questionOf(seed: number, number: number): Question {
  const random = new Random(seed, number)
  const pattern = patternOf(random)
  const instants = random.times(6, () => instant(random))
  let format: JavaDateFormat
  try {
    format = new JavaDateFormat(pattern, CENTURY_START_MS)
  } catch {
    return { pattern, instants, texts: [] }
  }
  return { pattern, instants, texts: random.times(10, () => changed(random, format.format(instant(random)))) }
}

/** A text that the pattern made, with some characters dropped, doubled or exchanged. */
function changed(random: Random, text: string): string {
  let result = text
  for (let changes = random.int(3); changes > 0; changes--) {
    const at = random.int(result.length + 1)
    const c = result[at] ?? ''
    const instead = random.pick(['', c + c, ` ${c}`, c.toUpperCase(), c.toLowerCase(), '7', '-', '+', ':', 'Z', '99', 'GMT', '+0130', 'PM', '\t', '0']) // biome-ignore format: one line is easier to read
    result = result.slice(0, at) + instead + result.slice(at + 1)
  }
  return result
}

function ours({ pattern, instants, texts }: Question): Answer {
  let format: JavaDateFormat
  try {
    format = new JavaDateFormat(pattern, CENTURY_START_MS)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { bad: error.message }
  }
  const parse = (text: string): Parsed => format.parse(text) ?? 'error'
  const formatted = instants.map(ms => format.format(ms))
  return { formatted, parsed: texts.map(parse), back: formatted.map(parse) }
}

/** Weeks around October 1582 are numbered strangely in Java (docs/differences.md). */
const isNearCutover = (pattern: string, ms: unknown): boolean =>
  /[wWFYDEu]/.test(pattern) && typeof ms === 'number' && Math.abs(ms + 12_219_292_800_000) < 1.5 * YEAR_MS

/** Weeks of years before the year 1 (docs/differences.md). */
const isWeekBeforeChrist = (pattern: string, ms: unknown): boolean =>
  /[wWY]/.test(pattern) && typeof ms === 'number' && ms < YEAR_ONE_MS

const isBeyondDates = (parsed: unknown): boolean => typeof parsed === 'number' && Math.abs(parsed) > DATE_MS_MAX

function differs({ pattern, instants, texts }: Question, java: Answer, mine: Answer): string | null {
  if (java.bad !== undefined || mine.bad !== undefined) {
    if (java.bad === undefined || mine.bad === undefined) return `Java ${java.bad ?? 'takes it'}, ours ${mine.bad ?? 'takes it'}`
    return null
  }
  for (const [i, ms] of instants.entries()) {
    if (isNearCutover(pattern, ms) || isWeekBeforeChrist(pattern, ms)) continue
    const [theirs, own] = [java.formatted?.[i], mine.formatted?.[i]]
    if (theirs !== own) return `${ms} formats as ${JSON.stringify(theirs)} in Java, ${JSON.stringify(own)} here`
  }
  const all = [...texts.entries()].map(([i, text]) => [text, java.parsed?.[i], mine.parsed?.[i]] as const)
  const back = [...(java.formatted ?? []).entries()].map(([i, text]) => [text, java.back?.[i], mine.back?.[i]] as const)
  for (const [text, theirs, own] of [...all, ...back]) {
    if (
      theirs === own ||
      (isBeyondDates(theirs) && own === 'error') ||
      isNearCutover(pattern, theirs) ||
      isWeekBeforeChrist(pattern, theirs)
    )
      continue
    return `${JSON.stringify(text)} reads as ${theirs} in Java, ${own} here`
  }
  return null
}

export const dates: Oracle = {
  name: 'dates',
  countDefault: 20_000,
  startJava,
  async run(java, options) {
    const { seed, count, only } = options
    let [patterns, bad, texts, parsed] = [0, 0, 0, 0]
    const faults = await compareCases(java, 'dates', options, async number => {
      const question = questionOf(seed, number)
      const theirs = await askJava(java, question)
      patterns++
      if (theirs.bad !== undefined) bad++
      texts += theirs.parsed?.length ?? 0
      parsed += theirs.parsed?.filter(one => one !== 'error').length ?? 0
      const what = differs(question, theirs, ours(question))
      return what === null ? null : `pattern ${JSON.stringify(question.pattern)}: ${what}`
    })
    if (only === null && count >= 1000 && faults.length === 0 && parsed < texts * PARSED_MIN) {
      faults.push(`only ${parsed} of ${texts} texts parsed`)
    }
    return { lines: [`${patterns} patterns (${bad} refused by both), ${parsed} of ${texts} changed texts parse`], faults }
  },
}

const askJava = (java: JavaPeer, question: Question): Promise<Answer> => java.ask({ op: 'date', ...question })
