// What every sink must do, whatever it writes to (HOUSE section 11): a suite that a sink's test calls with a way to make tasks and
// to read what has become durable. Driven as the worker drives a task, with a fake context and no broker.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Offsets, Props, SinkRecord, SinkTask, TopicPartition } from '../../src/api/index.ts'
import { prng } from '../../src/base/prng.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'

export interface SinkUnderTest {
  readonly name: string
  /** A fresh outside system for one test. */
  setUp(t: TestContext): {
    readonly props: Props
    task(): SinkTask
    /** Values a reader sees now, in any order. */
    durable(): Promise<readonly string[]>
    /** Makes the next write to the outside fail so that another try may help, where that can be done. */
    failNextWrite?(): void
  }
  /** 'exactly': a replay after a kill leaves one copy of each record; 'at least once' otherwise. */
  readonly delivery: 'exactly' | 'at least once'
  /** What a null value becomes: a line of text, an ignored record, or a failed task. */
  readonly nullValues: 'written' | 'refused'
}

const TP: readonly TopicPartition[] = [
  { topic: 'events', partition: 0 },
  { topic: 'events', partition: 1 },
]

/** A task driven as a worker does: offsets per partition, put, preCommit, close. */
class Driver {
  readonly task: SinkTask
  readonly context = new FakeSinkContext()
  readonly committed: Map<number, number>
  readonly #delivered = new Map<number, number>()

  constructor(task: SinkTask, committed: Map<number, number>) {
    this.task = task
    this.committed = committed
  }

  async start(props: Props, partitions: readonly TopicPartition[] = TP): Promise<this> {
    this.context.assignment = [...partitions]
    await this.task.start(props, this.context)
    await this.open(partitions)
    return this
  }

  async open(partitions: readonly TopicPartition[]): Promise<void> {
    await this.task.open?.(partitions)
    for (const { partition } of partitions) this.#delivered.set(partition, this.committed.get(partition) ?? 0)
  }

  position(partition: number): number {
    return this.#delivered.get(partition) ?? 0
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    await this.task.put(records)
    for (const record of records) this.#delivered.set(record.originalKafkaPartition, record.originalKafkaOffset + 1)
  }

