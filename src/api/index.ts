// What a plugin author imports (package export `.`). Task, connector and job threads.
export { ConfigError, ConnectError, DataError, RetriableError, SchemaError } from '../base/errors.ts'
export * from '../config/checks.ts'
export { type ConfigDef, type ConfigValue, defineConfig, type KeyDef, type Parsed, Password } from '../config/define.ts'
export * from '../data/decimal.ts'
export * from '../data/headers.ts'
export * from '../data/record.ts'
export * from '../data/schema.ts'
export * from '../data/struct.ts'
export * from './connector.ts'
export * from './converter.ts'
export {
  type ConfigOf,
  defineConverter,
  defineHeaderConverter,
  definePredicate,
  defineSink,
  defineSource,
  defineTransform,
} from './define-plugin.ts'
export * from './make-record.ts'
export * from './needs-schema.ts'
export * from './plugin.ts'
export * from './sink-task.ts'
export * from './source-task.ts'
export * from './transformation.ts'
