// java.util.regex patterns on JS regular expressions: what both can say is translated, the rest is refused with its reason, since a
// pattern that silently matches other topics is worse than an error. Any thread; used by RegexRouter, TopicNameMatches, topics.regex.
//
// Refused: possessive and atomic groups, back-references, nested and intersected classes, flags other than i and s, \G \R \X \N \Z,
// captures whose content differs after a repeat (Java keeps the last one set, JS forgets it) or in a look-behind (JS reads it backwards).
// Case is ignored by writing out both cases of a letter: Java means ASCII, the flag i of JS all of Unicode.
import { ConfigError } from '../base/errors.ts'
import { type Atom, bothCases, classEscape, isLetter, literal, otherCases, readEscape } from './java-regex-escapes.ts'
import type { Replacement } from './java-replacement.ts'

export interface RegexUse {
  /** whether the groups' content is used: patterns with captures that differ from Java's are refused then */
  readonly captures: boolean
}

export class JavaRegex {
  readonly groupCount: number
  readonly groupNames: ReadonlySet<string>
  readonly #whole: RegExp
  readonly #find: RegExp

  /** @throws ConfigError (without a key) for a pattern that Java refuses or that is not covered */
  constructor(pattern: string, use: RegexUse = { captures: false }) {
    const translator = new Translator(pattern, use)
    const source = translator.translate()
    this.groupCount = translator.groupCount
    this.groupNames = translator.groupNames
    try {
      this.#whole = new RegExp(`^(?:${source})$`, 'u')
      this.#find = new RegExp(source, 'u')
    } catch (error) {
      throw new ConfigError('', (error as Error).message.replace(/^Invalid regular expression: .*: /s, ''))
    }
  }

  /** matches whole texts only */
  get whole(): RegExp {
    return this.#whole
  }

  /** Matcher.matches: the whole text. */
  matches(text: string): boolean {
    return this.#whole.test(text)
  }

  /** Matcher.replaceFirst: the first place where the pattern is found, which need not be the whole text. */
  replaceFirst(text: string, replacement: Replacement): string {
    const found = this.#find.exec(text)
    if (found === null) return text
    return text.slice(0, found.index) + replacement.expand(found) + text.slice(found.index + found[0].length)
  }
}

/** One open group, or the pattern itself. */
interface Frame {
  readonly capturing: boolean
  readonly lookaround: boolean
  /** it is a look-behind, or stands in one */
  readonly lookbehind: boolean
  /** it is a negative look-around, or stands in one */
  readonly negative: boolean
  readonly ignoreCase: boolean
  /** may match nothing though something else would match too: by a reluctant quantifier, or an earlier alternative that may be empty */
  prefersEmpty: boolean
  /** a group inside captures */
  holdsCapture: boolean
  /** has alternatives or optional parts */
  hasChoice: boolean
  /** every part of the present alternative may be empty */
  altEmpty: boolean
  /** an earlier alternative may be empty */
  anyEmpty: boolean
}

/** What was just read, for a quantifier to follow. */
interface Last {
  readonly quantifiable: boolean
  /** an anchor or a look-around, which Java lets be quantified */
  readonly isAssertion: boolean
  readonly canBeEmpty: boolean
  /** the group that ended, if it was one */
  readonly group: Frame | null
}

const NOTHING: Last = { quantifiable: false, isAssertion: false, canBeEmpty: true, group: null }
const END = '(?=(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])?$)'
const DOT = '[^\\n\\r\\u0085\\u2028\\u2029]'

const refuse = (what: string): never => {
  throw new ConfigError('', `${what} of Java's regular expressions is not supported; please write the pattern without it`)
}
const wrong = (what: string): never => {
  throw new ConfigError('', what)
}

class Translator {
  groupCount = 0
  readonly groupNames = new Set<string>()
  readonly #text: string
  readonly #use: RegexUse
  #at = 0
  #out = ''
  #dotAll = false
  #last: Last = NOTHING
  #frames: Frame[] = []

  constructor(text: string, use: RegexUse) {
    this.#text = text
    this.#use = use
  }