  async commit(): Promise<Offsets> {
    const current = [...this.#delivered].map(([partition, offset]) => ({ topic: 'events', partition, offset }))
    let offsets: Offsets = current
    if (this.task.preCommit !== undefined) offsets = await this.task.preCommit(current)
    else await this.task.flush?.(current)
    for (const { partition, offset } of offsets) {
      assert.ok(offset <= this.position(partition), 'an offset above what was put')
      this.committed.set(partition, offset)
    }
    return offsets
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await this.commit()
    await this.task.close?.(partitions)
    for (const { partition } of partitions) this.#delivered.delete(partition)
  }
}

const valueAt = (partition: number, offset: number): string => `p${partition}-${offset}`
const batch = (partition: number, from: number, count: number): SinkRecord[] =>
  Array.from({ length: count }, (_, i) => sinkRecord(from + i, valueAt(partition, from + i), { partition }))

/** Every record below the committed offset can be read. */
async function assertNothingLost(durable: readonly string[], committed: ReadonlyMap<number, number>): Promise<void> {
  const seen = new Set(durable)
  for (const [partition, end] of committed) {
    for (let offset = 0; offset < end; offset++) {
      assert.ok(seen.has(valueAt(partition, offset)), `committed ${valueAt(partition, offset)} cannot be read`)
    }
  }
}

export function sinkConformance(sink: SinkUnderTest): void {
  const named = (what: string): string => `${sink.name}: ${what}`

  test(named('starts and stops without a record, and with empty puts'), async t => {
    const system = sink.setUp(t)
    const driver = await new Driver(system.task(), new Map()).start(system.props)
    await driver.put([])
    await driver.commit()
    await driver.put([])
    await driver.task.stop()
    assert.deepEqual(await system.durable(), [])
  })

  test(named('commits no offset whose record cannot be read'), async t => {
    const system = sink.setUp(t)
    const driver = await new Driver(system.task(), new Map()).start(system.props)
    for (let round = 0; round < 12; round++) {
      await driver.put([...batch(0, round * 7, 7), ...batch(1, round * 3, 3)])
      await driver.commit()
      await assertNothingLost(await system.durable(), driver.committed)
    }
    assert.ok((driver.committed.get(0) ?? 0) > 0, 'something is committed in the end')
    await driver.task.stop()
  })

  test(named('after a revoke the next owner loses nothing; the partition that stayed goes on'), async t => {
    const system = sink.setUp(t)
    const committed = new Map<number, number>()
    const first = await new Driver(system.task(), committed).start(system.props)
    await first.put([...batch(0, 0, 13), ...batch(1, 0, 13)])
    await first.revoke([{ topic: 'events', partition: 1 }])
    const second = await new Driver(system.task(), committed).start(system.props, [{ topic: 'events', partition: 1 }])
    await second.put(batch(1, second.position(1), 27 - second.position(1)))
    await first.put(batch(0, 13, 14))
    await first.commit()
    await second.commit()
    await assertNothingLost(await system.durable(), committed)
    await first.task.stop()
    await second.task.stop()
  })

  test(named('a partition lost without commit is read again by its next owner'), async t => {
    const system = sink.setUp(t)
    const committed = new Map<number, number>()
    const lost = await new Driver(system.task(), committed).start(system.props)
    await lost.put(batch(0, 0, 25))
    await lost.task.close?.(TP)
    const next = await new Driver(system.task(), committed).start(system.props)
    await next.put(batch(0, next.position(0), 50 - next.position(0)))
    await next.commit()
    await assertNothingLost(await system.durable(), committed)
    await next.task.stop()
    await lost.task.stop()
  })

  test(named('null keys, null values and tombstones are written or refused by name, never garbled'), async t => {
    const system = sink.setUp(t)
    const driver = await new Driver(system.task(), new Map()).start(system.props)
    await driver.put([sinkRecord(0, 'p0-0', { key: null })])
    const tombstone = driver.put([sinkRecord(1, null, { key: 'k' })])
    if (sink.nullValues === 'written') await tombstone
    else await assert.rejects(tombstone, /events-0 at offset 1/)
    await driver.task.stop()
  })

  test(named('a put that failed and comes again is not taken twice'), async t => {
    const system = sink.setUp(t)
    if (system.failNextWrite === undefined) return
    const driver = await new Driver(system.task(), new Map()).start(system.props)
    let failures = 0
    for (let round = 0; round < 20; round++) {
      const records = batch(0, round * 10, 10)
      system.failNextWrite()
      for (;;) {
        try {
          await driver.put(records)
          break
        } catch (error) {
          assert.equal((error as { retriable?: boolean }).retriable, true, String(error))
          failures++
        }
      }
    }
    assert.ok(failures > 0)
    await driver.commit()
    const durable = await system.durable()
    assert.equal(new Set(durable).size, durable.length, 'a record was written twice')
    await assertNothingLost(durable, driver.committed)
    await driver.task.stop()
  })

  test(named('10,000 records with kills at random moments: nothing lost'), async t => {
    const system = sink.setUp(t)
    const random = prng(20)
    const committed = new Map<number, number>()
    const end = 5000
    let driver = await new Driver(system.task(), committed).start(system.props)
    while (driver.position(0) < end || driver.position(1) < end) {
      const partition = driver.position(0) < end && (random() < 0.5 || driver.position(1) >= end) ? 0 : 1
      const from = driver.position(partition)
      await driver.put(batch(partition, from, Math.min(end - from, 1 + Math.floor(random() * 60))))
      if (random() < 0.3) await driver.commit()
      // A kill: no commit, no close; what the task held is gone.
      if (random() < 0.02) {
        await driver.task.stop()
        driver = await new Driver(system.task(), committed).start(system.props)
      }
    }
    await driver.commit()
    const durable = await system.durable()
    await assertNothingLost(durable, committed)
    if (sink.delivery === 'exactly') assert.equal(new Set(durable).size, durable.length, 'a record is there twice')
    await driver.task.stop()
  })
}
