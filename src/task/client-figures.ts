// Puts what the Kafka clients of a task count into its slab. Task threads.
import { groupFigures } from '../actor/group-figures.ts'
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import type { Clock } from '../base/clock.ts'
import type { FetchFigures, GroupFigures, ProducerFigures } from '../kafka/figures.ts'

export function consumerFigures(slab: MetricsSlab, clock: Clock): FetchFigures & GroupFigures {
  return {
    fetched(tookMs, bytes) {
      slab.add('fetchCount', 1)
      slab.add('fetchTimeMs', tookMs)
      slab.max('fetchTimeMsMax', tookMs)
      slab.add('fetchBytes', bytes)
      slab.max('fetchBytesMax', bytes)
    },
    ...groupFigures(slab, clock),
  }
}

export function producerFigures(slab: MetricsSlab): ProducerFigures {
  return {
    batchSent(records, bytes, queuedMs) {
      slab.add('produceBatches', 1)
      slab.add('produceRecords', records)
      slab.add('produceBytes', bytes)
      slab.max('produceBytesMax', bytes)
      slab.add('produceQueueTimeMs', queuedMs)
      slab.max('produceQueueTimeMsMax', queuedMs)
    },
    requestSent: () => slab.add('produceRequests', 1),
    answered(tookMs) {
      slab.add('produceAnswers', 1)
      slab.add('produceTimeMs', tookMs)
      slab.max('produceTimeMsMax', tookMs)
    },
    retried: records => slab.add('produceRetries', records),
    failed: records => slab.add('produceErrors', records),
    split: () => slab.add('produceSplits', 1),
  }
}
