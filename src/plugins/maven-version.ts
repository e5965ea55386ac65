// Plugin versions and ranges as Maven orders and writes them, because Java Connect does (KIP-891). Any thread.
// Java: org.apache.maven.artifact.versioning.{ComparableVersion,VersionRange} 3.9. Golden: test/golden/plugins.
//
// A version is a tree: `.` separates items, `-` and each change between letters and digits open a list, a word with a number behind it
// (`rc1`, `rc-1`) is one item. Items are compared in pairs, a missing one as null, which stands for "the release".

type Item =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: 'numbered'; readonly word: string; readonly number: bigint }
  | { readonly kind: 'list'; readonly items: Item[] }

/** No real version is longer, and the tree's depth grows with the text. */
const VERSION_CHARS_MAX = 256
const WORDS_BEFORE_RELEASE = ['alpha', 'beta', 'milestone', 'rc', 'snapshot']
const RELEASE_RANK = String(WORDS_BEFORE_RELEASE.length)
const SHORT_WORDS: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' }
/** Words that mean another one; '' is the release. */
const SAME_WORDS: Readonly<Record<string, string>> = { cr: 'rc', ga: '', final: '', release: '' }

/** Text that sorts as the word does: known words by their place, unknown ones behind them by letters. */
function rankOf(word: string): string {
  if (word === '') return RELEASE_RANK
  if (word === 'sp') return '6'
  const place = WORDS_BEFORE_RELEASE.indexOf(word)
  return place === -1 ? `7-${word}` : String(place)
}

const wordOf = (text: string) => SAME_WORDS[text] ?? text

function itemOf(text: string, isNumber: boolean, isNumbered: boolean): Item {
  if (isNumbered) {
    const start = text.search(/\d/)
    const written = text.slice(0, start)
    // `a1` is alpha-1, but `a-1` is the unknown word `a`
    const word = SHORT_WORDS[written] ?? wordOf(written.replaceAll('-', ''))
    const number = BigInt(text.slice(start).replaceAll('-', ''))
    if (word !== '') return { kind: 'numbered', word, number }
    return { kind: 'list', items: [{ kind: 'number', value: number }] }
  }
  return isNumber ? { kind: 'number', value: BigInt(text) } : { kind: 'word', value: wordOf(text) }
}

const ZERO: Item = { kind: 'number', value: 0n }
const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9'

/** @throws RangeError for a version too long to be one */
function parse(version: string): Item[] {
  if (version.length > VERSION_CHARS_MAX) throw new RangeError(`Version is longer than ${VERSION_CHARS_MAX} characters`)
  const text = version.toLowerCase()
  const root: Item[] = []
  const lists = [root]
  let list = root
  let start = 0
  let inNumber = false
  let isNumbered = false
  const open = () => {
    const inner: Item[] = []
    list.push({ kind: 'list', items: inner })
    lists.push(inner)
    list = inner
  }
  const take = (end: number) => list.push(end === start ? ZERO : itemOf(text.slice(start, end), inNumber, isNumbered))
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '.' || char === '-') {
      const joinsNumber = char === '-' && i > start && !inNumber && isDigit(text[i + 1])
      if (joinsNumber) {
        isNumbered = true
        continue
      }
      take(i)
      start = i + 1
      isNumbered = false
      if (char === '-') open()
    } else if (isDigit(char)) {
      if (!inNumber && i > start && !isNumbered) {
        isNumbered = true
        if (list.length > 0) open()
      }
      inNumber = true
    } else {
      if (inNumber && i > start) {
        take(i)
        start = i
        open()
        isNumbered = false
      }
      inNumber = false
    }
  }
  if (text.length > start) {
    if (!inNumber && list.length > 0) open()
    take(text.length)
  }
  for (const one of lists.reverse()) normalize(one)
  return root
}

function isNothing(item: Item): boolean {
  if (item.kind === 'list') return item.items.length === 0
  return item.kind === 'number' ? item.value === 0n : item.kind === 'word' && item.value === ''
}

/** Drops zeros and empty lists from the end, also those before the last lists: 1.0.0 is 1, 1.0-rc is 1-rc. */
function normalize(items: Item[]): void {
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i] as Item
    if (isNothing(item)) items.splice(i, 1)
    else if (item.kind !== 'list') return
  }
}

const compared = <T extends string | bigint>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)

function compareToNothing(item: Item): number {
  switch (item.kind) {
    case 'number':
      return item.value === 0n ? 0 : 1
    case 'word':
      return compared(rankOf(item.value), RELEASE_RANK)
    case 'numbered':
      return compared(rankOf(item.word), RELEASE_RANK)
    case 'list':
      for (const inner of item.items) {
        const result = compareToNothing(inner)
        if (result !== 0) return result
      }
      return 0
  }
}

