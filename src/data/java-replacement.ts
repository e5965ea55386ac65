// The replacement texts of java.util.regex.Matcher: `$1`, `${name}`, `\` before a character that is meant literally. Any thread;
// called by RegexRouter. Java reads the text at each use, so a wrong one fails with the first topic that matches, not before.
import { ConnectError } from '../base/errors.ts'
import type { JavaRegex } from './java-regex.ts'

export class Replacement {
  /** literal texts, group numbers and group names */
  readonly #parts: (string | number | { readonly name: string })[] = []
  #error: string | null = null

  constructor(text: string, regex: JavaRegex) {
    let literal = ''
    for (let i = 0; i < text.length && this.#error === null; ) {
      const c = text[i] as string
      if (c === '\\') {
        if (i + 1 >= text.length) this.#error = 'character to be escaped is missing'
        else literal += text[i + 1]
        i += 2
      } else if (c === '$') {
        if (literal !== '') this.#parts.push(literal)
        literal = ''
        i = this.#group(text, i + 1, regex)
      } else {
        literal += c
        i++
      }
    }
    if (literal !== '') this.#parts.push(literal)
  }

  /** The text for one match. */
  expand(match: RegExpExecArray): string {
    if (this.#error !== null) throw new ConnectError(this.#error, { code: 'CONNECT_ILLEGAL_ARGUMENT' })
    let text = ''
    for (const part of this.#parts) {
      if (typeof part === 'string') text += part
      else text += (typeof part === 'number' ? match[part] : match.groups?.[part.name]) ?? ''
    }
    return text
  }

  /** The reference after a `$`; returns the index behind it. */
  #group(text: string, at: number, regex: JavaRegex): number {
    if (at >= text.length) this.#error = 'Illegal group reference: group index is missing'
    else if (text[at] === '{') return this.#named(text, at + 1, regex)
    else if (!isDigit(text[at])) this.#error = 'Illegal group reference'
    if (this.#error !== null) return at
    let number = Number(text[at])
    let end = at + 1
    // More digits belong to the number as long as there is such a group: `$12` may be group 1 and a 2.
    for (; isDigit(text[end]); end++) {
      const longer = number * 10 + Number(text[end])
      if (longer > regex.groupCount) break
      number = longer
    }
    if (number > regex.groupCount) this.#error = `No group ${number}`
    this.#parts.push(number)
    return end
  }

  #named(text: string, at: number, regex: JavaRegex): number {
    const name = /^[a-zA-Z0-9]*/.exec(text.slice(at))?.[0] ?? ''
    const end = at + name.length
    if (name === '') this.#error = 'named capturing group has 0 length name'
    else if (text[end] !== '}') this.#error = "named capturing group is missing trailing '}'"
    else if (isDigit(name[0])) this.#error = `capturing group name {${name}} starts with digit character`
    else if (!regex.groupNames.has(name)) this.#error = `No group with name {${name}}`
    this.#parts.push({ name })
    return end + 1
  }
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9'
