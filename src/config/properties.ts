// Reads the text format of java.util.Properties: worker and connector files as Java Connect takes them. Main thread, at start.
// Unlike Java's stream reader, which takes bytes as ISO 8859-1, our files are UTF-8; \uXXXX works in both.
import { ConfigError } from '../base/errors.ts'
import type { Props } from './define.ts'

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** @throws ConfigError for a \u without four hexadecimal digits, naming the line */
export function parseProperties(text: string): Props {
  const found = new Map<string, string>()
  for (const { line, number } of logicalLines(text)) {
    const end = keyEnd(line)
    found.set(unescaped(line.slice(0, end), number), unescaped(line.slice(valueStart(line, end)), number))
  }
  return Object.fromEntries(found)
}

interface LogicalLine {
  readonly line: string
  readonly number: number
}

/** Lines without blank ones and comments, continuation lines joined: a line goes on after an odd number of backslashes. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = []
  let open: { text: string; number: number } | null = null
  const natural = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  for (const [i, raw] of natural.entries()) {
    const trimmed = raw.replace(/^[ \t\f]+/, '')
    if (open === null && (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!'))) continue
    const goesOn = endsInOddBackslashes(trimmed)
    const part = goesOn ? trimmed.slice(0, -1) : trimmed
    const joined: { text: string; number: number } = open === null ? { text: part, number: i + 1 } : open
    if (open !== null) joined.text += part
    open = goesOn ? joined : null
    if (!goesOn && joined.text !== '') lines.push({ line: joined.text, number: joined.number })
  }
  if (open !== null) lines.push({ line: open.text, number: open.number })
  return lines
}

function endsInOddBackslashes(line: string): boolean {
  let count = 0
  while (count < line.length && line[line.length - 1 - count] === '\\') count++
  return count % 2 === 1
}

/** Where the key ends: at the first separator that no backslash precedes. */
function keyEnd(line: string): number {
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '\\') i++
    else if (/[=: \t\f]/.test(line[i] ?? '')) return i
  }
  return line.length
}

/** Behind the key: white space, at most one `=` or `:`, white space. */
function valueStart(line: string, keyEnd: number): number {
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(keyEnd))
  return keyEnd + (separator?.[0].length ?? 0)
}

function unescaped(text: string, lineNumber: number): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.|$))/gs, (_all, code: string | undefined, character: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    if (character === 'u') throw new ConfigError('', `line ${lineNumber}: Malformed \\uxxxx encoding.`)
    return ESCAPES[character ?? ''] ?? character ?? ''
  })
}
