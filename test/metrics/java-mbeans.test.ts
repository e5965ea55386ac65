// Goal: no figure of Java's is forgotten. Method: every attribute of every MBean that a Java standalone worker with a source and a sink task
// has, and a distributed one with exactly-once sources besides (recorded by test/golden/metrics), is in our table under the name that follows from
// it, or is left out here with the reason.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { allMetrics, LABELS, type Metric } from '../../src/metrics/table.ts'
import type { BeanKind } from '../golden/metrics/record.ts'

const recorded = (name: string) =>
  JSON.parse(readFileSync(new URL(`../golden/metrics/${name}.json`, import.meta.url), 'utf8')) as BeanKind[]
const standalone = recorded('mbeans')
const distributed = recorded('mbeans-distributed')
const beans = [...standalone, ...distributed]

/** `domain type` or `domain type attribute`, a regular expression, and why we do not have it. */
const LEFT_OUT: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^kafka\.connect app-info (Version|CommitId|StartTimeMs)$/, 'the same under the older names'],
  [/^kafka\.(consumer|producer) app-info /, 'clients have the version of the worker: one program'],
  [/^kafka\.(consumer|producer) kafka-metrics-count /, "counts beans of one Java client; ours is the worker's"],
  [/^kafka\.(consumer|producer) \S+-node-metrics /, 'network layer by broker: Java selector internals'],
  [
    /(connection|authentication|reauthentication|io-|io_|network-io|incoming-byte|outgoing-byte|select-|iotime|io-ratio)/,
    'network layer of the Java selector; connections are those of kafkajs and Node here',
  ],
  [/ (request|response)-(rate|total|size-avg|size-max)$/, 'network layer of the Java selector'],
  [/time-ns-total$/, 'time inside of calls of the Java client API, which has no counterpart'],
  [
    /^kafka\.consumer consumer-metrics (last-poll-seconds-ago|poll-idle-ratio-avg|time-between-poll-(avg|max))$/,
    'there is no poll: fetching and put are separate stages; see put-batch and sluice-task-metrics',
  ],
  [/throttle-time/, 'throttle times of answers are not looked at'],
  [/partition-(assigned|revoked|lost)-latency/, 'time in rebalance callbacks is not measured apart; see rebalance-latency'],
  [
    / (records-lead|records-lead-avg|records-lead-min|records-lag-avg|preferred-read-replica)$/,
    'not known: the start of the log is not asked for, and only leaders are read',
  ],
  [
    /^kafka\.consumer consumer-fetch-manager-metrics\[.*partition,topic\] records-lag-max$/,
    'by partition there is records-lag; its maximum is per task',
  ],
  [/^kafka\.consumer consumer-fetch-manager-metrics\[client-id,topic\] /, 'not counted by topic; per task, and lag by partition'],
  [/^kafka\.producer producer-topic-metrics/, 'not counted by topic; per task in producer-metrics'],
  [/ (record-size-avg|record-size-max|compression-rate-avg)$/, 'would cost per record, or the builder does not tell'],
  [
    / (buffer-exhausted-rate|buffer-exhausted-total|bufferpool-wait-ratio|waiting-threads)$/,
    'no thread waits for the pool: polling stops; see buffer-available-bytes and send-time-ms-total',
  ],
  [/ (metadata-age|requests-in-flight)$/, 'not told by our producer'],
  [/^kafka\.connect connect-(node-)?metrics /, "network layer of the group member's Java client"],
]

const named = ({ domain, type, tags }: BeanKind) => `${domain} ${type}${domain === 'kafka.connect' ? '' : `[${tags.join()}]`}`
const withoutTags = ({ domain, type }: BeanKind) => `${domain} ${type}`

function reasonFor(bean: BeanKind, attribute: string): string | undefined {
  const texts = [`${named(bean)} ${attribute}`, `${withoutTags(bean)} ${attribute}`]
  return LEFT_OUT.find(([pattern]) => texts.some(text => pattern.test(text)))?.[1]
}

/** Ours for this attribute: of the same group, and with all of the bean's tags as labels. A client is its task's. */
function ours(bean: BeanKind, attribute: string): Metric | undefined {
  const tags = bean.tags.filter(tag => tag !== 'client-id' && tag !== 'id')
  return allMetrics.find(
    metric =>
      metric.domain === bean.domain &&
      metric.group === bean.type &&
      metric.attribute === attribute &&
      tags.every(tag => LABELS[metric.scope].includes(tag)),
  )
}

const attributes = beans.flatMap(bean => bean.attributes.map(attribute => ({ bean, attribute })))

describe("Java's MBeans", () => {
  it('were recorded from a worker that had tasks, transforms and predicates', () => {
    const groups = new Set(beans.map(bean => bean.type))
    for (const group of [
      'sink-task-metrics',
      'source-task-metrics',
      'connector-transform-metrics',
      'connector-predicate-metrics',
      'connect-coordinator-metrics',
      'connect-worker-rebalance-metrics',
    ])
      assert.ok(groups.has(group), group)
    assert.ok(attributes.length > 300)
    assert.ok(distributed.some(({ attributes }) => attributes.includes('transaction-size-avg')))
  })

  it('are each in our table, or left out for a reason', () => {
    const missing = attributes.filter(({ bean, attribute }) => ours(bean, attribute) === undefined && !reasonFor(bean, attribute))
    assert.deepEqual(
      missing.map(({ bean, attribute }) => `${named(bean)} ${attribute}`),
      [],
    )
  })

  it('of Connect itself are all in our table, but for older names and the network', () => {
    const missing = attributes.filter(
      ({ bean, attribute }) =>
        bean.domain === 'kafka.connect' && !/^connect-(node-)?metrics$/.test(bean.type) && !ours(bean, attribute),
    )
    assert.deepEqual(new Set(missing.map(({ attribute }) => attribute)), new Set(['CommitId', 'StartTimeMs', 'Version']))
  })

  it('leave no reason without an attribute', () => {
    const idle = LEFT_OUT.filter(
      ([pattern]) =>
        !attributes.some(({ bean, attribute }) =>
          [`${named(bean)} ${attribute}`, `${withoutTags(bean)} ${attribute}`].some(text => pattern.test(text)),
        ),
    )
    assert.deepEqual(
      idle.map(([pattern]) => String(pattern)),
      [],
    )
  })

  it('are what our table calls Java: nothing of ours goes by a name that Java does not have', () => {
    const known = new Set(attributes.map(({ bean, attribute }) => `${withoutTags(bean)} ${attribute}`))
    const invented = allMetrics.filter(
      ({ domain, group, attribute, origin }) => origin === 'java' && !known.has(`${domain} ${group} ${attribute}`),
    )
    assert.deepEqual(
      invented.map(({ group, attribute }) => `${group} ${attribute}`),
      [],
    )
  })
})
