// Makes a Producer from Java's producer keys. Task threads; the main thread for offsets that requests change (cli/exactly-once.ts).
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ProducerFigures } from '../kafka/figures.ts'
import { Producer } from '../kafka/producer.ts'
import { TransactionalProducer } from '../kafka/transactional-producer.ts'
import type { ProducerSettings, TransactionSettings } from './client-settings.ts'

/** @param figures told what is sent; undefined where nobody asks (dead letters) */
export function openProducer(
  cluster: Cluster,
  settings: ProducerSettings,
  clock: Clock,
  log: Logger,
  figures?: ProducerFigures,
): Producer {
  const acks = settings.acks
  return new Producer({
    ...producerOptionsOf(cluster, settings, clock, log, figures),
    acks: acks === 'all' || acks === '-1' ? -1 : acks === '1' ? 1 : 0,
    idempotent: settings['enable.idempotence'],
  })
}

/** Not taken yet; waits for the broker as long as it lives, as Connect's producers do. */
export function openTransactionalProducer(
  cluster: Cluster,
  settings: ProducerSettings,
  { transactionalId, timeoutMs }: TransactionSettings,
  clock: Clock,
  log: Logger,
  figures: ProducerFigures,
): TransactionalProducer {
  return new TransactionalProducer({
    ...producerOptionsOf(cluster, settings, clock, log, figures),
    transactionalId,
    transactionTimeoutMs: timeoutMs,
    maxBlockMs: Number.POSITIVE_INFINITY,
  })
}

export function producerOptionsOf(
  cluster: Cluster,
  settings: ProducerSettings,
  clock: Clock,
  log: Logger,
  figures?: ProducerFigures,
) {
  return {
    cluster,
    log,
    clock,
    lingerMs: settings['linger.ms'],
    batchSizeBytes: settings['batch.size'],
    bufferMemoryBytes: settings['buffer.memory'],
    maxRequestSizeBytes: settings['max.request.size'],
    compression: settings['compression.type'] as 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd',
    deliveryTimeoutMs: settings['delivery.timeout.ms'],
    maxInFlight: settings['max.in.flight.requests.per.connection'],
    retryBackoffMs: settings['retry.backoff.ms'],
    retryBackoffMaxMs: settings['retry.backoff.max.ms'],
    ...(figures === undefined ? {} : { figures }),
  }
}
