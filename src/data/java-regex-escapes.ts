// The backslash escapes of java.util.regex as JS source. Any thread; called by java-regex.ts.

export interface Atom {
  /** char: one character; set: a class of them; assertion: matches no character */
  readonly kind: 'char' | 'set' | 'assertion' | 'refused' | 'wrong'
  /** JS source; the reason for refused and wrong */
  readonly source: string
  /** characters of the pattern it takes */
  readonly length: number
}

/** A character as JS source with flag u, fit for classes as well. */
export function literal(c: string): string {
  const code = c.codePointAt(0) ?? 0
  if (/^[a-zA-Z0-9_]$/.test(c)) return c
  return `\\u{${code.toString(16)}}`
}

/** Whether a source that `literal` made is a letter of ASCII: the only ones whose case Java ignores. */
export const isLetter = (source: string): boolean => /^[a-zA-Z]$/.test(source)

/** A letter in both cases, for a class; as it was written it stands last. Everything else as it is. */
export function bothCases(source: string): string {
  if (!isLetter(source)) return source
  const lower = source.toLowerCase()
  return (source === lower ? source.toUpperCase() : lower) + source
}

/** What has to stand beside a range of characters, for a class, where case is ignored. */
export function otherCases(from: string, to: string): string {
  const [first, last] = [codeOf(from), codeOf(to)]
  let ranges = ''
  for (const [a, z, shift] of [
    [0x41, 0x5a, 32],
    [0x61, 0x7a, -32],
  ] as const) {
    const [low, high] = [Math.max(first, a), Math.min(last, z)]
    if (low <= high) ranges += `${String.fromCharCode(low + shift)}-${String.fromCharCode(high + shift)}`
  }
  return ranges
}

/** Of a source that `literal` made. */
const codeOf = (source: string): number =>
  source.startsWith('\\u{') ? Number.parseInt(source.slice(3), 16) : source.charCodeAt(0)

const HORIZONTAL = ' \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000'
const VERTICAL = '\\n\\x0B\\f\\r\\x85\\u2028\\u2029'

/** Inside of brackets; upper case letters mean the complement. */
const SETS: Readonly<Record<string, string>> = { d: '0-9', s: ' \\t\\n\\x0B\\f\\r', w: 'a-zA-Z0-9_', h: HORIZONTAL, v: VERTICAL }
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 }
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
}
const CATEGORY = /^(?:Is)?(L|Lu|Ll|Lt|Lm|Lo|M|Mn|Mc|Me|N|Nd|Nl|No|P|Pc|Pd|Ps|Pe|Pi|Pf|Po|S|Sm|Sc|Sk|So|Z|Zs|Zl|Zp|C|Cc|Cf)$/
const SCRIPTS = new Set(['Latin', 'Greek', 'Cyrillic', 'Han', 'Hiragana', 'Katakana', 'Arabic', 'Hebrew', 'Thai', 'Hangul'])

/** The escape that begins at `at`, outside of a class. */
export function readEscape(text: string, at: number, ignoreCase: boolean): Atom {
  switch (text[at + 1]) {
    case 'b':
      if (text[at + 2] === '{') return { kind: 'refused', source: 'the boundary \\b{...}', length: 2 }
      return { kind: 'assertion', source: '\\b', length: 2 }
    case 'B':
      return { kind: 'assertion', source: '\\B', length: 2 }
    case 'A':
      return { kind: 'assertion', source: '^', length: 2 }
    case 'z':
      return { kind: 'assertion', source: '$', length: 2 }
  }
  const item = commonEscape(text, at, ignoreCase)
  return item.kind === 'set' ? { ...item, source: `[${item.source}]` } : item
}

/** One member of a class: a plain character or an escape, as source to stand between brackets. */
export function classEscape(text: string, at: number, ignoreCase: boolean): Atom {
  if (text[at] === '\\') return commonEscape(text, at, ignoreCase)
  const c = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return { kind: 'char', source: literal(c), length: c.length }
}

