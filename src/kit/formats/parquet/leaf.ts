// A leaf column in the making: definition and repetition levels, and the values that are not null. Hot. Task threads.
//
// An entry is a place where a value could stand: its definition level says how much of the path to it exists (maxDef: the value
// does), its repetition level in which list the entry continues (0: a new row).
import { free, grownBytes } from '../held-memory.ts'
import { ByteValues, type PackedBytes } from './byte-values.ts'
import type { LeafType } from './leaf-type.ts'
import { NumberValues, type PackedNumbers } from './number-values.ts'

/** What goes to another thread. */
export interface PackedLeaf {
  readonly name: string
  readonly isOptional: boolean
  readonly maxDef: number
  readonly maxRep: number
  readonly type: LeafType
  readonly entries: number
  readonly nulls: number
  readonly defs: Uint8Array<ArrayBuffer> | null
  readonly reps: Uint8Array<ArrayBuffer>
  readonly numbers: PackedNumbers | null
  readonly texts: PackedBytes | null
}

export class Leaf {
  readonly kind = 'leaf'
  readonly name: string
  readonly isOptional: boolean
  readonly maxDef: number
  readonly maxRep: number
  type: LeafType
  numbers: NumberValues | null = null
  texts: ByteValues | null = null
  entries = 0
  /** entries without a value */
  nulls = 0
  /** null: every entry so far is defined */
  #defs: Uint8Array<ArrayBuffer> | null = null
  #reps: Uint8Array<ArrayBuffer>
  /** counted where entries and rows differ */
  #rows = 0

  constructor(name: string, isOptional: boolean, maxDef: number, maxRep: number, type: LeafType) {
    this.name = name
    this.isOptional = isOptional
    this.maxDef = maxDef
    this.maxRep = maxRep
    this.#reps = new Uint8Array(maxRep > 0 ? 256 : 0)
    this.type = type
    this.retype(type)
  }

  /** Gives an all-null column its type, or turns integers into doubles. */
  retype(type: LeafType): void {
    this.type = type
    if (type.store === 'numbers') {
      this.numbers ??= new NumberValues()
      if (type.physical === 'DOUBLE') this.numbers.toDoubles()
    } else if (type.store !== 'none') this.texts ??= new ByteValues(type.store === 'text')
  }

  get bytes(): number {
    const levels = (this.#defs === null ? 0 : this.entries) + (this.maxRep > 0 ? this.entries : 0)
    return levels + (this.numbers?.bytes ?? 0) + (this.texts?.bytes ?? 0)
  }

  pushNumber(value: number, rep: number): void {
    this.#defined(rep)
    ;(this.numbers as NumberValues).push(value)
  }

  pushBig(value: bigint, rep: number): void {
    this.#defined(rep)
    ;(this.numbers as NumberValues).pushBig(value)
  }

  pushText(value: string, rep: number): void {
    this.#defined(rep)
    ;(this.texts as ByteValues).pushText(value)
  }

  pushBytes(value: Uint8Array, rep: number): void {
    this.#defined(rep)
    ;(this.texts as ByteValues).pushBytes(value)
  }

  /** Entries of rows of their own, each with a value, which the caller pushes into `numbers` or `texts`. Not in lists. */
  pushDefined(count: number): void {
    const from = this.entries
    this.entries += count
    if (this.#defs === null) return
    this.#defs = withRoom(this.#defs, from, count)
    this.#defs.fill(this.maxDef, from, from + count)
  }

  /** The same where `tags` [from, to) are above `least`; elsewhere there is no value, and the level is `def`. */
  pushDefinedWhere(tags: Uint8Array, least: number, from: number, to: number, def: number): void {
    const first = this.entries
    const count = to - from
    this.#defs ??= new Uint8Array(Math.max(256, first)).fill(this.maxDef, 0, first)
    this.#defs = withRoom(this.#defs, first, count)
    const defs = this.#defs
    for (let i = 0; i < count; i++) {
      const isDefined = tags[from + i]! > least
      defs[first + i] = isDefined ? this.maxDef : def
      if (!isDefined) this.nulls++
    }
    this.entries += count
  }

  /** An entry without value. */
  pushNull(rep: number, def: number): void {
    this.pushNulls(1, rep, def)
  }

  pushNulls(count: number, rep: number, def: number): void {
    if (count === 0) return
    const from = this.entries
    this.#defs ??= new Uint8Array(Math.max(256, from)).fill(this.maxDef, 0, from)
    this.#defs = withRoom(this.#defs, from, count)
    this.#defs.fill(def, from, from + count)
    if (this.maxRep > 0) {
      this.#reps = withRoom(this.#reps, from, count)
      this.#reps.fill(rep, from, from + count)
      if (rep === 0) this.#rows += count
    }
    this.entries += count
    this.nulls += count
  }

  defAt(entry: number): number {
    return this.#defs === null ? this.maxDef : this.#defs[entry]!
  }

  repAt(entry: number): number {
    return this.maxRep === 0 ? 0 : this.#reps[entry]!
  }

  /** Levels of all entries; null: every entry is defined. */
  defs(): Uint8Array | null {
    return this.#defs
  }

  reps(): Uint8Array {
    return this.#reps
  }

  /** Takes back entries that belong to rows from `rows` on: those of a bad record. */
  truncate(rows: number): void {
    while ((this.maxRep === 0 ? this.entries : this.#rows) > rows) this.pop()
  }

  /** The arrays themselves: where they are transferred only name and type may be asked of this object any more. */
  pack(): PackedLeaf {
    const { name, isOptional, maxDef, maxRep, type, entries, nulls } = this
    const numbers = this.numbers?.pack() ?? null
    const texts = this.texts?.pack() ?? null
    return { name, isOptional, maxDef, maxRep, type, entries, nulls, defs: this.#defs, reps: this.#reps, numbers, texts }
  }

  /** To be read only. */
  static unpack(packed: PackedLeaf): Leaf {
    const leaf = new Leaf(packed.name, packed.isOptional, packed.maxDef, packed.maxRep, packed.type)
    leaf.entries = packed.entries
    leaf.nulls = packed.nulls
    leaf.#defs = packed.defs
    leaf.#reps = packed.reps
    leaf.numbers = packed.numbers === null ? null : NumberValues.unpack(packed.numbers)
    leaf.texts = packed.texts === null ? null : ByteValues.unpack(packed.texts)
    return leaf
  }

  /** Gives the memory back: nothing may be asked of the leaf any more. */
  free(): void {
    this.numbers?.free()
    this.texts?.free()
    free(this.#reps)
    if (this.#defs !== null) free(this.#defs)
  }

  pop(): void {
    this.entries--
    if (this.maxRep > 0 && this.repAt(this.entries) === 0) this.#rows--
    if (this.defAt(this.entries) < this.maxDef) this.nulls--
    else if (this.numbers !== null) this.numbers.pop()
    else this.texts?.pop()
  }

  #defined(rep: number): void {
    const entry = this.entries++
    if (this.#defs !== null) {
      if (entry === this.#defs.length) this.#defs = withRoom(this.#defs, entry, 1)
      this.#defs[entry] = this.maxDef
    }
    if (this.maxRep > 0) {
      if (entry === this.#reps.length) this.#reps = withRoom(this.#reps, entry, 1)
      this.#reps[entry] = rep
      if (rep === 0) this.#rows++
    }
  }
}

function withRoom(levels: Uint8Array<ArrayBuffer>, used: number, room: number): Uint8Array<ArrayBuffer> {
  if (levels.length - used >= room) return levels
  return grownBytes(levels, Math.max(levels.length * 2, used + room))
}
