// The oracle of regular expressions: random patterns as users write them, and stranger ones, matched and replaced by java.util.regex and by
// JavaRegex. What we refuse is counted; what we take must give what Java gives. Main thread of `npm run test:oracle -- regex`.
import { ConfigError } from '../../src/base/errors.ts'
import { JavaRegex } from '../../src/data/java-regex.ts'
import { Replacement } from '../../src/data/java-replacement.ts'
import type { JavaPeer } from './java-peer.ts'
import { compareCases } from './loop.ts'
import type { Oracle } from './oracle.ts'
import { Random } from './random.ts'
import { startJava } from './transforms/run.ts'

interface Question {
  readonly regex: string
  readonly replacement?: string
  readonly texts: readonly string[]
}

/** Of one text: no match, a match, the replaced text, or a failure. */
type Result = boolean | string | { readonly error: string }

interface Answer {
  readonly bad?: string
  readonly results?: readonly Result[]
}

const TEXTS_PER_PATTERN = 12
/** Of the patterns that Java takes, we may refuse this share at most. */
const REFUSED_MAX = 0.45
const MATCHED_MIN = 0.05

const LETTERS = ['a', 'b', 'A', 'B', 'k', 's', '0', '1', '_', '-', '.', ' ', 'é', 'É', '漢', '😀', '\n', '\r', 'ſ', '\u212a', 'i', 'I', '\u0085', '٣'] // biome-ignore format: one line is easier to read
const ATOMS = ['\\w', '\\W', '\\d', '\\D', '\\s', '\\S', '\\h', '\\v', '.', '.', '\\.', '\\-', '\\t', '\\x41', '\\u0061', '\\0101', '\\p{L}', '\\p{Alpha}', '\\p{Lu}', '\\P{L}', '\\p{IsLatin}', '\\p{Punct}', '\\pN', '\\p{IsAlphabetic}', '\\Qa.\\E', '\\cA', '\\e'] // biome-ignore format: one line is easier to read
const ANCHORS = ['^', '$', '\\b', '\\B', '\\A', '\\z']
const STRANGE = ['\\Z', '\\G', '\\R', '\\X', '\\1', '\\k<n>', '(?>a|ab)', 'a*+', 'b++', 'a?+', '[a[b]]', '[a-z&&[^b]]', '(?i:a)', '(?-i:a)', '(?m)', '(?x)', '\\P{Alpha}', '\\p{javaLowerCase}', '\\p{InGreek}', '\\p{Nope}', '(', ')', '[', ']', '{', '}', '*', '+', '\\', '{2}', '(?<n>a)', '(?<1>a)', '\\y', '\\p', '(?#a)', '\\N{DIGIT ONE}', '#'] // biome-ignore format: one line is easier to read
const CLASS_ITEMS = ['a-c', 'A-C', 'k', 's', 'é', '\\w', '\\d', '\\s', '\\W', '\\S', '-', '.', '0-9', '\\-', '\\]', '\\.', '^', '$', '漢', '\\p{L}', '\\u00e9', '_', 'A-z', '\\h', '&', '\\x61', '|', ' '] // biome-ignore format: one line is easier to read
const QUANTIFIERS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,}', '{0,2}', '{1,3}?']
const named = (name: string): string => ['$', `{${name}}`].join('')
const REPLACEMENTS = ['x', '$0', '$1', '[$1|$2]', '$12', named('n'), `<${named('n')}>`, '\\$1', '\\\\', 'a\\', '$', '$x', named(''), named('1'), '$0$0', '\\n', '', '$٣'] // biome-ignore format: one line is easier to read

function patternOf(random: Random, depth: number): string {
  const pieces = random.times(random.between(1, 3), () => piece(random, depth))
  return random.chance(0.2) ? `${pieces.join('')}|${piece(random, depth)}` : pieces.join('')
}

