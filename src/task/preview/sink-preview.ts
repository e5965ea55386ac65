// Preview of a sink connector: records of its topics through converters and transforms, and where its plugin would write them. Its task is
// not made. Preview threads; called by run-preview.ts.
import type { PreviewError, ShownTarget, SinkRecordPreview } from '../../actor/preview-messages.ts'
import type { SinkPlugin } from '../../api/plugin.ts'
import { BadRequestError } from '../../base/errors.ts'
import { sinkConnectorConfig } from '../../config/connector-config.ts'
import { JavaRegex } from '../../data/java-regex.ts'
import type { SinkRecord } from '../../data/record.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { readKey, readValue } from '../../kafka/codec/record-batch.ts'
import type { RawBatch, TopicPartition } from '../../kafka/types.ts'
import { consumerSettingsOf } from '../client-settings.ts'
import type { Previewed, PreviewRun } from './run-preview.ts'
import { attempt, errorAt, transformed } from './steps.ts'
import { type Read, TopicReader } from './topic-reader.ts'

type TargetOf = ReturnType<NonNullable<SinkPlugin['previewTarget']>>

/** More partitions are not looked at: a pattern may match a whole cluster. */
const PARTITIONS_MAX = 200

export async function previewSink(run: PreviewRun, plugin: SinkPlugin): Promise<Previewed> {
  const { entered, spec } = run
  const targetOf = plugin.previewTarget?.(spec.connectorProps) ?? null
  const { records: batches, ended, problems } = await readTopics(run)
  const records: SinkRecordPreview[] = []
  for (const batch of batches) {
    if (run.signal.aborted) break
    entered(`record ${batch.topic}-${batch.partition} at offset ${batch.index.offsets[0]}`)
    records.push(await previewRecord(run, plugin, batch, targetOf))
  }
  const notes = [...problems]
  if (batches.length === 0) notes.push('there is no record to show: the topics are empty, or hold none that the consumer may see')
  if (targetOf === null) notes.push(`${plugin.className} does not tell where it would write: target is left out`)
  return { records, ended, notes }
}

async function readTopics(run: PreviewRun): Promise<Read> {
  const { spec, entered, host, clock } = run
  const { client, settings } = consumerSettingsOf({ ...spec, task: 0 })
  const cluster = new Cluster({ ...client, clientId: `connector-preview-${spec.connector}` }, host.logger)
  run.onEnd(() => cluster.close())
  entered('connecting to Kafka')
  await cluster.connect()
  const { partitions, problems } = await partitionsOf(run, cluster)
  entered(`reading ${partitions.length} partitions`)
  const isolation = settings['isolation.level'] as 'read_committed' | 'read_uncommitted'
  const reading = new AbortController()
  const late = clock.after(spec.ask.readMs, () => reading.abort())
  const signal = AbortSignal.any([reading.signal, run.signal])
  try {
    const read = await new TopicReader({ cluster, clock, isolation, signal }).read(partitions, spec.ask.from, spec.ask.records)
    return { ...read, problems: [...problems, ...read.problems] }
  } finally {
    late.cancel()
  }
}

/** @throws BadRequestError for a topic or partition that the connector does not have */
async function partitionsOf(
  { spec }: PreviewRun,
  cluster: Cluster,
): Promise<{ partitions: TopicPartition[]; problems: string[] }> {
  const { topics, 'topics.regex': regex } = sinkConnectorConfig.parse(spec.connectorProps)
  const { topics: asked, partition } = spec.ask
  const problems: string[] = []
  let wanted: readonly string[] = topics
  if (topics.length === 0) {
    const pattern = new JavaRegex(regex).whole
    const all = await cluster.metadata(null)
    wanted = all
      .filter(topic => !topic.internal && pattern.test(topic.name))
      .map(topic => topic.name)
      .sort()
    if (wanted.length === 0) problems.push(`no topic matches topics.regex ${regex}`)
  }
  const stranger = asked.find(topic => !wanted.includes(topic))
  if (stranger !== undefined) {
    throw new BadRequestError(`The connector does not read topic ${stranger}. Its topics: ${wanted.join(', ')}`)
  }
  if (asked.length > 0) wanted = [...new Set(asked)]
  const found = wanted.length === 0 ? [] : await cluster.metadata(wanted)
  const partitions: TopicPartition[] = []
  for (const topic of wanted) {
    const known = found.find(one => one.name === topic)?.partitions ?? []
    if (known.length === 0) problems.push(`topic ${topic} does not exist, or this client may not see it`)
    const chosen = known.filter(one => partition === null || one.partition === partition)
    if (known.length > 0 && chosen.length === 0) problems.push(`topic ${topic} has no partition ${partition}`)
    partitions.push(...chosen.map(one => ({ topic, partition: one.partition })).sort((a, b) => a.partition - b.partition))
  }
  if (partitions.length > PARTITIONS_MAX) {
    problems.push(`only the first ${PARTITIONS_MAX} of ${partitions.length} partitions were looked at: name some of the topics`)
  }
  return { partitions: partitions.slice(0, PARTITIONS_MAX), problems }
}

async function previewRecord(
  run: PreviewRun,
  plugin: SinkPlugin,
  batch: RawBatch,
  targetOf: TargetOf | null,
): Promise<SinkRecordPreview> {
  const { chain, renderer } = run
  const key = readKey(batch, 0)
  const value = readValue(batch, 0)
  const timestamp = batch.index.timestamps[0] as number
  const where = {
    topic: batch.topic,
    partition: batch.partition,
    offset: batch.index.offsets[0] as number,
    timestamp: timestamp === -1 ? null : timestamp,
    timestamp_type: batch.timestampType,
    key_bytes: key?.length ?? null,
    value_bytes: value?.length ?? null,
  }
  let converted: SinkRecord
  try {
    converted = await attempt(() => chain.convert(batch, 0))
  } catch (error) {
    const raw = { key: renderer.raw(key), value: renderer.raw(value) }
    const failure = errorAt(chain.stage, chain.className, error, renderer)
    return { outcome: 'failed', ...where, record: null, transforms: [], error: failure, raw }
  }
  const shown = renderer.record(converted)
  const { record, steps, error } = await transformed(run, converted)
  const sofar = { ...where, record: shown, transforms: steps }
  if (error !== undefined) return { outcome: 'failed', ...sofar, error }
  if (record === null) return { outcome: 'dropped', ...sofar }
  const { outcome, ...told } = await targetOrError(run, plugin, record, targetOf)
  return { outcome, ...sofar, ...told }
}

async function targetOrError(
  { renderer, entered }: PreviewRun,
  plugin: SinkPlugin,
  record: SinkRecord,
  targetOf: TargetOf | null,
): Promise<{ outcome: 'ok' | 'ignored' | 'failed'; target?: ShownTarget; error?: PreviewError }> {
  if (targetOf === null) return { outcome: 'ok' }
  entered(`previewTarget of ${plugin.className}`)
  try {
    const target = await targetOf(record)
    return target === null ? { outcome: 'ignored' } : { outcome: 'ok', target: renderer.any(target) as ShownTarget }
  } catch (error) {
    return { outcome: 'failed', error: errorAt('TASK_PUT', plugin.taskClass, error, renderer) }
  }
}
