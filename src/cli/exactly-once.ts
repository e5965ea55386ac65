// What exactly-once sources need of a cluster's worker besides the herder's own parts (KIP-618): the leader's transactional writer of the config topic,
// its rounds of fencing, and its writes of offsets that requests change. Main thread; put together by distributed.ts. Each has connections of its own, open while they are needed.
import { systemClock } from '../base/clock.ts'
import { LOGGERS } from '../base/logger-names.ts'
import type { DistributedConfig } from '../config/distributed-config.ts'
import { prefixed } from '../config/prefixed.ts'
import { leaderTransactionalId } from '../config/transactional-id.ts'
import type { Variables } from '../config/variables.ts'
import { Admin } from '../kafka/admin.ts'
import { type ClientProps, clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import { TransactionalWriter } from '../kafka/transactional-producer.ts'
import type { ConfigTopic, PrivilegedWriter } from '../store/config-topic.ts'
import type { OffsetRouter } from '../store/offset-router.ts'
import { Fencing } from '../supervisor/distributed/fencing.ts'
import type { TransactionalOffsets } from '../supervisor/offset-requests.ts'
import { producerSettingsOf, transactionSettingsOf } from '../task/client-settings.ts'
import { producerOptionsOf } from '../task/producer.ts'
import type { ProcessParts } from './worker-process.ts'

/** What a request may take, as in Java. */
const OFFSETS_TIMEOUT_MS = 90_000

type Parts = ProcessParts<DistributedConfig>

/** disabled, preparing (the leader writes in transactions already, so that all workers may be told to read them) or enabled */
export function exactlyOnceLevel(config: DistributedConfig): 'disabled' | 'preparing' | 'enabled' {
  return config['exactly.once.source.support'].trim().toLowerCase() as 'disabled' | 'preparing' | 'enabled'
}

/** A claim of the right to write to the config topic: fences the leader before. */
export async function openConfigWriter(parts: Parts): Promise<PrivilegedWriter> {
  const { config, props, loggers } = parts
  const group = config['group.id']
  const clientId = `${config['client.id'] || group}-configs-leader`
  const cluster = new Cluster(clientConfigFrom({ ...props, 'client.id': clientId }, clientId), loggers.named(LOGGERS.kafkaClient))
  try {
    await cluster.connect()
    const writer = await TransactionalWriter.open({
      cluster,
      log: loggers.named(LOGGERS.producer),
      clock: systemClock,
      topic: config['config.storage.topic'],
      transactionalId: leaderTransactionalId(group),
    })
    return {
      write: (records, timeoutMs) => writer.write(records, timeoutMs),
      close: async () => {
        await writer.close()
        await cluster.close()
      },
    }
  } catch (error) {
    await cluster.close()
    throw error
  }
}

/** @param putTaskCount with the leader's right to write */
export function fencingOf(
  parts: Parts,
  configs: ConfigTopic,
  variables: Pick<Variables, 'resolve'>,
  putTaskCount: (connector: string, taskCount: number) => Promise<void>,
): Fencing {
  const { config, loggers } = parts
  return new Fencing({
    groupId: config['group.id'],
    syncTimeoutMs: config['worker.sync.timeout.ms'],
    log: loggers.named(LOGGERS.herder),
    refresh: timeoutMs => configs.refresh(timeoutMs),
    putTaskCount,
    fenceProducers: (connector, ids) =>
      fenceProducers(parts, connector, variables.resolve(configs.get(connector)?.config ?? {}), ids),
  })
}

/** With the admin settings of the connector, for its producers may be on another cluster or need its credentials. */
async function fenceProducers(
  { props, loggers }: Parts,
  connector: string,
  connectorProps: ClientProps,
  transactionalIds: readonly string[],
): Promise<void> {
  const own = { ...props, ...prefixed(props, 'admin.'), ...prefixed(connectorProps, 'admin.override.') }
  const log = loggers.named(LOGGERS.admin)
  const cluster = new Cluster(clientConfigFrom(own, `connector-worker-adminclient-${connector}`), log)
  try {
    await cluster.connect()
    await new Admin(cluster, { clock: systemClock, log }).fenceProducers(transactionalIds)
  } finally {
    await cluster.close()
  }
}

/** By a producer with the settings of the connector's task 0, to the topic that the task writes to. Java: Worker.modifySourceConnectorOffsets. */
export function transactionalOffsetsOf(
  { props, loggers }: Parts,
  offsets: OffsetRouter,
  variables: Pick<Variables, 'resolve'>,
): TransactionalOffsets {
  return {
    async put(connector, config, entries) {
      const spec = { connector, task: 0, connectorProps: variables.resolve(config), workerProps: props }
      const { client, settings } = producerSettingsOf(spec)
      const { transactionalId, offsetsTopic: topic, timeoutMs: transactionTimeoutMs } = transactionSettingsOf(spec)
      const log = loggers.named(LOGGERS.producer)
      const cluster = new Cluster(client, loggers.named(LOGGERS.kafkaClient))
      try {
        await cluster.connect()
        const producer = { ...producerOptionsOf(cluster, settings, systemClock, log), transactionTimeoutMs }
        const writer = await TransactionalWriter.open({ cluster, log, clock: systemClock, topic, transactionalId, producer })
        try {
          await writer.write(await offsets.records(connector, entries), OFFSETS_TIMEOUT_MS)
        } finally {
          await writer.close()
        }
      } finally {
        await cluster.close()
      }
      offsets.committed(connector, entries)
    },
  }
}
