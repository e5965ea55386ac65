// Everything that may cross between the supervisor and a task or connector thread. Control only: no record ever does (D1).
// Imperative to the thread, past tense from it. A message with an `id` is answered by a `reply` with the same id.
import type { Levels } from '../base/log.ts'
import type { WireError } from './wire-error.ts'

export type Props = Readonly<Record<string, string>>
export type OffsetMap = Readonly<Record<string, string | number | bigint | boolean | null>>

export interface OffsetEntry {
  readonly partition: OffsetMap
  /** null removes the offset */
  readonly offset: OffsetMap | null
}

/** A record of an offsets topic. */
export interface OffsetRecord {
  readonly key: Uint8Array
  /** null removes the offset */
  readonly value: Uint8Array | null
}

export interface PluginName {
  readonly className: string
  readonly version: string
}

/** What a task is made of, for the metrics; predicates and transforms by alias. */
export interface TaskDescription {
  readonly task: PluginName
  readonly keyConverter: PluginName
  readonly valueConverter: PluginName
  readonly headerConverter: PluginName
  readonly transforms: Readonly<Record<string, PluginName>>
  readonly predicates: Readonly<Record<string, PluginName>>
}

/** What a task thread is started with (workerData): configs as written. The thread puts values in place of `${…}` variables. */
export interface TaskSpec {
  readonly kind: 'sink' | 'source'
  readonly connector: string
  readonly task: number
  /** the task's own config, `task.class` included */
  readonly taskProps: Props
  readonly connectorProps: Props
  readonly workerProps: Props
  /** keys of the connector's config that hold secrets, besides those whose names say so */
  readonly secretKeys: readonly string[]
  /** PAUSED: the plugin is not started before the first resume */
  readonly targetState: 'STARTED' | 'PAUSED'
  /** sources of a cluster with exactly.once.source.support=enabled: records and offsets go in transactions; absent: at least once */
  readonly exactlyOnce?: boolean
  readonly logLevels: Levels
  readonly metrics: SharedArrayBuffer
}

/** What a connector thread is started with. */
export interface ConnectorSpec {
  readonly connector: string
  readonly connectorProps: Props
  readonly workerProps: Props
  /** keys of the connector's config that hold secrets, besides those whose names say so */
  readonly secretKeys: readonly string[]
  readonly logLevels: Levels
  readonly metrics: SharedArrayBuffer
}

export type ToTask =
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** finish what is in hand, commit, leave the group, exit; `deadlineMs` from now the thread is terminated */
  | { readonly type: 'stop'; readonly deadlineMs: number }
  | { readonly type: 'setLogLevels'; readonly levels: Levels }

export type FromTask =
  | { readonly type: 'stateChanged'; readonly state: 'RUNNING' | 'PAUSED' }
  /** source tasks: asks for committed offsets; reply value: (OffsetMap | null)[] */
  | { readonly type: 'offsetsRequested'; readonly id: number; readonly partitions: readonly OffsetMap[] }
  /** source tasks: offsets of acknowledged records; replied to once they are durable */
  | { readonly type: 'offsetsPut'; readonly id: number; readonly entries: readonly OffsetEntry[] }
  /** exactly-once tasks, before they take their transactional id: replied to once older producers of the connector are fenced (KIP-618) */
  | { readonly type: 'fencingRequested'; readonly id: number }
  /** exactly-once tasks, after they have taken it: an error where newer task configs exist or the task is another worker's now */
  | { readonly type: 'startConfirmationRequested'; readonly id: number }
  /** exactly-once tasks: reply value OffsetRecord[], what their transaction has to append to the offsets topic for these offsets */
  | { readonly type: 'offsetRecordsRequested'; readonly id: number; readonly entries: readonly OffsetEntry[] }
  /** exactly-once tasks: the transaction with these offsets is committed */
  | { readonly type: 'offsetsCommitted'; readonly entries: readonly OffsetEntry[] }
  /** sink tasks: the member id in the consumer group; should the thread die without a word, the supervisor takes the member out */
  | { readonly type: 'groupJoined'; readonly groupId: string; readonly memberId: string }
  /** first record of this topic (KIP-558) */
  | { readonly type: 'topicUsed'; readonly topic: string }
  | { readonly type: 'described'; readonly description: TaskDescription }
  /** the rows of the slab hold the lag of these partitions while its lagGeneration is this one */
  | {
      readonly type: 'lagRowsAssigned'
      readonly generation: number
      readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
    }

export type ToConnector =
  /** plugin.start; reply value: null */
  | { readonly type: 'start'; readonly id: number }
  /** reply value: Props[] */
  | { readonly type: 'taskConfigs'; readonly id: number; readonly maxTasks: number }
  /** plugin.stop but the thread stays (pause, stop); reply value: null */
  | { readonly type: 'suspend'; readonly id: number }
  | { readonly type: 'alterOffsets'; readonly id: number; readonly offsets: readonly OffsetEntry[] }
  | { readonly type: 'stop'; readonly deadlineMs: number }
  | { readonly type: 'setLogLevels'; readonly levels: Levels }

export type FromConnector = { readonly type: 'reconfigurationRequested' }

/** Sent by every thread, handled by ActorRef itself or by its owner. */
export type FromAnyActor =
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown; readonly error?: WireError }
  /** the actor is done for; the thread exits after this */
  | { readonly type: 'failed'; readonly error: WireError }
  /** its code is there, and what it waits for from now on is outside: another thread may begin (StartGate) */
  | { readonly type: 'loaded' }
  /** a module of `plugin.path` begins to load, and must be there after `limitMs` from now on */
  | { readonly type: 'moduleLoading'; readonly className: string; readonly file: string; readonly limitMs: number }
  /** it is there, or has failed */
  | { readonly type: 'moduleLoaded'; readonly file: string }
  /** one line of JSON from the thread's logger */
  | { readonly type: 'logged'; readonly line: string }

export type Reply = Extract<FromAnyActor, { type: 'reply' }>
