// How a transform is declared: once for the key and once for the value, with the keys that all share. Any thread.
import type { TransformationPlugin } from '../api/plugin.ts'
import type { Transformation } from '../api/transformation.ts'
import type { ConfigDef, KeyDef, KeyDefs } from '../config/define.ts'

const PACKAGE = 'org.apache.kafka.connect.transforms.'
/** Java's built-in plugins carry the version of Kafka. */
const VERSION = '4.3.0'

/** A transform with one class. */
export function transform<K extends KeyDefs>(
  name: string,
  config: ConfigDef<K>,
  create: () => Transformation,
): TransformationPlugin {
  return { kind: 'transformation', className: PACKAGE + name, aliases: [name], version: VERSION, config, create }
}

/** A transform with the classes `Name$Key` and `Name$Value`; `create` is told whether it works on the key. */
export function keyAndValue<K extends KeyDefs>(
  name: string,
  config: ConfigDef<K>,
  create: (onKey: boolean) => Transformation,
): TransformationPlugin[] {
  return [transform(`${name}$Key`, config, () => create(true)), transform(`${name}$Value`, config, () => create(false))]
}

export const replaceNullWithDefault = {
  type: 'boolean',
  default: true,
  importance: 'medium',
  doc: 'Whether a field that is null and whose schema has a default is copied as that default; false keeps the null.',
} as const satisfies KeyDef
