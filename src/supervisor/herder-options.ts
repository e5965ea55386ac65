// What a herder is made of: cli puts the real parts together, tests the fake ones. Main thread.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Variables } from '../config/variables.ts'
import type { ConfigStore } from '../store/config-store.ts'
import type { OffsetStore } from '../store/offset-store.ts'
import type { StatusStore } from '../store/status-store.ts'
import type { ServerInfo } from './herder.ts'
import type { ConnectorPlugin, JobPool } from './job-pool.ts'
import type { LogLevels } from './log-levels.ts'
import type { GroupOffsets } from './offset-requests.ts'
import type { Redaction } from './redaction.ts'
import type { RestartPolicy } from './restart.ts'
import type { Worker } from './worker.ts'

export interface HerderOptions {
  readonly workerId: string
  readonly serverInfo: () => Promise<ServerInfo>
  readonly clock: Clock
  readonly log: Logger
  readonly worker: Worker
  readonly jobs: JobPool
  /** by connector name; the herder writes, metrics read */
  readonly plugins: Map<string, ConnectorPlugin>
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly offsets: OffsetStore
  /** committed offsets of sink connectors' groups; null: the offsets endpoints refuse sinks */
  readonly groupOffsets: GroupOffsets | null
  readonly restarts: RestartPolicy
  readonly logLevels: LogLevels
  /** `${…}` variables: configs are stored and shown as written, resolved when something starts */
  readonly variables: Pick<Variables, 'resolve' | 'ttlMs'>
  readonly redaction: Redaction
  readonly shutdownTimeoutMs: number
  readonly topicTracking: boolean
  /** a bug of ours: the process must end (HOUSE section 6) */
  onBug(error: Error): void
}
