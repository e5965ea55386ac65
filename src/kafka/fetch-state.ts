// One partition as the fetcher sees it. Runs in the fetcher's thread. A seek or a new assignment makes a new one, so an answer
// to a request of the old one is known by its identity and dropped.
import type { PartitionRecords } from './codec/partition-records.ts'
import { partitionKey, type TopicPartition } from './types.ts'

export class FetchState implements TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly epoch: number
  /** the next offset to ask for; null: not known, the reset policy decides */
  fetchOffset: number | null
  /** the next offset to be delivered; null as above */
  position: number | null
  /** answers that are not drained yet, in order */
  readonly pending: PartitionRecords[] = []
  highWatermark: number | null = null
  isPaused = false
  /** gave an error that trying again does not mend; told to onError */
  isFailed = false
  /** in a request that is not answered yet */
  isAsked = false
  /** on the clock's monotonic time */
  notBeforeMs = 0
  failures = 0
  /** what was last logged as going wrong, so that each trouble is told once */
  trouble: string | null = null

  constructor({ topic, partition }: TopicPartition, offset: number | null, epoch: number) {
    this.topic = topic
    this.partition = partition
    this.key = partitionKey({ topic, partition })
    this.epoch = epoch
    this.fetchOffset = offset
    this.position = offset
  }

  get pendingBytes(): number {
    let bytes = 0
    for (const records of this.pending) bytes += records.bytesLeft
    return bytes
  }

  /** Forgets what was read ahead; it will be asked for again. */
  dropPending(): void {
    this.pending.length = 0
    this.fetchOffset = this.position
  }
}
