// Reads TypeScript without a compiler, as far as the tidy test needs it: blanks comments and string contents, finds imports and the
// extents of functions. It relies on the formatter's layout (a block's closing brace ends its own line). Main thread of a test file.

export interface SourceText {
  /** the same length and lines as the text; comments, string contents and regular expressions are spaces */
  readonly code: string
  /** comments only, everything else is spaces */
  readonly comments: string
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ')
/** A slash after one of these starts a regular expression, after anything else it divides. */
const BEFORE_REGEX = /(?:^|[=(,:;!&|?{}[\n+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|delete|throw|await|yield))\s*$/

interface Cursor {
  readonly text: string
  at: number
  code: string
  comments: string
}

function take(cursor: Cursor, end: number, kind: 'code' | 'comment' | 'content'): void {
  const part = cursor.text.slice(cursor.at, end)
  cursor.code += kind === 'code' ? part : blank(part)
  cursor.comments += kind === 'comment' ? part : blank(part)
  cursor.at = end
}

function endOfString(text: string, start: number, quote: string): number {
  let at = start + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at
}

function endOfRegex(text: string, start: number): number {
  let inClass = false
  let at = start + 1
  for (; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) break
  }
  return at
}

function takeTemplate(cursor: Cursor): void {
  take(cursor, cursor.at + 1, 'code')
  let start = cursor.at
  while (start < cursor.text.length && cursor.text[start] !== '`') {
    if (cursor.text[start] === '\\') start += 2
    else if (cursor.text.startsWith('${', start)) {
      take(cursor, start, 'content')
      take(cursor, start + 2, 'content')
      takeCode(cursor, true)
      take(cursor, cursor.at + 1, 'content') // the closing brace
      start = cursor.at
    } else start++
  }
  take(cursor, start, 'content')
  take(cursor, cursor.at + 1, 'code')
}

/** Up to the end of the text, or (inside a template) up to the brace that closes the expression. */
function takeCode(cursor: Cursor, inTemplate: boolean): void {
  let depth = 0
  while (cursor.at < cursor.text.length) {
    const { text, at } = cursor
    const char = text[at]
    if (text.startsWith('//', at)) take(cursor, (text.indexOf('\n', at) + text.length + 1) % (text.length + 1), 'comment')
    else if (text.startsWith('/*', at)) take(cursor, text.indexOf('*/', at) + 2, 'comment')
    else if (char === "'" || char === '"') {
      take(cursor, at + 1, 'code')
      take(cursor, endOfString(text, at, char), 'content')
      take(cursor, cursor.at + 1, 'code')
    } else if (char === '`') takeTemplate(cursor)
    else if (char === '/' && BEFORE_REGEX.test(cursor.code.slice(-40))) {
      take(cursor, at + 1, 'code')
      take(cursor, endOfRegex(text, at), 'content')
      take(cursor, cursor.at + 1, 'code')
    } else {
      if (char === '{') depth++
      if (char === '}' && depth-- === 0 && inTemplate) return
      take(cursor, at + 1, 'code')
    }
  }
}

export function readSource(text: string): SourceText {
  const cursor: Cursor = { text, at: 0, code: '', comments: '' }
  takeCode(cursor, false)
  return { code: cursor.code, comments: cursor.comments }
}

export const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length

export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
  readonly dynamic: boolean
  readonly line: number
}

/** Imports, re-exports, import() of a literal, and new URL('...', import.meta.url), which names thread entries. */
export function importsOf(text: string, { code }: SourceText): Import[] {
  const pattern = /\bfrom\s*(['"])|\bimport\s*(['"])|\bimport\(\s*(['"])|\bnew URL\(\s*(['"])/g
  const found: Import[] = []
  for (const match of code.matchAll(pattern)) {
    const start = match.index + match[0].length
    const specifier = text.slice(start, text.indexOf(match[0].at(-1) ?? "'", start))
    const statement = code.slice(
      Math.max(code.lastIndexOf('\nimport', match.index), code.lastIndexOf('\nexport', match.index)),
      match.index,
    )
    const dynamic = match[3] !== undefined || match[4] !== undefined
    const typeOnly = !dynamic && (/^\n(?:import|export) type\b/.test(statement) || onlyTypesNamed(statement))
    found.push({ specifier, typeOnly, dynamic, line: lineOf(text, match.index) })
  }
  return found
}

/** `import { type A, type B }` names only types. */
function onlyTypesNamed(statement: string): boolean {
  const names = /^\n(?:import|export) \{([^}]*)\}/.exec(statement)?.[1]
  if (names === undefined) return false
  return names
    .split(',')
    .filter(name => name.trim() !== '')
    .every(name => /^\s*type /.test(name))
}

export interface FunctionExtent {
  readonly name: string
  readonly line: number
  readonly lines: number
}

const MODIFIERS = /^(?:export |default |async |static |private |protected |public |override |readonly |get |set |\*)+/
const NOT_A_FUNCTION = /^(?:if|for|while|switch|catch|else|do|try|class|interface|type|return|throw|case|new|await)\b/

function isFunctionHeader(header: string): boolean {
  const bare = header.trim().replace(MODIFIERS, '')
  if (/^(?:\S.*[=(,:] )?function\b/.test(bare)) return true
  return !NOT_A_FUNCTION.test(bare) && /^(?:[#\w$]+|\[[^\]]+\])(?:<.*>)?\(/.test(bare) && !/=\s*\{$/.test(bare)
}

/** Every function, method and arrow function whose body is a block of more than one line. */
export function functionsOf({ code }: SourceText): FunctionExtent[] {
  const lines = code.split('\n')
  const open: { brace: string; line: number }[] = []
  const found: FunctionExtent[] = []
  lines.forEach((text, line) => {
    for (const brace of text) {
      if ('({['.includes(brace)) open.push({ brace, line })
      else if (')}]'.includes(brace)) {
        const from = open.pop()
        if (brace === '}' && from !== undefined && from.line < line) addFunction(found, lines, from.line, line)
      }
    }
  })
  return found
}

function addFunction(found: FunctionExtent[], lines: readonly string[], from: number, to: number): void {
  const opening = (lines[from] ?? '').trimEnd()
  if (!opening.endsWith('{')) return
  const start = headerLine(lines, from)
  const header = lines[start] ?? ''
  if (!opening.endsWith('=> {') && !isFunctionHeader(header)) return
  found.push({ name: header.trim().slice(0, 60), line: start + 1, lines: to - start + 1 })
}

/** A header of several lines ends with a line of closers at its first line's indentation. */
function headerLine(lines: readonly string[], from: number): number {
  const text = lines[from] ?? ''
  if (!/^\s*[)}\]>]/.test(text)) return from
  const indent = text.length - text.trimStart().length
  for (let line = from - 1; line >= 0; line--) {
    const before = lines[line] ?? ''
    if (before.trim() !== '' && before.length - before.trimStart().length === indent) return line
  }
  return from
}