  translate(): string {
    this.#frames.push(newFrame({ ignoreCase: this.#leadingFlags() }))
    while (this.#at < this.#text.length) this.#next()
    this.#settle()
    if (this.#frames.length > 1) wrong(`Unclosed group near index ${this.#text.length}`)
    return this.#out
  }

  get #frame(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame
  }

  /** Whether case is ignored. */
  #leadingFlags(): boolean {
    const match = /^\(\?([a-zA-Z]+)\)/.exec(this.#text)
    if (match === null) return false
    const flags = match[1] as string
    for (const flag of flags) {
      if (flag === 's') this.#dotAll = true
      else if (flag !== 'i' && flag !== 'u') refuse(`the flag (?${flag})`)
    }
    if (flags.includes('i') && flags.includes('u')) refuse('(?iu), case of letters outside of ASCII')
    this.#at = match[0].length
    return flags.includes('i')
  }

  #next(): void {
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)
    switch (c) {
      case '\\':
        return this.#escape()
      case '(':
        return this.#openGroup()
      case ')':
        return this.#closeGroup()
      case '[':
        return this.#class()
      case '|':
        this.#at++
        return this.#alternative()
      case '.':
        return this.#atom(this.#dotAll ? '[^]' : DOT, 1)
      case '^':
        return this.#assertion('^', 1)
      case '$':
        return this.#assertion(END, 1)
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#quantifier(c)
      default:
        return this.#char(literal(c), c.length)
    }
  }

  #char(source: string, length: number): void {
    this.#atom(this.#frame.ignoreCase && isLetter(source) ? `[${bothCases(source)}]` : source, length)
  }

  #atom(source: string, length: number): void {
    this.#settle()
    this.#at += length
    this.#out += source
    this.#last = { quantifiable: true, isAssertion: false, canBeEmpty: false, group: null }
  }

  #assertion(source: string, length: number): void {
    this.#settle()
    this.#at += length
    this.#out += source
    this.#last = { ...NOTHING, isAssertion: true }
  }

  /** The part before is complete: no quantifier followed. */
  #settle(): void {
    if (!this.#last.canBeEmpty) this.#frame.altEmpty = false
    this.#last = NOTHING
  }

  #alternative(): void {
    this.#settle()
    const frame = this.#frame
    frame.hasChoice = true
    frame.anyEmpty ||= frame.altEmpty
    frame.prefersEmpty ||= frame.anyEmpty
    frame.altEmpty = true
    this.#out += '|'
  }

  #escape(): void {
    if (this.#text.startsWith('\\Q', this.#at)) return this.#quoted()
    const atom = readEscape(this.#text, this.#at, this.#frame.ignoreCase)
    if (atom.kind === 'refused') return refuse(atom.source)
    if (atom.kind === 'wrong') return wrong(`${atom.source} near index ${this.#at + 1}`)
    if (atom.kind === 'assertion') return this.#assertion(atom.source, atom.length)
    if (atom.kind === 'char') this.#char(atom.source, atom.length)
    else this.#atom(atom.source, atom.length)
  }

  /** A quantifier after \E is for the last character only. */
  #quoted(): void {
    const end = this.#text.indexOf('\\E', this.#at + 2)
    const text = this.#text.slice(this.#at + 2, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#text.length : end + 2
    for (const c of text) this.#char(literal(c), 0)
  }

  #openGroup(): void {
    this.#settle()
    const rest = this.#text.slice(this.#at)
    const special = /^\(\?(?:([:=!]|<[=!])|<([a-zA-Z][a-zA-Z0-9]*)>|(-?i:))/.exec(rest)
    if (special === null) {
      if (rest.startsWith('(?>')) refuse('an atomic group (?>...)')
      if (/^\(\?[a-zA-Z-]+[:)]/.test(rest)) refuse('a flag inside of the pattern')
      if (rest.startsWith('(?')) wrong(`Unknown inline modifier or group near index ${this.#at + 2}`)
    }
    const name = special?.[2]
    const capturing = special === null || name !== undefined
    if (capturing) {
      if (this.#use.captures && this.#frame.lookbehind) refuse('a capture in a look-behind')
      if (this.#use.captures && this.#frame.negative) refuse('a capture in a negative look-around')
      this.groupCount++
      for (const frame of this.#frames) frame.holdsCapture = true
    }
    if (name !== undefined) {
      if (this.groupNames.has(name)) wrong(`Named capturing group <${name}> is already defined`)
      this.groupNames.add(name)
    }
    const opening = special?.[0] ?? '('
    const [flag, look] = [special?.[3], special?.[1]]
    this.#frames.push(
      newFrame({
        capturing,
        lookaround: look !== undefined && look !== ':',
        lookbehind: this.#frame.lookbehind || look?.startsWith('<') === true,
        negative: this.#frame.negative || look?.endsWith('!') === true,
        ignoreCase: flag === undefined ? this.#frame.ignoreCase : flag === 'i:',
      }),
    )
    this.#out += flag === undefined ? opening : '(?:'
    this.#at += opening.length
  }

  #closeGroup(): void {
    this.#settle()
    if (this.#frames.length === 1) wrong(`Unmatched closing ')' near index ${this.#at}`)
    const frame = this.#frames.pop() as Frame
    this.#at++
    this.#out += ')'
    if (frame.hasChoice) this.#frame.hasChoice = true
    if (frame.prefersEmpty) this.#frame.prefersEmpty = true
    this.#last = {
      quantifiable: !frame.lookaround,
      isAssertion: frame.lookaround,
      canBeEmpty: frame.lookaround || frame.anyEmpty || frame.altEmpty,
      group: frame,
    }
  }

  #quantifier(c: string): void {
    const match = c === '{' ? /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(this.#text.slice(this.#at)) : null
    if (c === '{' && match === null) return wrong(`Illegal repetition near index ${this.#at}`)
    if (this.#last.isAssertion) refuse('a quantifier after an anchor or a look-around')
    if (!this.#last.quantifiable) {
      return c === '{'
        ? refuse('a repetition of a repetition or of nothing')
        : wrong(`Dangling meta character '${c}' near index ${this.#at}`)
    }
    const source = match === null ? c : match[0]
    const least = match === null ? (c === '+' ? 1 : 0) : Number(match[1])
    const most = match === null ? (c === '?' ? 1 : Infinity) : upperBound(match[2], least)
    if (most < least) wrong(`Illegal repetition range near index ${this.#at}`)
    if (most === Infinity && this.#frame.lookbehind) {
      wrong(`Look-behind group does not have an obvious maximum length near index ${this.#at}`)
    }
    this.#at += source.length
    const next = this.#text[this.#at]
    if (next === '+') refuse('a possessive quantifier')
    this.#out += next === '?' ? `${source}?` : source
    if (next === '?') this.#at++
    const { group, canBeEmpty } = this.#last
    if (group !== null && this.#frame.lookbehind) refuse('a repeated group in a look-behind')
    if (this.#use.captures && group !== null && most > 1) this.#checkRepeated(group, canBeEmpty)
    // JS takes no empty round beyond the least number of rounds and looks for another one, Java stops with it.
    if (this.#use.captures && group?.prefersEmpty && canBeEmpty && most > least) {
      refuse('an optional or repeated group that may be empty before it is tried otherwise')
    }
    if (next === '?') this.#frame.prefersEmpty = true
    if (least === 0) this.#frame.hasChoice = true
    if (least > 0 && !canBeEmpty) this.#frame.altEmpty = false
    this.#last = NOTHING
  }

  #checkRepeated(group: Frame, canBeEmpty: boolean): void {
    const captures = group.capturing || group.holdsCapture
    if ((group.holdsCapture && group.hasChoice) || (captures && canBeEmpty)) {
      refuse('a capture that may be left out or empty inside of a repeated group')
    }
  }

  #class(): void {
    const start = this.#at
    let at = start + 1
    let source = '['
    if (this.#text[at] === '^') {
      source += '^'
      at++
    }
    for (let first = true; ; first = false) {
      const c = this.#text[at]
      if (c === undefined) return wrong(`Unclosed character class near index ${this.#text.length - 1}`)
      if (c === ']' && !first) break
      if (c === '[') return refuse('a character class inside of another')
      if (c === '&' && this.#text[at + 1] === '&') return refuse('an intersection of character classes')
      const item = this.#classItem(at)
      at += item.length
      source += this.#frame.ignoreCase && item.kind === 'char' ? bothCases(item.source) : item.source
      if (this.#text[at] !== '-' || item.kind !== 'char' || this.#text[at + 1] === ']') continue
      if (this.#text[at + 1] === undefined) continue
      if (this.#text[at + 1] === '[') return refuse('a character class inside of another')
      const to = this.#classItem(at + 1)
      if (to.kind !== 'char') return wrong(`Illegal character range near index ${at + 1}`)
      // In bothCases the character as it was written stands last.
      source += `-${to.source}`
      if (this.#frame.ignoreCase) source += otherCases(item.source, to.source)
      at += 1 + to.length
    }
    this.#atom(`${source}]`, at + 1 - start)
  }

  #classItem(at: number): Atom {
    const item = classEscape(this.#text, at, this.#frame.ignoreCase)
    if (item.kind === 'refused') return refuse(item.source)
    if (item.kind === 'wrong' || item.kind === 'assertion') return wrong(`${item.source} near index ${at + 1}`)
    return item
  }
}

const upperBound = (text: string | undefined, least: number): number =>
  text === undefined ? least : text === '' ? Infinity : Number(text)

function newFrame(given: Partial<Frame>): Frame {
  return {
    capturing: false,
    lookaround: false,
    lookbehind: false,
    negative: false,
    ignoreCase: false,
    prefersEmpty: false,
    holdsCapture: false,
    hasChoice: false,
    altEmpty: true,
    anyEmpty: false,
    ...given,
  }
}

/** What is wrong with a pattern, or null: for checks of configs. */
export function regexProblem(pattern: string, use: RegexUse): string | null {
  try {
    new JavaRegex(pattern, use)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
