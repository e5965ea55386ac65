// The batches of one partition on their way to the broker, in order: [retried …] [closed …] [open]. Runs in the producer's
// thread; used by producer.ts (fills) and producer-sender.ts (drains).
//
// Order is kept under retries: without idempotence one batch of a partition is in flight at most. With it up to `maxInFlight` are, each
// with its sequence number, so the broker refuses what comes out of turn; from the first retry on batches go alone until the retried
// ones are through.
//
// When a batch that went alone is out of sequence, the broker does not have what came before it (data was lost there, or that batch had been
// given up here). It has not been written then, so giving this partition a new epoch and counting again from 0 makes no duplicate.
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/** Sequence numbers wrap to 0 behind Java's Integer.MAX_VALUE. */
const SEQUENCES = 2 ** 31
const BATCH_BYTES_MIN = 1024

export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly key: string
  /** takes records; not among `closed` yet */
  open: ProducerBatch | null = null
  readonly closed: ProducerBatch[] = []
  /** sent, the answer is still to come */
  readonly flying = new Set<ProducerBatch>()
  /** acknowledged before an earlier batch was: told when that one is settled */
  readonly heard: ProducerBatch[] = []
  /** what the next batch may come to */
  bytesExpected = BATCH_BYTES_MIN
  /** back-off after a failure, on the clock's monotonic time */
  notBeforeMs = 0
  /** the topic was found to take no larger batches than this */
  batchBytesMax = Number.POSITIVE_INFINITY
  #identity: ProducerIdentity | null = null
  #nextSequence = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
    this.key = `${topic}-${partition}`
  }

  get inFlight(): number {
    return this.flying.size
  }

  get isIdle(): boolean {
    return this.inFlight === 0 && this.closed.length === 0 && this.open === null && this.heard.length === 0
  }

  /** Everything not yet settled that flush() must wait for. */
  *all(): Iterable<ProducerBatch> {
    yield* this.heard
    yield* this.flying
    yield* this.closed
    if (this.open !== null) yield this.open
  }

  closeOpen(): void {
    if (this.open === null) return
    // Half at least of what it was, so that one large batch does not make many small ones costly.
    this.bytesExpected = Math.max(this.open.bytes, this.bytesExpected >> 1, BATCH_BYTES_MIN)
    this.closed.push(this.open)
    this.open = null
  }

  /** Whether another batch may go out while `inFlight` are under way. */
  mayDrain(idempotent: boolean, maxInFlight: number): boolean {
    if (this.inFlight === 0) return true
    // Batches heard before an earlier one count as well: a broker tells a duplicate only among the last five batches it wrote, so
    // no more than that may ever be written behind one whose answer was lost.
    if (!idempotent || this.inFlight + this.heard.length >= maxInFlight || this.#identity === null) return false
    // A retried batch goes alone, and so long nothing goes behind it.
    for (const batch of this.flying) if (batch.attempts > 1) return false
    return this.closed[0] === undefined || this.closed[0].identity === null
  }

  /** Takes the first closed batch; with `identity` (idempotence) it gets its sequence number, or keeps the one it has. */
  take(identity: ProducerIdentity | null): ProducerBatch | undefined {
    const batch = this.closed.shift()
    if (batch === undefined) return undefined
    if (identity !== null && batch.identity === null) {
      if (this.#identity !== identity && this.inFlight === 0) {
        this.#identity = identity
        this.#nextSequence = 0
      }
      batch.identity = this.#identity
      batch.baseSequence = this.#nextSequence
      this.#nextSequence = (this.#nextSequence + batch.count) % SEQUENCES
    }
    batch.wentAlone = this.inFlight === 0
    this.flying.add(batch)
    return batch
  }

  /** Takes the closed batches that were never sent: they have no sequence numbers yet. */
  takeUnsent(): ProducerBatch[] {
    const at = this.closed.findIndex(batch => batch.attempts === 0 && batch.identity === null)
    return at < 0 ? [] : this.closed.splice(at)
  }

  /**
   * The acknowledged batches whose turn it is, in order. An earlier one may still be on its way though the broker has it: its answer was
   * lost, the next batch went out before that was known and was accepted.
   */
  *nextHeard(): Iterable<ProducerBatch> {
    this.heard.sort((a, b) => a.order - b.order)
    for (let first = this.heard[0]; first !== undefined && !this.#isBehind(first.order); first = this.heard[0]) {
      this.heard.shift()
      yield first
    }
  }

  #isBehind(order: number): boolean {
    if (this.closed[0] !== undefined && this.closed[0].order < order) return true
    for (const batch of this.flying) if (batch.order < order) return true
    return false
  }

  /** Puts a batch that failed back before all later ones. */
  putBack(batch: ProducerBatch): void {
    // Sent behind the batch whose refusal changed the epoch: it was refused for the same gap.
    if (batch.identity !== this.#identity) {
      batch.identity = null
      batch.baseSequence = -1
    }
    const at = this.closed.findIndex(other => other.order > batch.order)
    if (at < 0) this.closed.push(batch)
    else this.closed.splice(at, 0, batch)
  }

  /** Whether sequence numbers still run under this identity; not so once an earlier refusal has begun a new epoch. */
  holds(identity: ProducerIdentity | null): boolean {
    return identity !== null && identity === this.#identity
  }

  /** Forgets the sequence numbers: the next batch goes out under the producer's newest identity, counted from 0. */
  resetSequences(): void {
    this.#identity = null
    for (const batch of this.closed) {
      batch.identity = null
      batch.baseSequence = -1
    }
  }
}