function commonEscape(text: string, at: number, ignoreCase: boolean): Atom {
  const c = text[at + 1]
  if (c === undefined) return { kind: 'wrong', source: 'Unexpected internal error', length: 1 }
  const set = SETS[c]
  if (set !== undefined) return { kind: 'set', source: set, length: 2 }
  const complement = SETS[c.toLowerCase()]
  if (complement !== undefined) return { kind: 'set', source: complementOf(c.toLowerCase()), length: 2 }
  if (c === 'p' || c === 'P') return property(text, at, ignoreCase)
  const control = CONTROLS[c]
  if (control !== undefined) return character(control, 2)
  if (c === 'x' || c === 'u' || c === '0' || c === 'c') return numbered(text, at, c)
  if (/[1-9]/.test(c)) return { kind: 'refused', source: `the back-reference \\${c}`, length: 2 }
  if (c === 'k') return { kind: 'refused', source: 'the back-reference \\k<...>', length: 2 }
  if (/[GRXNZQ]/.test(c)) return { kind: 'refused', source: `\\${c} at this place`, length: 2 }
  if (/[a-zA-Z]/.test(c)) return { kind: 'wrong', source: 'Illegal/unsupported escape sequence', length: 2 }
  const literalChar = String.fromCodePoint(text.codePointAt(at + 1) ?? 0)
  return { kind: 'char', source: literal(literalChar), length: 1 + literalChar.length }
}

/** \D, \S, \W, \H, \V as ranges, so that they may stand inside of a class too. */
function complementOf(letter: string): string {
  switch (letter) {
    case 'd':
      return '\\D'
    case 's':
      return '\\x00-\\x08\\x0E-\\x1F!-\\u{10FFFF}'
    case 'w':
      return '\\x00-\\/:-@\\[-\\^`\\{-\\u{10FFFF}'
    case 'h':
      return '\\x00-\\x08\\n-\\x1F!-\\x9F\\xA1-\\u167F\\u1681-\\u180D\\u180F-\\u1FFF\\u200B-\\u202E\\u2030-\\u205E\\u2060-\\u2FFF\\u3001-\\u{10FFFF}'
    default:
      return '\\x00-\\x09\\x0E-\\x84\\x86-\\u2027\\u202A-\\u{10FFFF}'
  }
}

const character = (code: number, length: number): Atom => ({ kind: 'char', source: literal(String.fromCodePoint(code)), length })

/** \xhh, \x{h...}, \uhhhh, \0n, \0nn, \0mnn and \cx. */
function numbered(text: string, at: number, c: string): Atom {
  const rest = text.slice(at)
  const forms: Readonly<Record<string, RegExp>> = {
    x: /^\\x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/,
    u: /^\\u([0-9a-fA-F]{4})/,
    '0': /^\\0([0-3][0-7]{2}|[0-7]{1,2})/,
    c: /^\\c([\s\S])/,
  }
  const match = (forms[c] as RegExp).exec(rest)
  if (match === null) return { kind: 'wrong', source: 'Illegal escape sequence', length: 2 }
  const digits = match[1] ?? match[2] ?? ''
  if (c === 'c') return character(digits.charCodeAt(0) ^ 64, match[0].length)
  const code = Number.parseInt(digits, c === '0' ? 8 : 16)
  if (code > 0x10ffff) return { kind: 'wrong', source: 'Hexadecimal codepoint is too big', length: 2 }
  if (code >= 0xd800 && code <= 0xdfff) return { kind: 'refused', source: 'half of a surrogate pair', length: 2 }
  return character(code, match[0].length)
}

function property(text: string, at: number, ignoreCase: boolean): Atom {
  const match = /^\\([pP])(?:\{([A-Za-z_=]+)\}|([A-Za-z]))/.exec(text.slice(at))
  if (match === null) return { kind: 'wrong', source: 'Unclosed or empty character family', length: 2 }
  const name = match[2] ?? match[3] ?? ''
  const length = match[0].length
  const negated = match[1] === 'P'
  const posix = POSIX[name]
  if (ignoreCase && /^(Lower|Upper|(Is)?L[ult])$/.test(name)) return { kind: 'refused', source: `\\p{${name}} with (?i)`, length }
  if (posix !== undefined) {
    if (negated) return { kind: 'refused', source: `\\P{${name}}`, length }
    return { kind: 'set', source: posix, length }
  }
  const category = CATEGORY.exec(name)?.[1]
  const script = name.startsWith('Is') && SCRIPTS.has(name.slice(2)) ? `Script=${name.slice(2)}` : undefined
  const alphabetic = name === 'IsAlphabetic' ? 'Alphabetic' : undefined
  const known = category ?? script ?? alphabetic
  if (known === undefined) return { kind: 'refused', source: `\\${match[1]}{${name}}`, length }
  return { kind: 'set', source: `\\${match[1]}{${known}}`, length }
}
