// A connector: divides the work into task configs. Runs in a connector thread. Java: org.apache.kafka.connect.connector.Connector.
import type { Logger } from '../base/log.ts'
import type { ConfigValue } from '../config/define.ts'
import type { SourceMap } from '../data/record.ts'

/** A result that may be at hand already: a synchronous plugin is never forced through a promise. */
export type Async<T> = T | Promise<T>

/** Configuration as users write it: everything is text. */
export type Props = Readonly<Record<string, string>>

export interface ConnectorContext {
  readonly logger: Logger
  /** the connector's configuration as written: what taskConfigs hands on */
  readonly props: Props
  /** Asks for taskConfigs to be called again, e.g. because new tables or topics appeared. */
  requestTaskReconfiguration(): void
  /** Reports a failure met outside of a call: the connector becomes FAILED. */
  raiseError(error: Error): void
}

/** `C`: what `start` is given, the text itself or, in the form that authors write, what the declaration makes of it. */
export interface Connector<C = Props> {
  /** Called once, after creation or resume, before taskConfigs. A throw makes the connector FAILED. */
  start: (config: C, context: ConnectorContext) => Async<void>
  /** At most `maxTasks` configurations, one a task. Called after start and after requestTaskReconfiguration. */
  taskConfigs(maxTasks: number): Async<Props[]>
  stop(): Async<void>
  /** Checks beyond single keys; returns errors to add to the named keys. Called without start. */
  validate?(props: Props): Async<readonly Pick<ConfigValue, 'name' | 'errors'>[]>
  /**
   * Sources, under `exactly.once.support=required`: whether the connector sends each record once with this config, if offsets and records
   * are written together. Called without start.
   */
  exactlyOnceSupport?(props: Props): Async<'supported' | 'unsupported'>
  /** Sources, under `transaction.boundary=connector`: whether its tasks say where transactions end; absent: they do not. Called without start. */
  canDefineTransactionBoundaries?(props: Props): Async<'supported' | 'unsupported'>
  /** Sources: accepts or refuses offsets that an operator wrote by REST (KIP-875). */
  alterOffsets?(props: Props, offsets: readonly { partition: SourceMap; offset: SourceMap | null }[]): Async<boolean>
}
