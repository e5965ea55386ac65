// Fake task contexts that record what a task asked for. Test threads; conformance suites and connector tests.
import type { ErrantRecordReporter, SinkTaskContext, SourceTaskContext, TopicPartition } from '../../src/api/index.ts'
import { NO_HEADERS, type Schema, SinkRecord, type SourceMap } from '../../src/api/index.ts'
import { silentLogger } from '../../src/base/log.ts'

export class FakeSinkContext implements SinkTaskContext {
  readonly logger = silentLogger
  assignment: TopicPartition[] = []
  errantRecordReporter: ErrantRecordReporter | null = null
  readonly errant: { record: SinkRecord; error: Error }[] = []
  readonly rewinds: (TopicPartition & { offset: number })[] = []
  timeoutMs = -1
  commitsRequested = 0
  bufferedBytes = 0

  /** From now on bad records are taken. */
  takeErrantRecords(): this {
    this.errantRecordReporter = {
      report: async (record, error) => {
        this.errant.push({ record, error })
      },
    }
    return this
  }

  offset(partition: TopicPartition, offset: number): void {
    this.rewinds.push({ ...partition, offset })
  }
  timeout(timeoutMs: number): void {
    this.timeoutMs = timeoutMs
  }
  pause(): void {}
  resume(): void {}
  requestCommit(): void {
    this.commitsRequested++
  }
  reportBufferedBytes(bytes: number): void {
    this.bufferedBytes = bytes
  }
}

export function fakeSourceContext(offset: SourceMap | null = null): SourceTaskContext {
  return { logger: silentLogger, offsets: async partitions => partitions.map(() => offset) }
}

export interface RecordParts {
  topic?: string
  partition?: number
  key?: unknown
  valueSchema?: Schema | null
  timestamp?: number | null
}

export function sinkRecord(offset: number, value: unknown, parts: RecordParts = {}): SinkRecord {
  const topic = parts.topic ?? 'events'
  const partition = parts.partition ?? 0
  const timestamp = parts.timestamp === undefined ? 1_700_000_000_000 + offset : parts.timestamp
  return new SinkRecord(
    topic,
    partition,
    null,
    parts.key ?? null,
    parts.valueSchema ?? null,
    value,
    offset,
    timestamp,
    'CreateTime',
    NO_HEADERS,
    topic,
    partition,
    offset,
  )
}
