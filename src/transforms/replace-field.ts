// ReplaceField: keeps, drops and renames fields. Task threads, every record.

import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { DataError } from '../base/errors.ts'
import { type Check, defineConfig, noEmptyItems } from '../config/define.ts'
import type { Column, ColumnBatch } from '../data/columns.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Field, Schema, Type } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { JAVA_TYPE_NAME, validateValue } from '../data/validate-value.ts'
import { IS_INDEX, LayoutChange, layoutOfFields } from './column-fields.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { copiedValue, type PlainObject, requireMap, requireStruct, setField } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'field replacement'
/** Names seen in schemaless objects whose fate is remembered. */
const FATES_MAX = 1024

const pairs: Check = (_name, value) => {
  const wrong = Array.isArray(value) ? value.find(item => renameOf(item) === null) : undefined
  return wrong === undefined ? null : `Invalid rename mapping: ${wrong}`
}

export const replaceFieldConfig = defineConfig({
  exclude: {
    type: 'list',
    default: '',
    importance: 'medium',
    check: noEmptyItems,
    doc: 'Names of fields to drop; stronger than include.',
  },
  include: {
    type: 'list',
    default: '',
    importance: 'medium',
    check: noEmptyItems,
    doc: 'Names of the fields to keep; empty keeps all.',
  },
  renames: { type: 'list', default: '', importance: 'medium', check: pairs, doc: 'Renamings, each as old:new.' },
  'replace.null.with.default': replaceNullWithDefault,
})

/** The new schema, and for each of its fields where the value comes from (-1: from a field that is not there). */
interface Plan {
  readonly schema: Schema
  readonly sources: readonly number[]
  readonly sourceNames: readonly string[]
  /** a value may come to stand in a field that had another type */
  readonly isMixed: boolean
}

