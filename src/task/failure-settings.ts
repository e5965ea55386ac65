// The errors.* keys of a connector, made into a Tolerance with its reporters. Task threads.

import type { TaskSpec } from '../actor/messages.ts'
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { connectorConfig, deadLetterConfig } from '../config/connector-config.ts'
import type { Catalogue } from '../plugins/catalogue.ts'
import type { Chain } from './chain.ts'
import type { DeadLetters } from './dead-letters.ts'
import { ErrorLog } from './error-log.ts'
import type { OpenDeadLetters } from './open-dead-letters.ts'
import { type Reporter, Tolerance } from './tolerance.ts'

export interface FailureHandling {
  readonly tolerance: Tolerance
  readonly toleratesAll: boolean
  readonly deadLetters: DeadLetters | null
  /** Java offers the errant-record reporter only where a report would go somewhere */
  readonly reportsAnywhere: boolean
  close(): Promise<void>
}

export interface FailureParts {
  readonly spec: TaskSpec
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsSlab
  readonly signal: AbortSignal
  readonly chain: Chain
  readonly catalogue: Catalogue
  redact(text: string): string
}

export async function openFailureHandling(parts: FailureParts): Promise<FailureHandling> {
  const { spec, clock, logger, metrics, signal } = parts
  const config = connectorConfig.parse(spec.connectorProps)
  const reporters: Reporter[] = []
  if (config['errors.log.enable']) {
    const taskId = `${spec.connector}-${spec.task}`
    reporters.push(new ErrorLog({ logger, metrics, taskId, includeMessages: config['errors.log.include.messages'] }))
  }
  const opened = await openDeadLetters(parts)
  if (opened !== null) reporters.push(opened.deadLetters)
  const toleratesAll = config['errors.tolerance'] === 'all'
  const tolerance = new Tolerance({
    tolerance: toleratesAll ? 'all' : 'none',
    retryTimeoutMs: config['errors.retry.timeout'],
    retryDelayMaxMs: config['errors.retry.delay.max.ms'],
    reporters,
    metrics,
    clock,
    signal,
  })
  return {
    tolerance,
    toleratesAll,
    deadLetters: opened?.deadLetters ?? null,
    reportsAnywhere: reporters.length > 0,
    close: async () => opened?.close(),
  }
}

/** Producer, admin client and JsonConverter are loaded by tasks with a dead-letter topic only: they are a fifth of a sink task's code. */
async function openDeadLetters(parts: FailureParts): Promise<OpenDeadLetters | null> {
  const config = deadLetterConfig.parse(parts.spec.connectorProps)
  const topic = config['errors.deadletterqueue.topic.name']
  if (topic === '') return null
  const { openDeadLetterTopic } = await import('./open-dead-letters.ts')
  return openDeadLetterTopic(parts, topic)
}
