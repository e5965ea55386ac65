// What a distributed cluster's three topics and its groups hold, as far as a plan needs it: the config topic by the rules of the distributed
// worker itself, of offsets how many there are, the newest statuses. Read only. Main thread of a command.
// Limits: in memory is the newest of each connector, task and offset.
import { codeOf, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { type ReadTopic, readTopic } from '../../kafka/read-topic.ts'
import type { ClusterConfig } from '../../store/cluster-config.ts'
import { parseConfigRecord } from '../../store/config-records.ts'
import { ConfigState } from '../../store/config-state.ts'
import { canonicalKey, parseKey } from '../../store/offset-json.ts'
import { parseStatusRecord, type StatusRecord } from '../../store/status-records.ts'
import type { Status } from '../../store/status-store.ts'

export const TOPIC_KEYS = ['config.storage.topic', 'offset.storage.topic', 'status.storage.topic'] as const
export type TopicKey = (typeof TOPIC_KEYS)[number]

export interface TopicFound {
  readonly key: TopicKey
  readonly topic: string
  /** null: there is none */
  readonly found: ReadTopic | null
  /** null: it could not be asked for */
  readonly cleanupPolicy: string | null
}

export interface ClusterState {
  readonly topics: readonly TopicFound[]
  readonly config: ClusterConfig
  /** partitions with an offset, by connector */
  readonly sourceOffsets: ReadonlyMap<string, number>
  /** by connector */
  readonly statuses: ReadonlyMap<
    string,
    { readonly connector: Pick<Status, 'state'> | null; readonly tasks: ReadonlyMap<number, Pick<Status, 'state'>> }
  >
  /** workers that are in the group now */
  readonly members: number
  /** records that are not as they should be, in sentences */
  readonly problems: readonly string[]
}

export interface ClusterReading {
  readonly cluster: Cluster
  readonly log: Logger
  readonly timeoutMs: number
  readonly groupId: string
  readonly topics: Readonly<Record<TopicKey, string>>
}

/** Of a topic that is damaged; more are counted. */
const PROBLEMS_MAX = 20

export async function readClusterState(reading: ClusterReading): Promise<ClusterState> {
  const { cluster, log, timeoutMs, groupId, topics } = reading
  const admin = new Admin(cluster, { log, timeoutMs })
  const problems: string[] = []
  const note = (topic: string, offset: number, why: string) => {
    if (problems.length < PROBLEMS_MAX) problems.push(`${topic} at offset ${offset}: ${why}`)
  }
  const config = new ConfigState()
  const offsets = new OffsetKeys()
  const statuses = new Statuses()
  const take: Readonly<Record<TopicKey, (key: Buffer, value: Buffer | null, offset: number) => void>> = {
    'config.storage.topic': (key, value, offset) => {
      const record = parseConfigRecord(key, value)
      if (record.kind === 'invalid') note(topics['config.storage.topic'], offset, record.why)
      config.apply(record, offset)
    },
    'offset.storage.topic': (key, value) => offsets.take(key, value),
    'status.storage.topic': (key, value, offset) => {
      const record = parseStatusRecord(key, value)
      if (record.kind === 'invalid') note(topics['status.storage.topic'], offset, record.why)
      statuses.take(record)
    },
  }
  const found: TopicFound[] = []
  for (const key of TOPIC_KEYS) {
    const topic = topics[key]
    const read = await readTopic(reading, topic, ({ key: recordKey, value, offset }) => {
      try {
        take[key](recordKey, value, offset)
      } catch (error) {
        if (codeOf(error) !== 'CONNECT_DATA') throw error
        note(topic, offset, toError(error).message)
      }
    })
    found.push({ key, topic, found: read, cleanupPolicy: read === null ? null : await cleanupPolicy(admin, topic) })
  }
  const group = await admin.describeGroup(groupId)
  return {
    topics: found,
    config: config.snapshot(),
    sourceOffsets: offsets.counts(),
    statuses: statuses.byConnector,
    members: group.members.length,
    problems,
  }
}

/** As for the worker: where the rights to ask are missing, it is not checked. */
async function cleanupPolicy(admin: Admin, topic: string): Promise<string | null> {
  try {
    return (await admin.topicConfigs(topic, ['cleanup.policy'])).get('cleanup.policy')?.value ?? null
  } catch {
    return null
  }
}

/** Source partitions that have an offset. */
export class OffsetKeys {
  readonly #partitions = new Map<string, Set<string>>()

  take(keyBytes: Buffer, value: Buffer | null): void {
    const key = parseKey(keyBytes)
    if (key === null) return
    const partitions = this.#partitions.get(key.connector) ?? new Set()
    this.#partitions.set(key.connector, partitions)
    const partition = canonicalKey(key.connector, key.partition)
    if (value === null) partitions.delete(partition)
    else partitions.add(partition)
  }

  counts(): Map<string, number> {
    return new Map(
      [...this.#partitions].map(([connector, { size }]): [string, number] => [connector, size]).filter(([, n]) => n > 0),
    )
  }
}

class Statuses {
  readonly byConnector = new Map<string, { connector: Status | null; tasks: Map<number, Status> }>()

  take(record: StatusRecord): void {
    if (record.kind === 'connector') {
      if (record.status === null) this.byConnector.delete(record.connector)
      else this.#of(record.connector).connector = record.status
    } else if (record.kind === 'task') {
      const { tasks } = this.#of(record.connector)
      if (record.status === null) tasks.delete(record.task)
      else tasks.set(record.task, record.status)
    }
  }

  #of(connector: string) {
    const known = this.byConnector.get(connector) ?? { connector: null, tasks: new Map<number, Status>() }
    this.byConnector.set(connector, known)
    return known
  }
}
