// Java regular expressions in configs, translated near enough to say whether one is well-formed and which plain names it matches:
// quotations, flags in front, possessive quantifiers and atomic groups. Tasks have the exact translation (data/java-regex.ts). Any thread.

/** Flags in front of a Java pattern that JavaScript has as well, by other letters. */
const FLAGS: Readonly<Record<string, string>> = { i: 'i', s: 's', m: 'm' }

interface Translated {
  readonly source: string
  readonly flags: string
}

function asJavaScript(pattern: string): Translated {
  const inFront = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  const flags = [...(inFront?.[1] ?? '')].map(flag => FLAGS[flag] ?? '').join('')
  const source = pattern
    .slice(inFront?.[0].length ?? 0)
    .replace(/\\Q(.*?)(?:\\E|$)/gs, (_, quoted: string) => quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .replaceAll('(?>', '(?:')
    .replace(/([*+?}])\+/g, '$1')
  return { source, flags: [...new Set(flags)].join('') }
}

/** Matches whole texts; null for what is no pattern. */
export function wholePattern(pattern: string): RegExp | null {
  const { source, flags } = asJavaScript(pattern)
  for (const mode of ['v', '']) {
    try {
      return new RegExp(`^(?:${source})$`, flags + mode)
    } catch {}
  }
  return null
}

/** Why a text is no pattern: a class or group left open, nothing to repeat, a backslash at the end. Null where it is one. */
export function patternFault(pattern: string): string | null {
  if (wholePattern(pattern) !== null) return null
  try {
    new RegExp(asJavaScript(pattern).source)
    return 'not a regular expression'
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '')
  }
}
