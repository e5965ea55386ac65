// From the bytes of a request body to JSON. The bytes are counted through before anything is parsed, so that no body takes the thread that
// heartbeats live on for long, whatever it holds. Main thread; used by body.ts.
import { isUtf8 } from 'node:buffer'
import { jsonFault } from '../base/json-fault.ts'
import { NumberText } from '../base/number-text.ts'
import { HttpError } from './errors.ts'

/** Keys do not count. 10,000 values take JSON.parse 20 ms, with the texts of their numbers 45 ms. */
export const VALUES_MAX = 10_000
/** As in Jackson (StreamReadConstraints). */
export const DEPTH_MAX = 1_000
/** An integer with so many digits is exact as a number, and its text is the number's. */
const PLAIN_DIGITS_MAX = 15

export function unreadable(message: string): HttpError {
  return new HttpError(500, message)
}

interface Counted {
  /** at least as many as the text holds */
  readonly values: number
  readonly depth: number
  /** every number is written as JavaScript would write it */
  readonly isPlain: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30

/** 1 for the bytes that numbers are made of */
const OF_NUMBERS = new Uint8Array(256)
for (const byte of Buffer.from('0123456789+-.Ee')) OF_NUMBERS[byte] = 1

const isDigit = (byte: number) => byte >= ZERO && byte <= 0x39
const isOpening = (byte: number) => byte === 0x7b || byte === 0x5b
const isClosing = (byte: number) => byte === 0x7d || byte === 0x5d

/** One pass without memory of its own; where the text is no JSON the answer means nothing, and the parser refuses it. Ends early above a limit. */
function count(bytes: Buffer, valuesMax: number): Counted {
  let values = 1
  let depth = 0
  let deepest = 0
  let isPlain = true
  for (let i = 0; i < bytes.length && values <= valuesMax && deepest <= DEPTH_MAX; i++) {
    const byte = bytes[i] as number
    if (byte === QUOTE) i = endOfString(bytes, i + 1)
    else if (byte === COMMA) values++
    else if (isOpening(byte)) {
      values++
      depth++
      if (depth > deepest) deepest = depth
    } else if (isClosing(byte)) depth--
    else if (byte === MINUS || isDigit(byte)) {
      const end = endOfNumber(bytes, i + 1)
      isPlain &&= isPlainInteger(bytes, byte === MINUS ? i + 1 : i, end) && !(byte === MINUS && bytes[i + 1] === ZERO)
      i = end - 1
    }
  }
  return { values, depth: deepest, isPlain }
}

/** The index of the quote. */
function endOfString(bytes: Buffer, from: number): number {
  let i = from
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
  return i
}

/** The index behind it. */
function endOfNumber(bytes: Buffer, from: number): number {
  let i = from
  while (OF_NUMBERS[bytes[i] ?? 0] === 1) i++
  return i
}

function isPlainInteger(bytes: Buffer, from: number, end: number): boolean {
  if (end - from > PLAIN_DIGITS_MAX) return false
  for (let i = from; i < end; i++) if (!isDigit(bytes[i] as number)) return false
  return true
}

/**
 * A request body. Numbers are numbers where their text is the same, else NumberText.
 * @param valuesMax Infinity for who may be trusted
 * @throws HttpError 413 for more values than that; 500 with the parser's text for malformed or empty JSON, for bytes that are no UTF-8 and for
 * nesting deeper than DEPTH_MAX
 */
export function parseBody(bytes: Buffer, valuesMax = VALUES_MAX): unknown {
  const what = 'The request body'
  const { values, depth, isPlain } = count(bytes, valuesMax)
  if (values > valuesMax) {
    const advice = 'Send less at a time'
    throw new HttpError(413, `${what} holds more than ${valuesMax} values, which is more than a worker takes. ${advice}`)
  }
  if (depth > DEPTH_MAX) throw unreadable(`${what} is nested deeper than ${DEPTH_MAX} levels`)
  if (!isUtf8(bytes)) throw unreadable(`${what} is not UTF-8 text`)
  return parsed(bytes.toString(), what, isPlain)
}

/** A text of the operator's own, of any size. @throws HttpError as parseBody; `what` begins the message */
export function parseText(text: string, what: string): unknown {
  return parsed(text, what, false)
}

function parsed(text: string, what: string, isPlain: boolean): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  if (json.trim() === '') throw unreadable(`${what} is empty where JSON is expected`)
  try {
    if (isPlain) return JSON.parse(json)
    return JSON.parse(json, (_key: string, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
    )
  } catch (error) {
    throw unreadable(`${what} is not JSON: ${jsonFault(error)}`)
  }
}
