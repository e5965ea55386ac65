// Patterns, instants and texts for java-date-format.json. Run by hand through cases.ts.
import { prng } from '../../../src/base/prng.ts'
import { JavaDateFormat } from '../../../src/data/java-date-format.ts'

/** Two-digit years are read from here on, in Java and here: 1946-06-15. */
export const CENTURY_START_MS = -743_040_000_000

/** Weeks around October 1582 are numbered strangely in Java; nobody writes them. */
const CUTOVER_MS = -12_219_292_800_000
const YEAR_MS = 366 * 86_400_000

const WRITTEN = [
  'yyyy-MM-dd', 'yyyyMMdd', 'yyyyMMddHHmmss', 'yyyyMMddHHmmssSSS', "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXX",
  "yyyy-MM-dd'T'HH:mm:ssX", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd HH:mm:ss.SSS', 'yyyy-MM-dd HH:mm:ss.SSSSSS', 'EEE, d MMM yyyy HH:mm:ss Z',
  'EEE, dd MMM yyyy HH:mm:ss zzz', 'EEEE, MMMM d, yyyy', 'MM/dd/yyyy', 'M/d/yy', 'dd.MM.yy', 'yyMMdd', 'dd-MMM-yyyy hh:mm a', 'h:mm a', 'K:mm a', 'kk:mm:ss', 'HH:mm', 'yyyy', 'yy', 'y', 'MMM', 'D',
  'yyyy-DDD', 'yyyyDDD', "YYYY-'W'ww-u", "YYYY-'W'ww", 'YYYY-MM-dd', 'YYYYMMdd', 'yyyy-ww', "yyyy 'week' w u", 'yyyy MM W E', 'yyyy MM F E', "yyyy.MM.dd G 'at' HH:mm:ss z", "h:mm a, zzzz", 'yyyyy.MMMMM.dd GGG hh:mm aaa', "hh 'o''clock' a", "''yyyy''", 'u', 'E', 'S', 's.S', 'HHmm', 'Hmm', 'yyyy-MM-dd-HH', "'year='yyyy'/month='MM'/day='dd", 'LLLL yyyy', 'LLL', 'L', 'dMMMyyyy', 'ddMMMyy', 'MMMd', 'yyyyMMMdd', 'HH:mm:ss.S Z', 'zzz', 'zzzz', 'Z', 'X', 'XX', 'XXX', 'G', 'a', 'Y', 'YY', 'YYYYY', 'w', 'W', 'F', '', ' ', "'only'", 'yyyy-MM-dd G', 'd/M/y G',
]
const REFUSED = ["yyyy'", 'yyyy-MM-ddTHH:mm', 'bbbb', 'XXXX', 'yyyy e', 'q', 'A', "'", "'''", 'yyyy-MM-dd n', 'V', 'O', 'B', 'c', 'i', 'yyyy-MM-dd\'T']

