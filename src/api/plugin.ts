// What a plugin is: the definitions a module exports in its `plugins` list. Loaded in task, connector and job threads, never on
// the main thread. Class names are Java's wherever Java has one, because they stand in users' configs and in stored task configs.
// This is the form that threads run; authors write the one of define-plugin.ts, which makes this of it.
import type { ConfigDef } from '../config/define.ts'
import type { SinkRecord } from '../data/record.ts'
import type { Async, Connector, Props } from './connector.ts'
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

/** Where a sink would write a record, as preview shows it. */
export interface PreviewTarget {
  /** the file, object, table or index, as precisely as it is known before anything is written */
  readonly path: string
  /** what else tells the place or form: folder, format, operation */
  readonly [name: string]: string | number | boolean
}

/** Called with each record that would be put. */
export type TargetOf = (record: SinkRecord) => Async<PreviewTarget | null>

export interface SinkPlugin extends PluginBase {
  readonly kind: 'sink'
  /** Java's task class: stands in task configs as `task.class` */
  readonly taskClass: string
  connector(): Connector
  task(): SinkTask
  /**
   * Optional: tells where records would go, for `POST …/preview`. Called in a preview thread with the connector's config; what it returns
   * is called with each record that would be put, a partition's in offset order. Null: the sink leaves the record out. A throw is what put would
   * report. It must neither write nor connect to anything; no task is started for it.
   */
  previewTarget?(props: Props): TargetOf
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
