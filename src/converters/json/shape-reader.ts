// The fast reader of schemaless JSON: straight from bytes to objects, half the cost of JSON.parse. It learns the sequence of keys that
// the objects of a topic have, as a trie: the next key is then compared, not read, and the object made at once by a compiled
// literal. Numbers are exact (see data/json-parser.ts, mode 'data'). Whatever is unusual, and all that is wrong, is a MISS: the caller
// then takes the slow road. Hot: once a record. Task threads; one reader a converter.
import { generate, literalOf } from '../../base/code-generation.ts'
import { int64, schemalessDouble } from '../../data/decimal.ts'
import { latin1Slice, utf8Slice } from '../text-slices.ts'

/** What `read` returns for documents that it leaves to others. */
export const MISS = Symbol('not read')

/** Learned keys a reader holds at most; objects used as maps by id would otherwise grow it without end. */
const NODES_MAX = 2000
const KEY_BYTES_MAX = 200
const KEYS_MAX = 128
const DEPTH_MAX = 60
/** Larger documents go to JSON.parse: this reader's gain is in what a small one costs. */
const DOCUMENT_BYTES_MAX = 1 << 20
/** Up to this size strings are cut from the document's text; beyond, a kept string would keep too much of it alive. */
const SHARED_BYTES_MAX = 4096
/** An object made so often in one shape is worth a compiled literal. */
const COMPILE_AT = 16
/** After so many misses in a row each try is followed by a rest of so many documents. */
const MISSES_MAX = 100
const REST = 1000

type Make = (values: readonly unknown[], base: number) => object

/** Where an object stands after some keys. */
interface Node {
  readonly keys: readonly string[]
  readonly edges: Edge[]
  made: number
  make: Make | null
}

/** A key that may come next, with its quotes, and what is known of objects in its value. */
interface Edge {
  readonly bytes: Uint8Array
  readonly node: Node
  nested: Edge | null
  /** where an object in the value starts */
  root: Node | null
}

const newNode = (keys: readonly string[]): Node => ({ keys, edges: [], made: 0, make: null })
const newEdge = (bytes: Uint8Array, node: Node): Edge => ({ bytes, node, nested: null, root: null })

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const BACKSLASH = 0x5c

const POWERS_OF_TEN = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

export class ShapeReader {
  readonly #root = newEdge(new Uint8Array(0), newNode([]))
  #nodes = 0
  /** in a row */
  #misses = 0
  #rest = 0
  // of the document at hand
  #bytes: Buffer = Buffer.alloc(0)
  #text: string | null = null
  #start = 0
  #end = 0
  #position = 0
  readonly #values: unknown[] = []
  #valueCount = 0

  /** Where the last document read ended. */
  get position(): number {
    return this.#position
  }

  /** The object or list in bytes [start, end), whatever follows it, or MISS. */
  read(buffer: Buffer, start: number, end: number): unknown {
    if (end - start > DOCUMENT_BYTES_MAX) return MISS
    if (this.#rest > 0) {
      this.#rest--
      return MISS
    }
    this.#bytes = buffer
    this.#start = start
    this.#end = end
    this.#position = start
    this.#valueCount = 0
    this.#text = end - start <= SHARED_BYTES_MAX ? latin1Slice(buffer, start, end) : null
    const c = this.#skipSpace()
    // A bare number or word would have to end properly; the exact parser knows how.
    const value = c === 0x7b || c === 0x5b ? this.#value(this.#root, 0) : MISS
    if (value !== MISS) this.#misses = 0
    else if (++this.#misses >= MISSES_MAX) this.#rest = REST
    return value
  }

  #value(edge: Edge, depth: number): unknown {
    const c = this.#bytes[this.#position] ?? 0
    if (c === QUOTE) return this.#string()
    if (c === MINUS || (c >= ZERO && c <= 0x39)) return this.#number()
    if (c === 0x7b) return depth > DEPTH_MAX ? MISS : this.#object(edge, depth + 1)
    if (c === 0x5b) return depth > DEPTH_MAX ? MISS : this.#array(edge, depth + 1)
    if (c === 0x74) return this.#word(0x72, 0x75, 0x65, 0, true)
    if (c === 0x66) return this.#word(0x61, 0x6c, 0x73, 0x65, false)
    return c === 0x6e ? this.#word(0x75, 0x6c, 0x6c, 0, null) : MISS
  }

