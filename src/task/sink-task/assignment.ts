// The partitions a sink task holds and how far each is: delivered (put) and committed. Task thread; the stages and the committer share it.
import type { Offsets, TopicPartition } from '../../api/sink-task.ts'

export interface Held {
  readonly topic: string
  readonly partition: number
  /** grows at every rewind and at revocation: what was fetched before is stale then */
  generation: number
  isRevoked: boolean
  /** next offset to put; null until the first record or commit tells it */
  delivered: number | null
  /** where reading began: where the reset policy put us, when nothing was committed */
  start: number | null
  /** last offset known to be committed */
  committed: number | null
  /** the task asked for a pause of this partition */
  isPausedByTask: boolean
}

export class Assignment {
  readonly #held = new Map<string, Map<number, Held>>()

  get(topic: string, partition: number): Held | undefined {
    return this.#held.get(topic)?.get(partition)
  }

  add({ topic, partition }: TopicPartition, committed: number | null): Held {
    const held: Held = {
      topic,
      partition,
      generation: 0,
      isRevoked: false,
      delivered: committed,
      start: committed,
      committed,
      isPausedByTask: false,
    }
    const ofTopic = this.#held.get(topic) ?? new Map<number, Held>()
    ofTopic.set(partition, held)
    this.#held.set(topic, ofTopic)
    return held
  }

  /** Takes a partition out; whatever is still queued for it is stale from now on. */
  remove({ topic, partition }: TopicPartition): void {
    const ofTopic = this.#held.get(topic)
    const held = ofTopic?.get(partition)
    if (ofTopic === undefined || held === undefined) return
    held.isRevoked = true
    held.generation++
    ofTopic.delete(partition)
    if (ofTopic.size === 0) this.#held.delete(topic)
  }

  all(): Held[] {
    return [...this.#held.values()].flatMap(ofTopic => [...ofTopic.values()])
  }

  get size(): number {
    let size = 0
    for (const ofTopic of this.#held.values()) size += ofTopic.size
    return size
  }

  /** What has been put, by partition; partitions with nothing known yet are left out. */
  static delivered(held: readonly Held[]): Offsets {
    const offsets: { topic: string; partition: number; offset: number }[] = []
    for (const { topic, partition, delivered } of held)
      if (delivered !== null) offsets.push({ topic, partition, offset: delivered })
    return offsets
  }
}
