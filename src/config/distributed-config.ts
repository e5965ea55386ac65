// The keys of a distributed worker besides those of every worker (CONNECT.md 2.2): declared now, used by the distributed herder. Main thread.
import {
  atLeast,
  between,
  type Check,
  type ConfigDef,
  defineConfig,
  ifPresent,
  oneOfIgnoringCase,
  type Parsed,
} from './define.ts'
import { key, required } from './key.ts'
import { workerConfigOf, workerKeys } from './worker-config.ts'

/** -1: as the broker has it. */
const orBrokers =
  (reason: string): Check =>
  (_name, value) =>
    value === null || value === -1 || (typeof value === 'number' && value >= 1)
      ? null
      : `${reason}, or -1 to use the broker's default`
const partitions = orBrokers('Number of partitions must be positive')
const replicas = orBrokers('Replication factor must be positive and not larger than the number of brokers in the Kafka cluster')

const protocol: Check = (_name, value) =>
  ['eager', 'compatible', 'sessioned'].includes(String(value).toLowerCase()) ? null : 'Invalid Connect protocol compatibility'

const someAlgorithm: Check = (_name, value) =>
  Array.isArray(value) && value.length === 0 ? 'At least one signature verification algorithm must be provided' : null
const MAC = 'Message authentication code'

const group = defineConfig({
  'group.id': required('string', 'The cluster this worker belongs to. It must not be the name of a consumer group.'),
  'session.timeout.ms': key('int', 10_000, 'high', 'Silence after which a worker counts as gone.', ifPresent(atLeast(1))),
  'heartbeat.interval.ms': key(
    'int',
    3_000,
    'high',
    'Time between signs of life; at most a third of the session timeout.',
    ifPresent(atLeast(1)),
  ),
  'rebalance.timeout.ms': key('int', 60_000, 'high', 'How long workers have to join a rebalance.', ifPresent(atLeast(1))),
  'exactly.once.source.support': key(
    'string',
    'disabled',
    'high',
    'Exactly-once delivery for sources: disabled, preparing (first step of switching it on) or enabled.',
    oneOfIgnoringCase('DISABLED', 'ENABLED', 'PREPARING'),
  ),
  'worker.sync.timeout.ms': key(
    'int',
    3_000,
    'medium',
    'How long a worker that lags may take to read the config topic before it leaves the group.',
    ifPresent(atLeast(1)),
  ),
  'worker.unsync.backoff.ms': key(
    'int',
    300_000,
    'medium',
    'How long a worker that could not catch up stays out of the group.',
    ifPresent(atLeast(0)),
  ),
  'connect.protocol': key('string', 'sessioned', 'low', 'How workers share the work: eager, compatible or sessioned.', protocol),
  'scheduled.rebalance.max.delay.ms': key(
    'int',
    300_000,
    'low',
    'How long the work of a worker that left is kept for its return.',
    between(0, 2_147_483_647),
  ),
})

const topics = defineConfig({
  'config.storage.topic': required('string', 'Topic for connector configs; one partition, compacted.'),
  'config.storage.replication.factor': key(
    'short',
    3,
    'low',
    "Replication factor of the config topic when it is created; -1: the broker's.",
    replicas,
  ),
  'offset.storage.topic': required('string', 'Topic for the offsets of sources; compacted.'),
  'offset.storage.partitions': key(
    'int',
    25,
    'low',
    "Partitions of the offset topic when it is created; -1: the broker's.",
    partitions,
  ),
  'offset.storage.replication.factor': key(
    'short',
    3,
    'low',
    "Replication factor of the offset topic when it is created; -1: the broker's.",
    replicas,
  ),
  'status.storage.topic': required('string', 'Topic for the status of connectors and tasks; compacted.'),
  'status.storage.partitions': key(
    'int',
    5,
    'low',
    "Partitions of the status topic when it is created; -1: the broker's.",
    partitions,
  ),
  'status.storage.replication.factor': key(
    'short',
    3,
    'low',
    "Replication factor of the status topic when it is created; -1: the broker's.",
    replicas,
  ),
})

