// What a caller sent stands in many error texts, so that it knows what is meant: never more than the beginning of it, or one request of
// megabytes would be answered, logged and shown with megabytes. Main thread; used by app.ts for every error text.
import type { FastifyRequest } from 'fastify'
import { NumberText } from '../base/number-text.ts'
import { parseBody } from './json-body.ts'
import { sentBytes } from './resource.ts'

/** Of one text that was sent. */
export const ECHO_MAX = 300
/** Of a whole error text. */
export const MESSAGE_MAX = 16_384

/** Each is looked for; where more were sent, the error text as a whole gets no longer than one of them may. */
const LONG_TEXTS_MAX = 100

/** @param length of which this is the beginning */
const cut = (beginning: string, length: number) => `${beginning}… (${length} characters)`

/** An error text without the later parts of long texts that the request holds. */
export function shortened(message: string, request: FastifyRequest): string {
  if (message.length <= ECHO_MAX) return message
  const sentTexts = longTexts(request)
  if (sentTexts.length > LONG_TEXTS_MAX) return cut(message.slice(0, ECHO_MAX), message.length)
  let text = message.slice(0, MESSAGE_MAX)
  for (const sent of sentTexts) text = withoutRest(text, sent)
  return message.length > MESSAGE_MAX ? cut(text, message.length) : text
}

/** Wherever `sent` begins in the text, only its beginning stays; the text may end within it. */
function withoutRest(text: string, sent: string): string {
  const head = sent.slice(0, ECHO_MAX)
  let left = ''
  let from = 0
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, from)) {
    let length = ECHO_MAX
    while (length < sent.length && text[at + length] === sent[length]) length++
    left += cut(text.slice(from, at + ECHO_MAX), sent.length)
    from = at + length
  }
  return left + text.slice(from)
}

/** Every text of path, query and body that is longer than may be told. The longest first: it may begin with another one. */
function longTexts(request: FastifyRequest): string[] {
  const found = new Set<string>()
  const stack: unknown[] = [request.url, request.params, request.query, bodyOf(request)]
  while (stack.length > 0) {
    const value = stack.pop()
    const text = value instanceof NumberText ? value.text : value
    // as written and without white space around it: names are trimmed
    if (typeof text === 'string' && text.length > ECHO_MAX) found.add(text).add(text.trim())
    else if (typeof value === 'object' && value !== null) for (const entry of Object.entries(value)) stack.push(...entry)
  }
  return [...found].filter(text => text.length > ECHO_MAX).sort((a, b) => b.length - a.length)
}

function bodyOf(request: FastifyRequest): unknown {
  try {
    return parseBody(sentBytes(request))
  } catch {
    // It was refused before anything of it was known.
    return null
  }
}
