// Opens what a sink task needs (plugins, connections, group membership) from its spec. Task thread; called by workers/task.ts.
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { Clock } from '../../base/clock.ts'
import { LOGGERS } from '../../base/logger-names.ts'
import { sinkConnectorConfig } from '../../config/connector-config.ts'
import { JavaRegex } from '../../data/java-regex.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { ConsumerMembership } from '../../kafka/consumer-membership.ts'
import { Fetcher } from '../../kafka/fetcher.ts'
import type { GroupFigures } from '../../kafka/figures.ts'
import { consumerFigures } from '../client-figures.ts'
import { type ConsumerSettings, consumerSettingsOf } from '../client-settings.ts'
import { openTask } from '../open-task.ts'
import { ErrantReporter } from './errant-reporter.ts'
import { MemoryBudget } from './memory-budget.ts'
import { type SinkEvents, SinkRunner } from './sink-runner.ts'
import { removeStaleMembers } from './stale-members.ts'

/** A fetch answer is held besides the mailboxes: it may take this share of theirs. */
const FETCH_SHARE = 1 / 4

export async function openSinkTask(host: ActorHost<ToTask, FromTask>, spec: TaskSpec, clock: Clock): Promise<SinkRunner> {
  const { worker, plugin, chain, stopping, failures } = await openTask('sink', host, spec, clock)
  const { client, settings } = consumerSettingsOf(spec)
  const cluster = new Cluster(client, host.named(LOGGERS.kafkaClient))
  await cluster.connect()
  const ownClientId = `connector-consumer-${spec.connector}-${spec.task}`
  // Alone, a worker may share a group with another of the same connector; in a cluster nobody else has this task.
  if (isOfCluster(spec) && client.clientId === ownClientId)
    await removeStaleMembers(cluster, groupIdOf(spec, settings), ownClientId, host.named(LOGGERS.consumer), clock)
  const budget = new MemoryBudget({
    bytesMax: worker['task.buffer.memory.bytes'],
    queueBytesMax: worker['sink.buffer.max.bytes'],
  })
  const figures = consumerFigures(host.metrics, clock)
  return new SinkRunner({
    host,
    spec,
    clock,
    task: plugin.task(),
    taskClassName: plugin.taskClass,
    chain,
    tolerance: failures.tolerance,
    cluster,
    deadLetters: failures.deadLetters,
    errantReporter: inHand =>
      failures.reportsAnywhere
        ? new ErrantReporter({ chain, tolerance: failures.tolerance, className: plugin.taskClass, inHand })
        : null,
    membership: events => openMembership(cluster, settings, spec, clock, host, events, figures),
    fetcher: events => {
      const fetchMaxBytes = Math.min(settings['fetch.max.bytes'], Math.ceil(budget.queueBytesMax * FETCH_SHARE))
      return new Fetcher({
        cluster,
        log: host.named(LOGGERS.consumer),
        clock,
        isolation: settings['isolation.level'] as 'read_committed' | 'read_uncommitted',
        fetchMinBytes: settings['fetch.min.bytes'],
        fetchMaxWaitMs: settings['fetch.max.wait.ms'],
        fetchMaxBytes,
        maxPartitionFetchBytes: Math.min(settings['max.partition.fetch.bytes'], fetchMaxBytes),
        autoOffsetReset: settings['auto.offset.reset'] as 'earliest' | 'latest' | 'none',
        deliver: batch => events.deliver(batch),
        mayFetch: () => events.mayFetch(),
        onError: error => events.onError(error),
        figures,
      })
    },
    close: async () => {
      stopping.abort()
      await failures.close()
      await cluster.close()
    },
    stopping,
    budget,
    limits: {
      putRecordsMax: settings['max.poll.records'],
      flushIntervalMs: worker['offset.flush.interval.ms'],
      flushTimeoutMs: worker['offset.flush.timeout.ms'],
    },
  })
}

const isOfCluster = ({ workerProps }: TaskSpec) =>
  workerProps['group.id'] !== undefined && workerProps['config.storage.topic'] !== undefined

const groupIdOf = ({ connector }: TaskSpec, settings: ConsumerSettings) => settings['group.id'] ?? `connect-${connector}`

function openMembership(
  cluster: Cluster,
  settings: ConsumerSettings,
  spec: TaskSpec,
  clock: Clock,
  host: ActorHost<ToTask, FromTask>,
  events: SinkEvents,
  figures: GroupFigures,
): ConsumerMembership {
  const { topics, 'topics.regex': regex } = sinkConnectorConfig.parse(spec.connectorProps)
  const groupId = groupIdOf(spec, settings)
  const groupInstanceId = settings['group.instance.id']
  return new ConsumerMembership({
    cluster,
    log: host.named(LOGGERS.consumer),
    clock,
    groupId,
    groupInstanceId,
    topics: topics.length > 0 ? topics : new JavaRegex(regex).whole,
    assignors: settings['partition.assignment.strategy'],
    sessionTimeoutMs: settings['session.timeout.ms'],
    heartbeatIntervalMs: settings['heartbeat.interval.ms'],
    rebalanceTimeoutMs: settings['max.poll.interval.ms'],
    metadataMaxAgeMs: settings['metadata.max.age.ms'],
    onAssigned: partitions => events.onAssigned(partitions),
    onRevoked: partitions => events.onRevoked(partitions),
    onLost: partitions => events.onLost(partitions),
    onError: error => events.onError(error),
    onJoined: memberId => {
      // A static member keeps its place for the thread that comes after it (KIP-345).
      if (groupInstanceId === null) host.post({ type: 'groupJoined', groupId, memberId })
    },
    figures,
  })
}