class ReplaceField implements Transformation {
  readonly #onKey: boolean
  readonly #plans = new SchemaCache(schema => this.#planFor(schema))
  #exclude: ReadonlySet<string> = new Set()
  #include: ReadonlySet<string> = new Set()
  #renames: ReadonlyMap<string, string> = new Map()
  #originals: ReadonlyMap<string, string> = new Map()
  /** new name of each name met in schemaless objects; null: dropped */
  readonly #fates = new Map<string, string | null>()
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = replaceFieldConfig.parse(props)
    this.#exclude = new Set(config.exclude)
    this.#include = new Set(config.include)
    const renames = config.renames.map(item => renameOf(item) ?? (['', ''] as const))
    this.#renames = new Map(renames)
    this.#originals = new Map(renames.map(([from, to]) => [to, from]))
    this.#fates.clear()
    this.#replaceNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    if (value === null || value === undefined) return record
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      const updated = this.#replaceInMap(requireMap(value, PURPOSE))
      return record.with(this.#onKey ? { key: updated } : { value: updated }) as R
    }
    const updated = this.#replaceInStruct(requireStruct(value, PURPOSE))
    return record.with(
      this.#onKey ? { keySchema: updated.schema, key: updated } : { valueSchema: updated.schema, value: updated },
    ) as R
  }

  #replaceInMap(value: PlainObject): PlainObject {
    const updated: PlainObject = {}
    for (const name in value) {
      const known = this.#fates.get(name)
      const fate = known === undefined ? this.#decide(name) : known
      if (fate !== null) setField(updated, fate, value[name])
    }
    return updated
  }

  #replaceInStruct(value: Struct): Struct {
    const { schema, sources, sourceNames, isMixed } = this.#plans.get(value.schema)
    const values: unknown[] = new Array(sources.length)
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as number
      const field = schema.fields[i]
      if (source < 0 || field === undefined) throw new DataError(`${sourceNames[i]} is not a valid field name`)
      if (isMixed) checkMixed(value.schema.fields[source]?.schema ?? null, value.values[source], field)
      values[i] = copiedValue(value.values, source, field.name, field.schema, this.#replaceNull)
    }
    return new Struct(schema, values)
  }

  columns(): ColumnStep | null {
    if (this.#onKey) return null
    // where each kept column stands afterwards; -1: dropped
    let places: readonly number[] = []
    const layouts = new LayoutChange(slots => slots.map(slot => places[slot] ?? -1).filter(slot => slot >= 0))
    return batch => {
      if (batch.form !== 'rows') return false
      if (batch.schema !== null) return this.#replaceInStructs(batch)
      const fates = batch.columns.map(({ name }) => this.#fates.get(name) ?? this.#decide(name))
      const kept = fates.filter(fate => fate !== null)
      const isRenamed = fates.some((fate, slot) => fate !== null && fate !== batch.columns[slot]?.name)
      // Two fields of one name, or one whose place JavaScript decides: the row path knows what becomes of them.
      if (isRenamed && (new Set(kept).size < kept.length || [...this.#renames.values()].some(name => IS_INDEX.test(name))))
        return false
      let count = 0
      places = fates.map(fate => (fate === null ? -1 : count++))
      layouts.apply(batch, places.join())
      // Dropped columns are gone for good: what comes behind must not find them.
      batch.columns = batch.columns.flatMap((column, slot) => {
        const fate = fates[slot] ?? null
        if (fate === null) return []
        return [fate === column.name ? column : column.renamed(fate)]
      })
      return true
    }
  }

  #replaceInStructs(batch: ColumnBatch): boolean {
    if (batch.schema === null || batch.layout === null) return false
    const { schema, sources, isMixed } = this.#plans.get(batch.schema)
    const { slots } = batch.layout
    // A field without a source is bad data, of each record; a field of another type is looked at value by value.
    if (isMixed || schema.fields.length === 0 || sources.some(source => source < 0)) return false
    batch.columns = sources.map((source, i) => {
      const column = batch.columns[slots[source] ?? -1] as Column
      const name = schema.fields[i]?.name ?? column.name
      return name === column.name ? column : column.renamed(name)
    })
    batch.layout = layoutOfFields(schema)
    batch.schema = schema
    return true
  }

  #decide(name: string): string | null {
    const fate = this.#isKept(name) ? (this.#renames.get(name) ?? name) : null
    if (this.#fates.size < FATES_MAX) this.#fates.set(name, fate)
    return fate
  }

  #isKept(name: string): boolean {
    return !this.#exclude.has(name) && (this.#include.size === 0 || this.#include.has(name))
  }

  #planFor(source: Schema): Plan {
    const kept = source.fields.filter(field => this.#isKept(field.name))
    const schema = deriveStruct(
      source,
      kept.map(field => [this.#renames.get(field.name) ?? field.name, field.schema]),
    )
    // Java looks each new field up by its old name, also where a field that was not renamed has the name of a renaming's target.
    const sourceNames = schema.fields.map(field => this.#originals.get(field.name) ?? field.name)
    const isMixed = sourceNames.some((name, i) => name !== kept[i]?.name)
    return { schema, sourceNames, sources: sourceNames.map(name => source.indexOf(name)), isMixed }
  }
}

const NUMBER_CLASS: Readonly<Partial<Record<Type, string>>> = {
  int8: 'Byte',
  int16: 'Short',
  int32: 'Integer',
  int64: 'Long',
  float32: 'Float',
  float64: 'Double',
}

/** A value that comes from a field with another schema: a number of another type is refused even where it would fit, as in Java. */
function checkMixed(source: Schema | null, value: unknown, field: Field): void {
  const [from, to] = [source?.type, field.schema.type]
  if (typeof value === 'number' && from !== undefined && from !== to && NUMBER_CLASS[to] !== undefined) {
    throw new DataError(
      `Invalid Java object for schema with type ${JAVA_TYPE_NAME[to]}: class java.lang.${NUMBER_CLASS[from]} for field: "${field.name}"`,
    )
  }
  validateValue(field.schema, value, field.name)
}

/** `old:new`; colons at the end do not count. Null where it is not one pair. */
function renameOf(item: string): readonly [string, string] | null {
  const parts = item.split(':')
  while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop()
  return parts.length === 2 ? [parts[0] as string, parts[1] as string] : null
}

export const plugins: readonly Plugin[] = keyAndValue('ReplaceField', replaceFieldConfig, onKey => new ReplaceField(onKey))
