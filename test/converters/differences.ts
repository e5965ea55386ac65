// Golden cases where Sluice differs from Java on purpose, with the reason; docs/differences.md says the same to users.
import { floatText } from '../../src/data/java-number.ts'
import { type GoldenCase, isError, type Tagged } from '../golden/converters/tagged.ts'

const inputText = (c: GoldenCase): string => (typeof c.in === 'string' ? Buffer.from(c.in, 'base64').toString('latin1') : '')

/** Doubles of which the recording JDK 17 wrote more digits than JDK 19 and later (JDK-4511638). */
const LONGER_IN_JDK_17 = ['0000000000000002', '44c52d02c7e14af6', '3d30000000000000']

export function reasonToDiffer(c: GoldenCase): string | null {
  const t = c.value?.t
  const v = c.value?.v
  if (t === 'f64' && LONGER_IN_JDK_17.includes(v as string) && /^(json|header|string|toString)/.test(c.kind)) {
    return 'digits of doubles: JDK 19'
  }
  if (t === 'f32' && c.kind === 'toString' && isLongerFloat(c.out as string)) return 'digits of floats: JDK 19'
  if (c.kind === 'string.write' && isBytesText(c)) return 'bytes as text: base64, where Java prints an identity hash'
  if (c.schema === null && isNumberOfAnotherClass(c))
    return 'a JS number has no class: one that fits passes for a Short, Integer or Float'
  const type = c.schema?.type
  if (t === 'i64' && (type === 'float64' || (type === 'int32' && !/^(header|string)/.test(c.kind)))) {
    return 'a JS number has no class: an integer passes for any number type that can hold it'
  }
  if (c.kind === 'string.read') return undecodable(inputText(c), c.config?.['converter.encoding'] ?? '')
  if (c.kind === 'json.read') return json(c)
  return null
}

function isLongerFloat(java: string): boolean {
  const value = Math.fround(Number(java))
  return floatText(value) !== java && floatText(value).length <= java.length
}

function isBytesText(c: GoldenCase): boolean {
  return typeof c.out === 'string' && Buffer.from(c.out, 'base64').toString().includes('[B@')
}

function undecodable(bytes: string, encoding: string): string | null {
  const isCut = bytes === '\xd8\x00\x00a' && ['UTF-16', 'UTF-16BE'].includes(encoding)
  const isSurrogate = bytes === '\xed\xa0\x80' && encoding.toLowerCase().startsWith('utf') && !encoding.includes('16')
  return isCut || isSurrogate ? 'how many U+FFFD stand for bytes that are no text' : null
}

/** Without schema: a Long or Double where Java wants another class, that fits. */
function isNumberOfAnotherClass({ kind, value, out }: GoldenCase): boolean {
  if (!isError(out) || value === null || value === undefined) return false
  return value.t === 'i64' ? /^(short|integer)[.]write/.test(kind) : value.t === 'f64' && kind === 'float.write'
}

/** How far from 1970 the date is that Java read, 0 for all else. */
function javaDateMs(out: unknown): number {
  const value = typeof out === 'object' && out !== null && 'value' in out ? (out.value as Tagged) : null
  return value?.t === 'date' ? Math.abs(Number(value.v)) : 0
}

function json(c: GoldenCase): string | null {
  const text = inputText(c)
  if (text === '"\xc0\x80"') return 'overlong UTF-8 is refused, Jackson takes it'
  if (javaDateMs(c.out) > 8.64e15) return 'a JS Date ends in the year 275760'
  if (isError(c.out) && c.out.cause === 'Struct schemas do not match.' && c.config === undefined) {
    return 'a default of a struct is read; Java cannot read what it writes there'
  }
  return null
}