const sessionKeys = defineConfig({
  'inter.worker.key.ttl.ms': key(
    'int',
    3_600_000,
    'low',
    'Life of a key that requests between workers are signed with.',
    between(0, 2_147_483_647),
  ),
  'inter.worker.key.generation.algorithm': key('string', 'HmacSHA256', 'low', 'Algorithm that makes such keys.'),
  'inter.worker.key.size': key(
    'int',
    null,
    'low',
    "Size of such a key in bits; by default the algorithm's.",
    ifPresent(atLeast(1)),
  ),
  'inter.worker.signature.algorithm': key('string', 'HmacSHA256', 'low', `${MAC} that requests between workers are signed with.`),
  'inter.worker.verification.algorithms': key(
    'list',
    'HmacSHA256',
    'low',
    `${MAC}s that are accepted; the one we sign with must be among them.`,
    someAlgorithm,
  ),
})

const connection = defineConfig({
  'client.id': key('string', '', 'low', "Name of this worker in the broker's logs."),
  'security.protocol': key(
    'string',
    'PLAINTEXT',
    'medium',
    'How brokers are talked to.',
    oneOfIgnoringCase('SASL_SSL', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT'),
  ),
  'metadata.max.age.ms': key('long', 300_000, 'low', 'Metadata is asked for anew after this long.', atLeast(0)),
  'request.timeout.ms': key('int', 40_000, 'medium', 'How long a request may take.', atLeast(0)),
  'connections.max.idle.ms': key('long', 540_000, 'medium', 'Idle connections are closed after this long.'),
  'retry.backoff.ms': key('long', 100, 'low', 'First wait before a request is tried again.', atLeast(0)),
  'retry.backoff.max.ms': key('long', 1_000, 'low', 'Longest wait before a request is tried again.', atLeast(0)),
  'reconnect.backoff.ms': key('long', 50, 'low', 'First wait before connecting again.', atLeast(0)),
  'reconnect.backoff.max.ms': key('long', 1_000, 'low', 'Longest wait before connecting again.', atLeast(0)),
  'socket.connection.setup.timeout.ms': key(
    'long',
    10_000,
    'low',
    'How long a connection may take to be made, at first.',
    atLeast(0),
  ),
  'socket.connection.setup.timeout.max.ms': key('long', 30_000, 'low', 'The same after repeated failures.', atLeast(0)),
  'send.buffer.bytes': key('int', 131_072, 'medium', "TCP send buffer; -1: the system's.", atLeast(-1)),
  'receive.buffer.bytes': key('int', 32_768, 'medium', "TCP receive buffer; -1: the system's.", atLeast(-1)),
  'metadata.recovery.strategy': key(
    'string',
    'rebootstrap',
    'low',
    'What to do when no known broker answers: none or rebootstrap.',
    oneOfIgnoringCase('REBOOTSTRAP', 'NONE'),
  ),
  'metadata.recovery.rebootstrap.trigger.ms': key('long', 300_000, 'low', 'After how long without metadata.', atLeast(0)),
})

/** `sasl.*` keys are the clients' and stand in client-keys.ts. */
const distributedKeys = { ...group.keys, ...topics.keys, ...sessionKeys.keys, ...connection.keys }

export const distributedConfig = workerConfigOf({ ...workerKeys, ...distributedKeys })
export type DistributedConfig = Parsed<typeof distributedConfig.keys>

/** For the reference: the keys by what they are about. */
export const distributedSections: readonly (readonly [title: string, config: ConfigDef])[] = [
  ['Distributed workers: the group', group],
  ['Distributed workers: internal topics', topics],
  ['Distributed workers: requests among them', sessionKeys],
  ['Distributed workers: connections', connection],
]
