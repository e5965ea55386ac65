// Fake task contexts and records. Test threads; conformance suites and connector tests.
import { NO_HEADERS, type Schema, SinkRecord } from '../../src/api/index.ts'

export { FakeSinkContext, fakeSourceContext } from '../../src/kit/fake-contexts.ts'

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