  #object(edge: Edge, depth: number): unknown {
    const base = this.#valueCount
    let node = (edge.root ??= newNode([]))
    this.#position++
    let c = this.#skipSpace()
    if (c === 0x7d) {
      this.#position++
      return {}
    }
    for (;;) {
      if (c !== QUOTE) return MISS
      const next = this.#edge(node)
      if (next === null) return MISS
      c = this.#bytes[this.#position] ?? 0
      if (c !== 0x3a && this.#skipSpace() !== 0x3a) return MISS
      this.#position++
      c = this.#bytes[this.#position] ?? 0
      if (c <= 0x20) this.#skipSpace()
      const value = this.#value(next, depth)
      if (value === MISS) return MISS
      this.#values[this.#valueCount++] = value
      node = next.node
      c = this.#bytes[this.#position] ?? 0
      if (c <= 0x20) c = this.#skipSpace()
      if (this.#position >= this.#end) return MISS
      this.#position++
      if (c === COMMA) {
        c = this.#bytes[this.#position] ?? 0
        if (c <= 0x20) c = this.#skipSpace()
      } else if (c === 0x7d) {
        this.#valueCount = base
        return node.make === null ? this.#makeRarely(node, base) : node.make(this.#values, base)
      } else return MISS
    }
  }

  /** The edge whose key stands here, behind which the position then is. */
  #edge(node: Node): Edge | null {
    const bytes = this.#bytes
    const at = this.#position
    for (const edge of node.edges) {
      const key = edge.bytes
      let i = 1
      while (i < key.length && bytes[at + i] === key[i]) i++
      if (i === key.length) {
        this.#position = at + i
        return edge
      }
    }
    return this.#learn(node)
  }

  #learn(node: Node): Edge | null {
    const bytes = this.#bytes
    const at = this.#position
    let end = at + 1
    while (end < this.#end && bytes[end] !== QUOTE && bytes[end] !== BACKSLASH && (bytes[end] ?? 0) >= 0x20) end++
    if (bytes[end] !== QUOTE || end >= this.#end || end - at > KEY_BYTES_MAX) return null
    const key = utf8Slice(bytes, at + 1, end)
    if (this.#nodes >= NODES_MAX || node.keys.length >= KEYS_MAX || node.keys.includes(key)) return null
    if (key === '__proto__' || key.includes('\ufffd')) return null
    this.#nodes++
    const edge = newEdge(Uint8Array.from(bytes.subarray(at, end + 1)), newNode([...node.keys, key]))
    node.edges.push(edge)
    this.#position = end + 1
    return edge
  }

  #makeRarely(node: Node, base: number): object {
    if (++node.made === COMPILE_AT) node.make = compile(node.keys)
    const result: Record<string, unknown> = {}
    for (let i = 0; i < node.keys.length; i++) result[node.keys[i] ?? ''] = this.#values[base + i]
    return result
  }

  #array(edge: Edge, depth: number): unknown {
    const nested = (edge.nested ??= newEdge(edge.bytes, edge.node))
    const result: unknown[] = []
    this.#position++
    if (this.#skipSpace() === 0x5d) {
      this.#position++
      return result
    }
    for (;;) {
      const value = this.#value(nested, depth)
      if (value === MISS) return MISS
      result.push(value)
      const c = this.#skipSpace()
      if (this.#position >= this.#end) return MISS
      this.#position++
      if (c === 0x5d) return result
      if (c !== COMMA) return MISS
      this.#skipSpace()
    }
  }

  #string(): unknown {
    const bytes = this.#bytes
    const end = this.#end
    const from = this.#position + 1
    let to = from
    let seen = 0
    for (; to < end; to++) {
      const c = bytes[to] as number
      if (c === QUOTE) break
      if (c === BACKSLASH || c < 0x20) return c === BACKSLASH ? this.#escaped(from, to) : MISS
      seen |= c
    }
    if (to >= end) return MISS
    this.#position = to + 1
    if (seen < 0x80) {
      return this.#text === null ? latin1Slice(bytes, from, to) : this.#text.substring(from - this.#start, to - this.#start)
    }
    const text = utf8Slice(bytes, from, to)
    return text.includes('\ufffd') ? MISS : text
  }

