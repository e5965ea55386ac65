// Fake task contexts that record what a task asked for: for our tests and those of plugin authors. Test threads.
import type { ErrantRecordReporter, SinkTaskContext, TopicPartition } from '../api/sink-task.ts'
import type { SourceTaskContext } from '../api/source-task.ts'
import { silentLogger } from '../base/log.ts'
import type { SinkRecord, SourceMap } from '../data/record.ts'

export class FakeSinkContext implements SinkTaskContext {
  readonly logger = silentLogger
  assignment: TopicPartition[] = []
  errantRecordReporter: ErrantRecordReporter | null = null
  readonly errant: { record: SinkRecord; error: Error }[] = []
  readonly rewinds: (TopicPartition & { offset: number })[] = []
  timeoutMs = -1
  commitsRequested = 0
  bufferedBytes = 0
  bufferBytesMax = Number.POSITIVE_INFINITY

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
  return { logger: silentLogger, offsets: async partitions => partitions.map(() => offset), transactions: null }
}