/** Of two items of different kinds the later one here is the greater; words with and without number are compared. */
const KIND_ORDER: Readonly<Record<Item['kind'], number>> = { word: 0, numbered: 0, list: 1, number: 2 }

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined || b === undefined)
    return a !== undefined ? compareToNothing(a) : b === undefined ? 0 : -compareToNothing(b)
  if (a.kind === 'number' && b.kind === 'number') return compared(a.value, b.value)
  if (a.kind === 'list' && b.kind === 'list') return compareLists(a.items, b.items)
  const order = KIND_ORDER[a.kind] - KIND_ORDER[b.kind]
  if (order !== 0) return order
  const [wordA, numberA] = wordParts(a)
  const [wordB, numberB] = wordParts(b)
  return compared(rankOf(wordA), rankOf(wordB)) || compared(numberA, numberB)
}

/** A word without a number goes before the same one with any. */
function wordParts(item: Item): [word: string, number: bigint] {
  if (item.kind === 'numbered') return [item.word, item.number]
  return [item.kind === 'word' ? item.value : '', -1n]
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const result = compareItems(a[i], b[i])
    if (result !== 0) return result
  }
  return 0
}

/** Below, above or 0, as Maven orders them: 1.0-rc1 < 1.0 = 1 < 1.0.1 < 1.10. */
export function compareVersions(a: string, b: string): number {
  return Math.sign(compareLists(parse(a), parse(b)))
}

/** One of a range's parts; null: no bound on this side. */
interface Restriction {
  readonly lower: string | null
  readonly hasLower: boolean
  readonly upper: string | null
  readonly hasUpper: boolean
}

export class VersionRange {
  readonly #parts: readonly Restriction[]

  constructor(parts: readonly Restriction[]) {
    this.#parts = parts
  }

  contains(version: string): boolean {
    return this.#parts.some(({ lower, hasLower, upper, hasUpper }) => {
      const above = lower === null ? 1 : compareVersions(version, lower)
      const below = upper === null ? -1 : compareVersions(version, upper)
      return (above > 0 || (above === 0 && hasLower)) && (below < 0 || (below === 0 && hasUpper))
    })
  }

  toString(): string {
    return this.#parts
      .map(part => `${part.hasLower ? '[' : '('}${part.lower ?? ''},${part.upper ?? ''}${part.hasUpper ? ']' : ')'}`)
      .join(',')
  }
}

/**
 * What a `*.plugin.version` asks for: a bare version is a hard requirement, ranges are Maven's, `latest` and nothing are null.
 * @throws RangeError with Maven's words for what is neither
 */
export function versionRequirement(written: string | null | undefined): VersionRange | null {
  if (written === null || written === undefined || written === 'latest') return null
  const text = written.trim()
  const parts = parseRange(text)
  return new VersionRange(parts.length > 0 ? parts : parseRange(`[${text}]`))
}

/** @returns the parts of a range, none for a bare version */
function parseRange(spec: string): Restriction[] {
  const parts: Restriction[] = []
  let rest = spec
  let upper: string | null = null
  while (rest.startsWith('[') || rest.startsWith('(')) {
    const end = rest.search(/[)\]]/)
    if (end === -1) throw new RangeError(`Unbounded range: ${spec}`)
    const part = parseRestriction(rest.slice(0, end + 1))
    if (upper !== null && (part.lower === null || compareVersions(part.lower, upper) < 0))
      throw new RangeError(`Ranges overlap: ${spec}`)
    parts.push(part)
    upper = part.upper
    rest = rest.slice(end + 1).trim()
    if (rest.startsWith(',')) rest = rest.slice(1).trim()
  }
  if (rest !== '') {
    if (parts.length > 0) throw new RangeError(`Only fully-qualified sets allowed in multiple set scenario: ${spec}`)
    parse(rest)
  }
  return parts
}

function parseRestriction(spec: string): Restriction {
  const hasLower = spec.startsWith('[')
  const hasUpper = spec.endsWith(']')
  const inner = spec.slice(1, -1).trim()
  const comma = inner.indexOf(',')
  if (comma === -1) {
    if (!hasLower || !hasUpper) throw new RangeError(`Single version must be surrounded by []: ${spec}`)
    return { lower: inner, hasLower, upper: inner, hasUpper }
  }
  const [low, high] = [inner.slice(0, comma).trim(), inner.slice(comma + 1).trim()]
  if (low !== '' && high !== '') {
    const order = compareVersions(high, low)
    if (order < 0 || (order === 0 && !(hasLower && hasUpper))) throw new RangeError(`Range defies version ordering: ${spec}`)
  }
  return { lower: low === '' ? null : low, hasLower, upper: high === '' ? null : high, hasUpper }
}
