// What a plugin is: the definitions a module exports in its `plugins` list. Loaded in task, connector and job threads, never on
// the main thread. Class names are Java's wherever Java has one, because they stand in users' configs and in stored task configs.
// This is the form that threads run; authors write the one of define-plugin.ts, which makes this of it.
import type { ConfigDef } from '../config/define.ts'
import type { Connector } from './connector.ts'
import type { Converter, HeaderConverter } from './converter.ts'
import type { SinkTask } from './sink-task.ts'
import type { SourceTask } from './source-task.ts'
import type { Predicate, Transformation } from './transformation.ts'

export interface PluginBase {
  /** full (Java) class name */
  readonly className: string
  /** other names users may write */
  readonly aliases?: readonly string[]
  /** absent: the version of the npm package the module is in */
  readonly version?: string
  readonly config: ConfigDef
}

export interface SinkPlugin extends PluginBase {
  readonly kind: 'sink'
  /** Java's task class: stands in task configs as `task.class` */
  readonly taskClass: string
  connector(): Connector
  task(): SinkTask
}

export interface SourcePlugin extends PluginBase {
  readonly kind: 'source'
  readonly taskClass: string
  connector(): Connector
  task(): SourceTask
}

export interface TransformationPlugin extends PluginBase {
  readonly kind: 'transformation'
  create(): Transformation
}

export interface PredicatePlugin extends PluginBase {
  readonly kind: 'predicate'
  create(): Predicate
}

export interface ConverterPlugin extends PluginBase {
  readonly kind: 'converter'
  create(): Converter
}

export interface HeaderConverterPlugin extends PluginBase {
  readonly kind: 'header_converter'
  create(): HeaderConverter
}

export type Plugin = SinkPlugin | SourcePlugin | TransformationPlugin | PredicatePlugin | ConverterPlugin | HeaderConverterPlugin
export type PluginKind = Plugin['kind']
