// A seeded source of JSON documents as topics hold them and as nobody should write them: a topic has a few shapes, with keys missing, added and
// in other orders, odd numbers, escapes, broken bytes, nesting. For tests that hold two readers of JSON equal. Main thread of a test.
import { prng } from '../../src/base/prng.ts'

const NAMES = [
  'id',
  'user',
  'amount',
  'city',
  'a',
  'é',
  '1',
  '0',
  'constructor',
  'toString',
  '__proto__',
  'x y',
  'k"',
  '',
  '10',
  'length',
  "'",
  '}',
]
const NUMBERS = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '00',
    '01',
    '-01',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '123456789012345',
  ],
  ...[
    '1234567890123456',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '123456789012345678901234567890',
    '1.0',
    '0.0',
    '-0.0',
  ],
  ...[
    '1.50',
    '12.34',
    '0.001',
    '0.0009',
    '9999999.5',
    '10000000.5',
    '1e3',
    '1E3',
    '1e400',
    '-1e400',
    '1e-400',
    '-1e-400',
    '1.',
    '.5',
    '-',
    '+1',
    '1.5e2',
  ],
  ...[
    '0.1',
    '0.30000000000000004',
    '1.7976931348623157e308',
    '4.9e-324',
    '123456789.123456789',
    '0.99999999999999999',
    '-5.25',
    '100.00',
    '1e5',
    '01.5',
  ],
  ...[
    '1234567890.12345',
    '12345678901.12345',
    '999999999999999.9',
    '0.000000000000001',
    '-7.0',
    '1.10',
    '3.0000000000000004',
    '1x',
    'NaN',
    'Infinity',
  ],
]
const TEXTS = [
  '""',
  '"a"',
  '"Zürich"',
  '"\\u00e9"',
  '"a\\"b"',
  '"\\\\"',
  '"\\n"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"😀"',
  '"x',
  '"\t"',
  '"\\x"',
  '"a\\/b"',
  '"\\u12"',
  '"�"',
]

export class Documents {
  readonly #random: () => number
  #shape: readonly [name: string, kind: number][] = []

  constructor(seed: number) {
    this.#random = prng(seed)
  }

  /** Neighbouring documents in one buffer, with other bytes between them. @param oddness share of documents that may be wrong */
  batch(count: number, oddness: number): { buffer: Buffer; starts: Int32Array; lengths: Int32Array } {
    const parts: Buffer[] = []
    const starts = new Int32Array(count)
    const lengths = new Int32Array(count)
    let at = 0
    for (let i = 0; i < count; i++) {
      if (this.#shape.length === 0 || this.#random() < 0.05) this.#shape = this.#newShape()
      const document = this.#random() < oddness ? this.#odd() : Buffer.from(this.#document(this.#shape, 0))
      const filler = Buffer.from(this.#pick(['', ' ', '}', '"', '1', 'x', ',"a":1}']))
      starts[i] = at
      lengths[i] = this.#random() < 0.002 ? -1 : document.length
      parts.push(document, filler)
      at += document.length + filler.length
    }
    return { buffer: Buffer.concat(parts), starts, lengths }
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T
  }

  #newShape(): [string, number][] {
    const count = Math.floor(this.#random() * 9)
    const names = new Set<string>()
    for (let i = 0; i < count; i++) names.add(this.#random() < 0.8 ? `f${Math.floor(this.#random() * 12)}` : this.#pick(NAMES))
    return [...names].map(name => [name, Math.floor(this.#random() * 7)])
  }

  #document(shape: readonly [string, number][], depth: number): string {
    const style = this.#random()
    const [comma, colon] = style < 0.8 ? [',', ':'] : style < 0.95 ? [', ', ': '] : [' ,\n', ' :\t']
    let fields = this.#random() < 0.9 ? [...shape] : shape.filter(() => this.#random() < 0.7)
    if (this.#random() < 0.05) fields = fields.reverse()
    if (this.#random() < 0.03) fields.push([this.#pick(NAMES), 0])
    if (this.#random() < 0.01 && fields[0] !== undefined) fields.push(fields[0])
    const members = fields.map(([name, kind]) => `${JSON.stringify(name)}${colon}${this.#value(kind, depth)}`)
    return `${this.#random() < 0.02 ? ' ' : ''}{${members.join(comma)}}${this.#random() < 0.02 ? ' trailing' : ''}`
  }

  #value(kind: number, depth: number): string {
    const odd = this.#random()
    if (odd < 0.03) return this.#pick(NUMBERS)
    if (odd < 0.05) return this.#pick(TEXTS)
    if (odd < 0.08) return 'null'
    const kinds = odd < 0.1 ? Math.floor(this.#random() * 7) : kind
    switch (kinds) {
      case 0:
        return String(Math.floor((this.#random() - 0.2) * 10 ** Math.floor(this.#random() * 17)))
      case 1:
        return ((this.#random() - 0.2) * 10 ** Math.floor(this.#random() * 10 - 3)).toFixed(Math.floor(this.#random() * 6))
      case 2:
        return JSON.stringify(
          this.#pick(['DE', 'US', 'user-', 'ü', 'a "b"', 'long '.repeat(8)]) + Math.floor(this.#random() * 100),
        )
      case 3:
        return this.#random() < 0.5 ? 'true' : 'false'
      case 4:
        return this.#pick(['null', '"2024-01-01"', '""'])
      default:
        return depth > 2 ? '[]' : kinds === 5 ? this.#document(this.#newShape(), depth + 1) : this.#list(depth)
    }
  }

  #list(depth: number): string {
    const kind = Math.floor(this.#random() * 7)
    return `[${Array.from({ length: Math.floor(this.#random() * 4) }, () => this.#value(kind, depth + 1)).join(',')}]`
  }

  /** Whatever may be wrong with a document. */
  #odd(): Buffer {
    const good = Buffer.from(this.#document(this.#shape, 0))
    const what = Math.floor(this.#random() * 6)
    if (what === 0) return good.subarray(0, Math.floor(this.#random() * good.length))
    if (what === 1)
      return Buffer.from(
        this.#pick([
          ...NUMBERS,
          ...TEXTS,
          '[]',
          '[1]',
          'true',
          'nul',
          '',
          ' ',
          '{',
          '{}',
          '{ }',
          '{,}',
          '{"a"}',
          '{"a":1,}',
          '{a:1}',
        ]),
      )
    if (what === 2) return Buffer.concat([good, good])
    const spoilt = Buffer.from(good)
    if (spoilt.length > 0) spoilt[Math.floor(this.#random() * spoilt.length)] = Math.floor(this.#random() * 256)
    return spoilt
  }
}
