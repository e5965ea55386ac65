// The consumer and producer keys that Sluice's own clients understand, under Java's names and with Java's defaults or, where Connect
// sets its own, Connect's (CONNECT.md 2.3). From worker `consumer.*`/`producer.*` and the connector's `*.override.*`. Task threads;
// the main thread for offsets that requests change (cli/exactly-once.ts).
import type { TaskSpec } from '../actor/messages.ts'
import type { Props } from '../api/connector.ts'
import { atLeast, between, defineConfig, oneOf, type Parsed } from '../config/define.ts'
import { prefixed } from '../config/prefixed.ts'
import { transactionalIdOf } from '../config/transactional-id.ts'
import { clientConfigFrom } from '../kafka/client-config.ts'
import type { ClientConfig } from '../kafka/types.ts'

const LONG_MAX = Number.MAX_SAFE_INTEGER

export const consumerSettings = defineConfig({
  'group.id': { type: 'string', default: null, importance: 'high', doc: 'Consumer group; connect-<name> unless overridden.' },
  'group.instance.id': { type: 'string', default: null, importance: 'medium', doc: 'Static member id (KIP-345).' },
  'auto.offset.reset': {
    type: 'string',
    default: 'earliest',
    importance: 'medium',
    check: oneOf('earliest', 'latest', 'none'),
    doc: 'Where to begin without a committed offset.',
  },
  'isolation.level': {
    type: 'string',
    default: 'read_uncommitted',
    importance: 'medium',
    check: oneOf('read_uncommitted', 'read_committed'),
    doc: 'Whether records of open and aborted transactions are seen.',
  },
  'session.timeout.ms': {
    type: 'int',
    default: 45_000,
    importance: 'high',
    check: atLeast(1),
    doc: 'Silence after which the group drops a member.',
  },
  'heartbeat.interval.ms': {
    type: 'int',
    default: 3_000,
    importance: 'high',
    check: atLeast(1),
    doc: 'Time between heartbeats.',
  },
  'max.poll.interval.ms': {
    type: 'int',
    default: 300_000,
    importance: 'medium',
    check: atLeast(1),
    doc: 'Time a rebalance waits for this member.',
  },
  'max.poll.records': { type: 'int', default: 500, importance: 'medium', check: atLeast(1), doc: 'Records a put may hold.' },
  'fetch.min.bytes': {
    type: 'int',
    default: 1,
    importance: 'high',
    check: atLeast(0),
    doc: 'A fetch waits for this many bytes.',
  },
  'fetch.max.wait.ms': {
    type: 'int',
    default: 500,
    importance: 'low',
    check: atLeast(0),
    doc: 'A fetch waits no longer than this.',
  },
  'fetch.max.bytes': {
    type: 'int',
    default: 52_428_800,
    importance: 'medium',
    check: atLeast(0),
    doc: 'Bytes of one fetch answer.',
  },
  'max.partition.fetch.bytes': {
    type: 'int',
    default: 1_048_576,
    importance: 'high',
    check: atLeast(0),
    doc: 'Bytes of one partition in a fetch answer.',
  },
  'partition.assignment.strategy': {
    type: 'list',
    default: 'org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    importance: 'medium',
    doc: 'Assignors in order of preference.',
  },
  'metadata.max.age.ms': {
    type: 'long',
    default: 300_000,
    importance: 'low',
    check: atLeast(0),
    doc: 'New topics and partitions are looked for this often.',
  },
})
export type ConsumerSettings = Parsed<typeof consumerSettings.keys>