function piece(random: Random, depth: number): string {
  if (random.chance(0.03)) return random.pick(STRANGE)
  if (random.chance(0.08)) return random.pick(ANCHORS)
  const kind = random.int(depth > 0 ? 5 : 3)
  let atom: string
  if (kind === 0) atom = random.pick(LETTERS).replace(/[.]/, '\\.')
  else if (kind === 1) atom = random.pick(ATOMS)
  else if (kind === 2)
    atom = `[${random.chance(0.3) ? '^' : ''}${random.times(random.between(1, 3), () => random.pick(CLASS_ITEMS)).join('')}]`
  else atom = `(${random.pick(['', '', '', '?:', '?<n>', '?=', '?!', '?<=', '?<!'])}${patternOf(random, depth - 1)})`
  return random.chance(0.35) ? atom + random.pick(QUANTIFIERS) : atom
}

function questionOf(seed: number, number: number): Question {
  const random = new Random(seed, number)
  const flags = random.pick(['', '', '', '', '(?i)', '(?s)', '(?is)', '(?iu)'])
  const regex = flags + patternOf(random, 2)
  const texts = random.times(TEXTS_PER_PATTERN, () => random.times(random.int(5), () => random.pick(LETTERS)).join(''))
  return { regex, texts, ...(random.chance(0.5) ? { replacement: random.pick(REPLACEMENTS) } : {}) }
}

/** Null: refused, with `bad` as the reason. */
function ours({ regex, replacement, texts }: Question): Answer {
  let pattern: JavaRegex
  try {
    pattern = new JavaRegex(regex, { captures: replacement !== undefined })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { bad: error.message }
  }
  const replaced = replacement === undefined ? null : new Replacement(replacement, pattern)
  return {
    results: texts.map((text): Result => {
      if (!pattern.matches(text)) return false
      if (replaced === null) return true
      try {
        return pattern.replaceFirst(text, replaced)
      } catch (error) {
        return { error: (error as Error).message }
      }
    }),
  }
}

const isNotAscii = (text: string): boolean => /[^\0-\x7f]/.test(text)

/** Words end elsewhere for letters outside of ASCII in JDKs before 19 (docs/differences.md). */
const isOldBoundary = (regex: string, text: string): boolean => /\\b/i.test(regex) && isNotAscii(text)

function differs(question: Question, java: Answer, mine: Answer): string | null {
  if (mine.bad !== undefined) return null
  if (java.bad !== undefined) return `Java refuses it: ${java.bad}`
  for (const [i, text] of question.texts.entries()) {
    const [theirs, own] = [java.results?.[i], mine.results?.[i]]
    const same = typeof theirs === 'object' ? typeof own === 'object' : theirs === own
    if (same || isOldBoundary(question.regex, text)) continue
    return `text ${JSON.stringify(text)}: Java ${JSON.stringify(theirs)}, ours ${JSON.stringify(own)}`
  }
  return null
}

export const regex: Oracle = {
  name: 'regex',
  countDefault: 20_000,
  startJava,
  async run(java, options) {
    const { seed, count, only } = options
    let [taken, refused, bad, matched, texts] = [0, 0, 0, 0, 0]
    const faults = await compareCases(java, 'regex', options, async number => {
      const question = questionOf(seed, number)
      const theirs = await askJava(java, question)
      const mine = ours(question)
      if (theirs.bad !== undefined) bad++
      else if (mine.bad !== undefined) refused++
      else taken++
      matched += theirs.results?.filter(result => result !== false).length ?? 0
      texts += theirs.results?.length ?? 0
      const what = differs(question, theirs, mine)
      return what === null
        ? null
        : `pattern ${JSON.stringify(question.regex)} replacement ${JSON.stringify(question.replacement)}, ${what}`
    })
    if (only === null && count >= 1000 && faults.length === 0) {
      if (refused > (taken + refused) * REFUSED_MAX)
        faults.push(`${refused} of ${taken + refused} patterns that Java takes are refused`)
      if (matched < texts * MATCHED_MIN) faults.push(`only ${matched} of ${texts} texts matched`)
    }
    return {
      lines: [
        `${taken} patterns taken by both, ${refused} refused by us alone, ${bad} refused by Java; ${matched} of ${texts} texts match`,
      ],
      faults,
    }
  },
}

const askJava = (java: JavaPeer, question: Question): Promise<Answer> => java.ask({ op: 'regex', ...question })