const TEXTS: Record<string, string[]> = {
  'yyyy-MM-dd': ['2024-02-30', '2024-13-01', '2024-0-0', '24-1-1', '  2024- 2-  3', '2024-02-29x', '2024/02/29', '-5-01-01', '2024--2-01', '2024-02--1', '12345678901-1-1', '1582-10-10', '1582-10-04', '1582-10-15', '0000-01-01', '1500-02-29', '1900-02-29', '', '2024', '+2024-01-01', '2024-02-29T10:00', '99999999999999999999-1-1', '2024-1-1e3'],
  yyyyMMdd: ['20240229', '2024022', '202402291', '2024 229', '-2024022', '2024-02-29', '20241301', '20240000'],
  "yyyy-MM-dd'T'HH:mm:ssXXX": ['2024-02-29T10:00:00Z', '2024-02-29T10:00:00+05:30', '2024-02-29T10:00:00-0530', '2024-02-29T10:00:00+24:00', '2024-02-29T10:00:00+5:30', '2024-02-29T10:00:00', '2024-02-29T10:00:00+05:60', '2024-02-29T10:00:00z', '2024-02-29T10:00:00 Z', '2024-02-29t10:00:00Z', '2024-02-29T25:61:61Z'],
  "yyyy-MM-dd'T'HH:mm:ss.SSSXX": ['2024-02-29T10:00:00.1Z', '2024-02-29T10:00:00.123456+0530', '2024-02-29T10:00:00.5-05:30', '2024-02-29T10:00:00.5+05'],
  "yyyy-MM-dd'T'HH:mm:ssX": ['2024-02-29T10:00:00+05', '2024-02-29T10:00:00+0530', '2024-02-29T10:00:00+5', '2024-02-29T10:00:00Z'],
  "yyyy-MM-dd'T'HH:mm:ss.SSSZ": ['2024-02-29T10:00:00.1+0530', '2024-02-29T10:00:00.1Z', '2024-02-29T10:00:00.1GMT', '2024-02-29T10:00:00.1GMT+5:30', '2024-02-29T10:00:00.1gmt-05:30', '2024-02-29T10:00:00.1PST', '2024-02-29T10:00:00.1+5:30', '2024-02-29T10:00:00.1UTC', '2024-02-29T10:00:00.1GMT+'],
  'EEE, d MMM yyyy HH:mm:ss Z': ['Thu, 29 Feb 2024 10:00:00 +0000', 'fri, 29 february 2024 1:2:3 -0800', 'Thu,29 Feb 2024 10:00:00 GMT', 'Xyz, 29 Feb 2024 10:00:00 GMT'],
  'EEE, dd MMM yyyy HH:mm:ss zzz': ['Thu, 29 Feb 2024 10:00:00 GMT', 'Thu, 29 Feb 2024 10:00:00 EST', 'Thu, 29 Feb 2024 10:00:00 UTC', 'Thu, 29 Jul 2024 10:00:00 PDT', 'Thu, 29 Feb 2024 10:00:00 Coordinated Universal Time', 'Thu, 29 Feb 2024 10:00:00 +0130', 'Thu, 29 Feb 2024 10:00:00 GMT+1:30', 'Thu, 29 Feb 2024 10:00:00'],
  'M/d/yy': ['1/2/03', '1/2/46', '6/14/46', '6/15/46', '12/31/99', '1/2/3', '1/2/003', '1/2/-1', '01/02/2003', '13/32/24', '1/2/45', '1/2/ 7'],
  yyMMdd: ['240229', '460614', '460616', '24229', '-10101'],
  'dd-MMM-yyyy hh:mm a': ['29-FEB-2024 12:00 AM', '29-feb-2024 12:00 pm', '29-Feb-2024 13:00 PM', '29-February-2024 1:00 am', '29-Feb-2024 00:30 AM', '29-Feb-2024 1:00'],
  'kk:mm:ss': ['24:00:00', '25:00:00', '0:00:00'],
  'K:mm a': ['12:30 PM', '0:30 PM', '11:59 AM'],
  'HH:mm': ['1:2', '001:002', '-1:00', '24:00', '99:99'],
  yy: ['1', '24', '024', '2024'],
  y: ['7', '24', '2024', '-24'],
  'yyyy-DDD': ['2024-060', '2023-366', '2024-0', '1582-300'],
  "YYYY-'W'ww-u": ['2024-W09-4', '2020-W53-7', '2024-W00-1', '2024-W09-0', '2024-W09-8', '2024-W09--3', '2024-W60-15'],
  "YYYY-'W'ww": ['2024-W09', '2024-W1'],
  'YYYY-MM-dd': ['2024-02-29', '2020-12-31'],
  'yyyy-ww': ['2024-09', '2020-53'],
  "yyyy 'week' w u": ['2024 week 9 4', '2024 week 1 7', '2024 week 1 9'],
  'yyyy MM W E': ['2024 02 5 Thu', '2024 02 1 Sun'],
  'yyyy MM F E': ['2024 02 5 Thu', '2024 02 -1 Thu', '2024 02 0 Thu', '2024 02 1 Mon'],
  u: ['1', '7', '8', '0', '-1', '15'],
  E: ['Mon', 'Sunday', 'tue', 'xx'],
  'yyyy-MM-dd G': ['0044-03-15 BC', '2024-02-29 AD', '1-1-1 before christ', '2024-02-29 A', '0-1-1 BC'],
  S: ['5', '5000', '-5'],
  a: ['AM', 'pm', 'a', 'A'],
  Hmm: ['123', '1234', '12', '930'],
  dMMMyyyy: ['1Jan2024', '01 jan 2024', '1-Jan-2024'],
  'HH:mm:ss.S Z': ['1:2:3.4 +0000'],
}

export interface DateCase {
  pattern: string
  instants?: number[]
  texts?: string[]
}

export function dateCases(): DateCase[] {
  const random = prng(42)
  const instant = (): number => {
    const r = random()
    if (r < 0.6) return Math.floor(random() * 4_102_444_800_000)
    if (r < 0.8) return Math.floor((random() - 0.5) * 20_000_000_000_000)
    if (r < 0.9) return Math.floor((random() - 0.45) * 500_000_000_000_000)
    return Math.floor(-12_219_292_800_000 + (random() - 0.5) * 40 * 86_400_000)
  }
  const fixed = [0, -1, 1_709_164_800_000, 1_735_689_599_999, 1_735_603_200_000, -12_219_292_800_000, -12_219_292_800_001, -62_135_596_800_000, -62_135_769_600_001, -62_170_000_000_000]
  const many = (n: number): number[] => [...fixed, ...Array.from({ length: n }, instant)]
  const cases: DateCase[] = WRITTEN.map(pattern => ({ pattern, instants: /[wWFY]/.test(pattern) ? many(30).filter(ms => Math.abs(ms - CUTOVER_MS) > 1.5 * YEAR_MS) : many(30), texts: [...(TEXTS[pattern] ?? []), ...mutations(pattern, 12, random)] }))
  for (let i = 0; i < 250; i++) {
    const pattern = randomPattern(random)
    cases.push({ pattern, instants: many(4), texts: mutations(pattern, 3, random) })
  }
  return [...cases, ...REFUSED.map(pattern => ({ pattern }))]
}

function randomPattern(random: () => number): string {
  const letters = 'GyyMMddHHmmssSEuaKkhzZXDL'
  const between = ['-', ' ', ':', '/', '', '', "'T'", ', ', '.', "''"]
  let pattern = ''
  const count = 1 + Math.floor(random() * 7)
  for (let i = 0; i < count; i++) {
    const letter = letters[Math.floor(random() * letters.length)] as string
    pattern += letter.repeat(1 + Math.floor(random() * (letter === 'X' ? 3 : 4))) + (between[Math.floor(random() * between.length)] as string)
  }
  return pattern
}

/** Texts that nearly fit: one formatted, with a character dropped, changed, doubled or in the other case. */
function mutations(pattern: string, count: number, random: () => number): string[] {
  const format = new JavaDateFormat(pattern)
  return Array.from({ length: count }, () => {
    const text = format.format(Math.floor(random() * 4_102_444_800_000))
    const at = Math.floor(random() * text.length)
    const c = text[at] ?? ''
    const replaced = ['', c + c, ` ${c}`, c.toUpperCase(), c.toLowerCase(), '7', '-'][Math.floor(random() * 7)] as string
    return text.slice(0, at) + replaced + text.slice(at + 1)
  })
}
