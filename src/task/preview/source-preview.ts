// Preview of a source connector: it and its first task are started, polled until there are enough records, and stopped. Offsets are read, never
// written; nothing is sent; commit and commitRecord are not called. Preview threads; called by run-preview.ts.

import type { OffsetMap } from '../../actor/messages.ts'
import type { SourceRecordPreview } from '../../actor/preview-messages.ts'
import type { Connector, Props } from '../../api/connector.ts'
import type { SourcePlugin } from '../../api/plugin.ts'
import type { SourceTask } from '../../api/source-task.ts'
import type { Timer } from '../../base/clock.ts'
import { ConnectError, isRetriable } from '../../base/errors.ts'
import { sourceConnectorConfig } from '../../config/connector-config.ts'
import type { SourceRecord } from '../../data/record.ts'
import type { EncodedRecord } from '../chain.ts'
import type { Previewed, PreviewRun } from './run-preview.ts'
import { attempt, errorAt, transformed } from './steps.ts'

/** After a poll that brought nothing, or failed with RetriableError. */
const EMPTY_POLL_WAIT_MS = 50
/** With some records at hand, no others are waited for longer than this. */
const QUIET_MS = 1_000

export async function previewSource(run: PreviewRun, plugin: SourcePlugin): Promise<Previewed> {
  const { entered } = run
  const connector = plugin.connector()
  const { first, count } = await taskProps(run, plugin, connector)
  const notes = ['the source task was started, polled and stopped; offsets were read and not written']
  if (count > 1) notes.push(`the connector makes ${count} tasks: what the first of them polled is shown`)
  if (first === undefined) {
    return { records: [], ended: 'end', notes: [...notes, 'the connector makes no task: there is nothing to read for it'] }
  }
  const task = plugin.task()
  entered(`${plugin.taskClass}.start`)
  run.onEnd(async () => task.stop())
  await task.start(
    { ...first, 'task.class': plugin.taskClass },
    {
      logger: run.host.pluginLogger,
      offsets: partitions => run.host.ask<(OffsetMap | null)[]>({ type: 'offsetsRequested', partitions }),
      transactions: null,
    },
  )
  const { polled, ended, problem } = await poll(run, plugin, task)
  const records: SourceRecordPreview[] = []
  for (const record of polled) {
    if (run.signal.aborted) break
    records.push(isRecord(record) ? await previewRecord(run, record) : noRecord(run, plugin, record))
  }
  if (problem !== null) notes.push(problem)
  return { records, ended, notes }
}

async function taskProps(
  { spec, host, entered, onEnd }: PreviewRun,
  plugin: SourcePlugin,
  connector: Connector,
): Promise<{ first: Props | undefined; count: number }> {
  const props = spec.connectorProps
  plugin.config.parse(props)
  entered(`${plugin.className}.start`)
  onEnd(async () => connector.stop())
  await connector.start(props, {
    props,
    logger: host.pluginLogger,
    requestTaskReconfiguration: () => undefined,
    raiseError: error => host.fail(error),
  })
  entered(`${plugin.className}.taskConfigs`)
  const configs = await connector.taskConfigs(sourceConnectorConfig.parse(props)['tasks.max'])
  if (!Array.isArray(configs)) throw new ConnectError(`${plugin.className}.taskConfigs returned no list`)
  return { first: configs[0], count: configs.length }
}

interface Polled {
  readonly polled: SourceRecord[]
  readonly ended: Previewed['ended']
  readonly problem: string | null
}

