// java.util.regex patterns on JS regular expressions: what both can say is translated, the rest is refused with its reason, since a
// pattern that silently matches other topics is worse than an error. Any thread; used by RegexRouter, TopicNameMatches, topics.regex.
//
// Refused: possessive and atomic groups, back-references, nested and intersected classes, flags other than i and s, \G \R \X \N \Z,
// and captures whose content differs after a repeat (Java keeps the last one set, JS forgets it).
import { ConfigError } from '../base/errors.ts'
import { type Atom, classEscape, literal, readEscape } from './java-regex-escapes.ts'
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
      this.#whole = new RegExp(`^(?:${source})$`, translator.flags)
      this.#find = new RegExp(source, translator.flags)
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
  readonly canBeEmpty: boolean
  /** the group that ended, if it was one */
  readonly group: Frame | null
}

const NOTHING: Last = { quantifiable: false, canBeEmpty: true, group: null }
const END = '(?=(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])?$)'
const DOT = '[^\\n\\r\\u0085\\u2028\\u2029]'

const refuse = (what: string): never => {
  throw new ConfigError('', `${what} of Java's regular expressions is not supported; please write the pattern without it`)
}
const wrong = (what: string): never => {
  throw new ConfigError('', what)
}

class Translator {
  flags = 'u'
  groupCount = 0
  readonly groupNames = new Set<string>()
  readonly #text: string
  readonly #use: RegexUse
  #at = 0
  #out = ''
  #dotAll = false
  #last: Last = NOTHING
  #frames: Frame[] = [newFrame(false, false)]

  constructor(text: string, use: RegexUse) {
    this.#text = text
    this.#use = use
  }

  translate(): string {
    this.#leadingFlags()
    while (this.#at < this.#text.length) this.#next()
    this.#settle()
    if (this.#frames.length > 1) wrong(`Unclosed group near index ${this.#text.length}`)
    return this.#out
  }

  get #frame(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame
  }

  #leadingFlags(): void {
    const match = /^\(\?([a-zA-Z]+)\)/.exec(this.#text)
    if (match === null) return
    for (const flag of match[1] as string) {
      if (flag === 'i') this.flags = 'iu'
      else if (flag === 's') this.#dotAll = true
      else if (flag !== 'u') refuse(`the flag (?${flag})`)
    }
    this.#at = match[0].length
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
        return this.#atom(literal(c), c.length)
    }
  }

  #atom(source: string, length: number): void {
    this.#settle()
    this.#at += length
    this.#out += source
    this.#last = { quantifiable: true, canBeEmpty: false, group: null }
  }

  #assertion(source: string, length: number): void {
    this.#settle()
    this.#at += length
    this.#out += source
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
    frame.altEmpty = true
    this.#out += '|'
  }

  #escape(): void {
    if (this.#text.startsWith('\\Q', this.#at)) return this.#quoted()
    const atom = readEscape(this.#text, this.#at, this.flags.startsWith('i'))
    if (atom.kind === 'refused') return refuse(atom.source)
    if (atom.kind === 'wrong') return wrong(`${atom.source} near index ${this.#at + 1}`)
    if (atom.kind === 'assertion') return this.#assertion(atom.source, atom.length)
    this.#atom(atom.source, atom.length)
  }

  /** A quantifier after \E is for the last character only. */
  #quoted(): void {
    const end = this.#text.indexOf('\\E', this.#at + 2)
    const text = this.#text.slice(this.#at + 2, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#text.length : end + 2
    for (const c of text) this.#atom(literal(c), 0)
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
      this.groupCount++
      for (const frame of this.#frames) frame.holdsCapture = true
    }
    if (name !== undefined) {
      if (this.groupNames.has(name)) wrong(`Named capturing group <${name}> is already defined`)
      this.groupNames.add(name)
    }
    const opening = special?.[0] ?? '('
    this.#frames.push(newFrame(capturing, special?.[1] !== undefined && special[1] !== ':'))
    this.#out += opening
    this.#at += opening.length
  }

  #closeGroup(): void {
    this.#settle()
    if (this.#frames.length === 1) wrong(`Unmatched closing ')' near index ${this.#at}`)
    const frame = this.#frames.pop() as Frame
    this.#at++
    this.#out += ')'
    if (frame.hasChoice) this.#frame.hasChoice = true
    this.#last = {
      quantifiable: !frame.lookaround,
      canBeEmpty: frame.lookaround || frame.anyEmpty || frame.altEmpty,
      group: frame,
    }
  }

  #quantifier(c: string): void {
    const match = c === '{' ? /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(this.#text.slice(this.#at)) : null
    if (c === '{' && match === null) return wrong(`Illegal repetition near index ${this.#at}`)
    if (!this.#last.quantifiable) {
      return c === '{'
        ? refuse('a repetition of a repetition or of nothing')
        : wrong(`Dangling meta character '${c}' near index ${this.#at}`)
    }
    const source = match === null ? c : match[0]
    const least = match === null ? (c === '+' ? 1 : 0) : Number(match[1])
    const most = match === null ? (c === '?' ? 1 : Infinity) : upperBound(match[2], least)
    if (most < least) wrong(`Illegal repetition range near index ${this.#at}`)
    this.#at += source.length
    const next = this.#text[this.#at]
    if (next === '+') refuse('a possessive quantifier')
    this.#out += next === '?' ? `${source}?` : source
    if (next === '?') this.#at++
    const { group, canBeEmpty } = this.#last
    if (this.#use.captures && group !== null && most > 1) this.#checkRepeated(group, canBeEmpty)
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
      source += item.source
      if (this.#text[at] !== '-' || item.kind !== 'char' || this.#text[at + 1] === ']') continue
      if (this.#text[at + 1] === undefined) continue
      if (this.#text[at + 1] === '[') return refuse('a character class inside of another')
      const to = this.#classItem(at + 1)
      if (to.kind !== 'char') return wrong(`Illegal character range near index ${at + 1}`)
      source += `-${to.source}`
      at += 1 + to.length
    }
    this.#atom(`${source}]`, at + 1 - start)
  }

  #classItem(at: number): Atom {
    const item = classEscape(this.#text, at, this.flags.startsWith('i'))
    if (item.kind === 'refused') return refuse(item.source)
    if (item.kind === 'wrong' || item.kind === 'assertion') return wrong(`${item.source} near index ${at + 1}`)
    return item
  }
}

const upperBound = (text: string | undefined, least: number): number =>
  text === undefined ? least : text === '' ? Infinity : Number(text)

function newFrame(capturing: boolean, lookaround: boolean): Frame {
  return { capturing, lookaround, holdsCapture: false, hasChoice: false, altEmpty: true, anyEmpty: false }
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
