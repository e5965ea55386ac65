// Golden cases where Sluice differs from Java on purpose, with the reason; docs/differences.md says the same to users.
import { floatText } from '../../src/data/java-number.ts'
import { type GoldenCase, isError } from '../golden/converters/tagged.ts'

const inputText = (c: GoldenCase): string => (typeof c.in === 'string' ? Buffer.from(c.in, 'base64').toString('latin1') : '')

/** Doubles of which the recording JDK 17 wrote more digits than JDK 19 and later (JDK-4511638). */
const LONGER_IN_JDK_17 = ['0000000000000002', '44c52d02c7e14af6', '3d30000000000000']

export function reasonToDiffer(c: GoldenCase): string | null {
  const t = c.value?.t
  const v = c.value?.v
  if (t === 'f64' && LONGER_IN_JDK_17.includes(v as string) && c.kind !== 'validate') return 'digits of doubles: JDK 19'
  if (t === 'f32' && c.kind === 'toString' && isLongerFloat(c.out as string)) return 'digits of floats: JDK 19'
  if (c.kind === 'string.write' && isBytesText(c)) return 'bytes as text: base64, where Java prints an identity hash'
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

function json(c: GoldenCase): string | null {
  const text = inputText(c)
  if (text === '"\xc0\x80"') return 'overlong UTF-8 is refused, Jackson takes it'
  if (!isError(c.out) && text.includes('data.Timestamp') && /"payload":\d{16,}/.test(text)) {
    return 'a JS Date ends in the year 275760'
  }
  return null
}