async function poll(run: PreviewRun, plugin: SourcePlugin, task: SourceTask): Promise<Polled> {
  const { spec, clock, signal, entered, renderer } = run
  const { readMs, records: recordsMax } = spec.ask
  const reading = new AbortController()
  const until = AbortSignal.any([reading.signal, signal])
  const late = clock.after(readMs, () => reading.abort('time'))
  let quiet: Timer | null = null
  const polled: SourceRecord[] = []
  const ended = () => (reading.signal.reason === 'end' ? 'end' : 'time')
  try {
    for (let tries = 1; polled.length < recordsMax && !until.aborted; tries++) {
      entered(`${plugin.taskClass}.poll, call ${tries}`)
      const batch = await pollOnce(plugin, task, until)
      polled.push(...batch.slice(0, recordsMax - polled.length))
      if (batch.length === 0) await clock.sleep(EMPTY_POLL_WAIT_MS, until).catch(() => undefined)
      else {
        quiet?.cancel()
        quiet = clock.after(QUIET_MS, () => reading.abort('end'))
      }
    }
    return { polled, ended: polled.length < recordsMax ? ended() : 'records', problem: null }
  } catch (error) {
    if (until.aborted) return { polled, ended: ended(), problem: null }
    const { message } = errorAt('TASK_POLL', plugin.taskClass, error, renderer)
    return { polled, ended: 'error', problem: `TASK_POLL failed in ${plugin.taskClass}: ${message}` }
  } finally {
    late.cancel()
    quiet?.cancel()
  }
}

/** Nothing where another poll may bring something. */
async function pollOnce(plugin: SourcePlugin, task: SourceTask, signal: AbortSignal): Promise<readonly SourceRecord[]> {
  try {
    const batch = (await task.poll(signal)) ?? []
    if (!Array.isArray(batch)) throw new ConnectError(`${plugin.taskClass}.poll returned no list`)
    return batch
  } catch (error) {
    if (!isRetriable(error)) throw error
    return []
  }
}

/** A plugin is not bound by types. */
function isRecord(polled: unknown): polled is SourceRecord {
  if (typeof polled !== 'object' || polled === null) return false
  const { topic, headers } = polled as Partial<SourceRecord>
  return typeof topic === 'string' && Array.isArray(headers?.entries)
}

function noRecord({ renderer }: PreviewRun, plugin: SourcePlugin, polled: unknown): SourceRecordPreview {
  const found = polled === null ? 'null' : `one of type ${typeof polled}`
  const error = new ConnectError(`${plugin.taskClass}.poll returned a list of records with ${found}, which is no SourceRecord`)
  return {
    outcome: 'failed',
    source_partition: null,
    source_offset: null,
    record: null,
    transforms: [],
    error: errorAt('TASK_POLL', plugin.taskClass, error, renderer),
  }
}

async function previewRecord(run: PreviewRun, polled: SourceRecord): Promise<SourceRecordPreview> {
  const { chain, renderer, entered } = run
  const where = {
    source_partition: renderer.any(polled.sourcePartition),
    source_offset: renderer.any(polled.sourceOffset),
    record: renderer.record(polled),
  }
  const { record, steps, error } = await transformed(run, polled)
  const sofar = { ...where, transforms: steps }
  if (error !== undefined) return { outcome: 'failed', ...sofar, error }
  if (record === null) return { outcome: 'dropped', ...sofar }
  entered('converters')
  try {
    return { outcome: 'ok', ...sofar, produced: produced(run, await attempt(() => chain.encode(record))) }
  } catch (thrown) {
    return { outcome: 'failed', ...sofar, error: errorAt(chain.stage, chain.className, thrown, renderer) }
  }
}

function produced({ renderer }: PreviewRun, encoded: EncodedRecord): NonNullable<SourceRecordPreview['produced']> {
  const { topic, partition, timestamp, key, headers } = encoded
  const value = typeof encoded.value === 'string' ? Buffer.from(encoded.value) : encoded.value
  return {
    topic: renderer.text(topic),
    partition,
    timestamp,
    key_bytes: key?.length ?? null,
    value_bytes: value?.length ?? null,
    key: renderer.raw(key),
    value: renderer.raw(value),
    headers: headers.map(h => ({ name: renderer.text(h.key), value: renderer.raw(h.value) })),
  }
}