export const producerSettings = defineConfig({
  acks: {
    type: 'string',
    default: 'all',
    importance: 'low',
    check: oneOf('all', '-1', '0', '1'),
    doc: 'Replicas that must have a record.',
  },
  'enable.idempotence': { type: 'boolean', default: false, importance: 'low', doc: 'No duplicates by retries.' },
  'linger.ms': {
    type: 'long',
    default: 5,
    importance: 'medium',
    check: atLeast(0),
    doc: 'A batch waits this long for more records.',
  },
  'batch.size': { type: 'int', default: 16_384, importance: 'medium', check: atLeast(0), doc: 'Bytes of one batch.' },
  'buffer.memory': {
    type: 'long',
    default: 33_554_432,
    importance: 'high',
    check: atLeast(0),
    doc: 'Bytes not yet acknowledged before poll waits.',
  },
  'max.request.size': {
    type: 'int',
    default: 1_048_576,
    importance: 'medium',
    check: atLeast(0),
    doc: 'Bytes of one record or request.',
  },
  'compression.type': {
    type: 'string',
    default: 'none',
    importance: 'high',
    check: oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
    doc: 'Compression of batches.',
  },
  'delivery.timeout.ms': {
    type: 'long',
    default: LONG_MAX,
    importance: 'medium',
    check: atLeast(0),
    doc: 'A record not taken by then has failed; Connect: never.',
  },
  'max.in.flight.requests.per.connection': {
    type: 'int',
    default: 1,
    importance: 'low',
    check: between(1, 5),
    doc: 'Produce requests a broker.',
  },
  'retry.backoff.ms': { type: 'long', default: 100, importance: 'low', check: atLeast(0), doc: 'First wait before a retry.' },
  'retry.backoff.max.ms': {
    type: 'long',
    default: 1_000,
    importance: 'low',
    check: atLeast(0),
    doc: 'Longest wait before a retry.',
  },
})
export type ProducerSettings = Parsed<typeof producerSettings.keys>

export interface ClientSettings<S> {
  readonly client: ClientConfig
  readonly settings: S
}

type ClientSpec = Pick<TaskSpec, 'connector' | 'task' | 'connectorProps' | 'workerProps'>

export function consumerSettingsOf(spec: ClientSpec): ClientSettings<ConsumerSettings> {
  const props = clientProps(spec, 'consumer')
  const clientId = props['client.id'] ?? `connector-consumer-${spec.connector}-${spec.task}`
  return { client: clientConfigFrom(props, clientId), settings: consumerSettings.parse(props) }
}

/** Where an exactly-once task writes: what Java's worker makes of the same properties. */
export interface TransactionSettings {
  /** `<group.id>-<connector>-<task>`, whatever the user gives */
  readonly transactionalId: string
  /** the connector's own, else the worker's: on the producer's cluster, as store/offset-router.ts reads it */
  readonly offsetsTopic: string
  readonly timeoutMs: number
}

export const transactionSettings = defineConfig({
  'transaction.timeout.ms': {
    type: 'int',
    default: 60_000,
    importance: 'low',
    check: atLeast(1),
    doc: 'An exactly-once task whose transaction is open for longer is fenced by the broker, and fails.',
  },
})

export function transactionSettingsOf(spec: ClientSpec): TransactionSettings {
  const { workerProps, connectorProps, connector, task } = spec
  const own = connectorProps['offsets.storage.topic']?.trim() ?? ''
  return {
    transactionalId: transactionalIdOf(workerProps['group.id']?.trim() ?? '', connector, task),
    offsetsTopic: own === '' ? (workerProps['offset.storage.topic'] ?? '').trim() : own,
    timeoutMs: transactionSettings.parse(clientProps(spec, 'producer'))['transaction.timeout.ms'],
  }
}

export function producerSettingsOf(spec: ClientSpec): ClientSettings<ProducerSettings> {
  const props = clientProps(spec, 'producer')
  const clientId = props['client.id'] ?? `connector-producer-${spec.connector}-${spec.task}`
  return { client: clientConfigFrom(props, clientId), settings: producerSettings.parse(props) }
}

/** An admin client: the worker's own keys, then its `admin.*`, then the connector's `admin.override.*`. */
export function adminConfigOf(spec: TaskSpec, clientId: 'connector-adminclient' | 'connector-dlq-adminclient'): ClientConfig {
  const props = {
    ...spec.workerProps,
    ...prefixed(spec.workerProps, 'admin.'),
    ...prefixed(spec.connectorProps, 'admin.override.'),
  }
  return clientConfigFrom(props, `${clientId}-${spec.connector}-${spec.task}`)
}

/** The dead-letter producer: worker and connector producer keys, as Java. */
export function deadLetterSettingsOf(spec: TaskSpec): ClientSettings<ProducerSettings> {
  const props = clientProps(spec, 'producer')
  return {
    client: clientConfigFrom(props, `connector-dlq-producer-${spec.connector}-${spec.task}`),
    settings: producerSettings.parse(props),
  }
}

function clientProps(spec: ClientSpec, kind: 'consumer' | 'producer'): Props {
  return {
    'bootstrap.servers': spec.workerProps['bootstrap.servers'] ?? '',
    ...prefixed(spec.workerProps, `${kind}.`),
    ...prefixed(spec.connectorProps, `${kind}.override.`),
  }
}