  /** A string with an escape: JSON.parse reads it, once its end is found. */
  #escaped(from: number, firstEscape: number): unknown {
    const bytes = this.#bytes
    let to = firstEscape
    while (to < this.#end && bytes[to] !== QUOTE) to += bytes[to] === BACKSLASH ? 2 : 1
    if (to >= this.#end) return MISS
    const quoted = utf8Slice(bytes, from - 1, to + 1)
    if (quoted.includes('\ufffd')) return MISS
    this.#position = to + 1
    try {
      return JSON.parse(quoted)
    } catch {
      return MISS
    }
  }

  #number(): unknown {
    const bytes = this.#bytes
    const from = this.#position
    const isNegative = bytes[from] === MINUS
    const first = isNegative ? from + 1 : from
    let at = first
    let mantissa = 0
    let c = bytes[at] as number
    while (c >= ZERO && c <= 0x39) {
      mantissa = mantissa * 10 + (c - ZERO)
      c = bytes[++at] as number
    }
    let digits = at - first
    if (digits === 0) return MISS
    if (c !== 0x2e && (c | 0x20) !== 0x65) {
      this.#position = at
      // exact while each step stayed below 2^53, and no sum that overflowed it comes back
      if (digits <= 16 && mantissa <= Number.MAX_SAFE_INTEGER) return isNegative && mantissa > 0 ? -mantissa : mantissa
      return digits <= 18 && at < this.#end ? int64(BigInt(latin1Slice(bytes, from, at))) : MISS
    }
    let scale = 0
    if (c === 0x2e) {
      const point = at
      c = bytes[++at] as number
      while (c >= ZERO && c <= 0x39) {
        mantissa = mantissa * 10 + (c - ZERO)
        c = bytes[++at] as number
      }
      scale = at - point - 1
      if (scale === 0) return MISS
      digits += scale
    }
    if (at >= this.#end || digits > 40) return MISS
    if ((c | 0x20) === 0x65) return this.#exponent(from, at)
    this.#position = at
    // Both are exact, so the quotient is rounded once: the nearest double.
    if (digits <= 15) {
      const value = mantissa / (POWERS_OF_TEN[scale] as number)
      return schemalessDouble(isNegative && mantissa > 0 ? -value : value)
    }
    return schemalessDouble(Number(latin1Slice(bytes, from, at)) + 0)
  }

  #exponent(from: number, e: number): unknown {
    const bytes = this.#bytes
    let at = e + 1
    if (bytes[at] === MINUS || bytes[at] === 0x2b) at++
    const first = at
    while (at < this.#end && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= 0x39) at++
    if (at === first || at - first > 3 || at >= this.#end) return MISS
    this.#position = at
    const value = Number(latin1Slice(bytes, from, at))
    return value === 0 ? MISS : schemalessDouble(value)
  }

  #word<T>(second: number, third: number, fourth: number, fifth: number, value: T): T | typeof MISS {
    const bytes = this.#bytes
    const at = this.#position
    if (bytes[at + 1] !== second || bytes[at + 2] !== third || bytes[at + 3] !== fourth) return MISS
    if (fifth !== 0 && bytes[at + 4] !== fifth) return MISS
    this.#position = at + (fifth === 0 ? 4 : 5)
    return value
  }

  /** The byte at the next position that is no space; 0 at the end. */
  #skipSpace(): number {
    const bytes = this.#bytes
    let at = this.#position
    while (at < this.#end) {
      const c = bytes[at] as number
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) {
        this.#position = at
        return c
      }
      at++
    }
    this.#position = at
    return 0
  }
}

/** A function that makes an object with these keys at once, or null where code may not be generated. */
function compile(keys: readonly string[]): Make | null {
  const members = keys.map((key, i) => `${literalOf(key)}: values[base + ${i}]`)
  return generate<Make>(['values', 'base'], `return { ${members.join(', ')} }`)
}
