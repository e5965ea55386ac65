// The envelope's "schema": between Schema and JSON. Key order when writing: type, (items | keys, values | fields), optional, name,
// version, doc, parameters, default; a struct's field ends with "field". Task threads; once a schema, the caches do the rest.
import { DataError } from '../../base/errors.ts'
import { Float64 } from '../../data/decimal.ts'
import { Schema, type SchemaParts, type Type } from '../../data/schema.ts'
import { readJson } from './reader.ts'
import { quote, type WriteOptions, writeJson } from './writer.ts'

/** Connect's types by their names in JSON: all the same but the two floats. */
const TYPE_OF: ReadonlyMap<unknown, Type> = new Map<unknown, Type>([
  ['boolean', 'boolean'],
  ['int8', 'int8'],
  ['int16', 'int16'],
  ['int32', 'int32'],
  ['int64', 'int64'],
  ['float', 'float32'],
  ['double', 'float64'],
  ['bytes', 'bytes'],
  ['string', 'string'],
  ['array', 'array'],
  ['map', 'map'],
  ['struct', 'struct'],
])

type Tree = Readonly<Record<string, unknown>>

/** @param field name of the struct field that has this schema, null elsewhere */
export function writeSchema(schema: Schema, options: WriteOptions, field: string | null = null): string {
  let text = `{"type":"${schema.type === 'float32' ? 'float' : schema.type === 'float64' ? 'double' : schema.type}"`
  if (schema.type === 'array') text += `,"items":${part(schema.valueSchema, options)}`
  if (schema.type === 'map') text += `,"keys":${part(schema.keySchema, options)},"values":${part(schema.valueSchema, options)}`
  if (schema.type === 'struct') {
    text += `,"fields":[${schema.fields.map(f => writeSchema(f.schema, options, f.name)).join(',')}]`
  }
  text += `,"optional":${schema.optional}`
  if (schema.name !== null) text += `,"name":${quote(schema.name)}`
  if (schema.version !== null) text += `,"version":${schema.version}`
  if (schema.doc !== null) text += `,"doc":${quote(schema.doc)}`
  if (schema.parameters.size > 0) {
    text += `,"parameters":{${[...schema.parameters].map(([key, value]) => `${quote(key)}:${quote(value)}`).join(',')}}`
  }
  if (schema.default !== null) text += `,"default":${writeJson(schema, schema.default, options)}`
  return `${text}${field === null ? '' : `,"field":${quote(field)}`}}`
}

const part = (schema: Schema | null, options: WriteOptions): string => (schema === null ? 'null' : writeSchema(schema, options))

/** @param json the parsed "schema" (numbers as in mode 'tree'). @throws DataError for what is no schema */
export function readSchema(json: unknown, replaceNullWithDefault: boolean): Schema | null {
  if (json === null || json === undefined) return null
  const tree = asTree(json)
  const typeName = tree?.type
  if (tree === null || typeof typeName !== 'string') throw new DataError("Schema must contain 'type' field")
  const type = TYPE_OF.get(typeName)
  if (type === undefined) throw new DataError(`Unknown schema type: ${typeName}`)
  const schema = new Schema({
    type,
    ...partsOf(type, tree, replaceNullWithDefault),
    optional: tree.optional === true,
    name: typeof tree.name === 'string' ? tree.name : null,
    version: typeof tree.version === 'number' ? tree.version | 0 : null,
    doc: typeof tree.doc === 'string' ? tree.doc : null,
    parameters: parametersOf(tree.parameters),
  })
  if (!('default' in tree)) return schema
  return schema.with({ default: readJson(schema, tree.default, { exact: true, replaceNullWithDefault }) })
}

function partsOf(type: Type, tree: Tree, replaceNull: boolean): Partial<SchemaParts> {
  switch (type) {
    case 'array':
      if (isAbsent(tree.items)) throw new DataError('Array schema did not specify the element type')
      return { valueSchema: readSchema(tree.items, replaceNull) }
    case 'map':
      if (isAbsent(tree.keys)) throw new DataError('Map schema did not specify the key type')
      if (isAbsent(tree.values)) throw new DataError('Map schema did not specify the value type')
      return { keySchema: readSchema(tree.keys, replaceNull), valueSchema: readSchema(tree.values, replaceNull) }
    case 'struct':
      return { fields: fieldsOf(tree.fields, replaceNull) }
    default:
      return {}
  }
}

const isAbsent = (json: unknown): boolean => json === null || json === undefined

function fieldsOf(json: unknown, replaceNull: boolean): { name: string; schema: Schema }[] {
  if (!Array.isArray(json)) throw new DataError('Struct schema\'s "fields" argument is not an array.')
  const seen = new Set<string>()
  return json.map(item => {
    const name = asTree(item)?.field
    if (typeof name !== 'string') throw new DataError("Struct schema's field name not specified properly")
    const schema = readSchema(item, replaceNull)
    if (schema === null || seen.has(name)) throw new DataError(`Cannot create field because of field name duplication ${name}`)
    seen.add(name)
    return { name, schema }
  })
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map()

function parametersOf(json: unknown): ReadonlyMap<string, string> {
  const tree = asTree(json)
  if (tree === null) return NO_PARAMETERS
  return new Map(
    Object.entries(tree).map(([key, value]) => {
      if (typeof value !== 'string') throw new DataError('Schema parameters must have string values.')
      return [key, value]
    }),
  )
}

function asTree(json: unknown): Tree | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || json instanceof Float64) return null
  return json as Tree
}
