// What every source must do, whatever it reads (HOUSE section 11): a suite that a source's test calls with a way to make tasks and to
// feed the outside system. Driven as the worker drives a task, with a fake context and no broker.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Props, SourceMap, SourceRecord, SourceTask } from '../../src/api/index.ts'
import { silentLogger } from '../../src/base/log.ts'
import { prng } from '../../src/base/prng.ts'

export interface SourceUnderTest {
  readonly name: string
  /** A fresh outside system for one test. */
  setUp(t: TestContext): {
    readonly props: Props
    task(): SourceTask
    /** Adds items to be read, in order. */
    feed(items: readonly string[]): void
  }
}

/** A task as a worker runs it: offsets of acknowledged records, and a start from them. */
class Driver {
  readonly task: SourceTask
  readonly #offsets: Map<string, SourceMap>

  constructor(task: SourceTask, offsets: Map<string, SourceMap>) {
    this.task = task
    this.#offsets = offsets
  }

  async start(props: Props): Promise<this> {
    await this.task.start(props, {
      logger: silentLogger,
      offsets: async partitions => partitions.map(p => this.#offsets.get(JSON.stringify(p)) ?? null),
      transactions: null,
    })
    return this
  }

  /** Records of the next polls until there are some, or none after a few. */
  async poll(): Promise<SourceRecord[]> {
    for (let i = 0; i < 3; i++) {
      const records = await this.task.poll(new AbortController().signal)
      if (records !== null && records.length > 0) return records
    }
    return []
  }

  acknowledge(record: SourceRecord): void {
    this.task.commitRecord?.(record, { topic: record.topic, partition: 0, offset: 0 })
    // Through JSON, as an offset store keeps them.
    this.#offsets.set(JSON.stringify(record.sourcePartition), JSON.parse(JSON.stringify(record.sourceOffset)) as SourceMap)
  }
}

const items = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `item ${from + i} ü😀`)

export function sourceConformance(source: SourceUnderTest): void {
  const named = (what: string): string => `${source.name}: ${what}`

  test(named('reads what is there in order, then what comes, and nothing twice'), async t => {
    const system = source.setUp(t)
    const offsets = new Map<string, SourceMap>()
    const driver = await new Driver(system.task(), offsets).start(system.props)
    system.feed(items(0, 3000))
    const seen: unknown[] = []
    while (seen.length < 3000) seen.push(...(await driver.poll()).map(r => r.value))
    assert.deepEqual(await driver.poll(), [])
    system.feed(items(3000, 5))
    seen.push(...(await driver.poll()).map(r => r.value))
    assert.deepEqual(seen, items(0, 3005))
    await driver.task.stop()
  })

  test(named('a poll that waits ends soon when told to stop'), async t => {
    const system = source.setUp(t)
    const driver = await new Driver(system.task(), new Map()).start(system.props)
    await driver.poll()
    const stopping = new AbortController()
    const polling = driver.task.poll(stopping.signal)
    stopping.abort()
    await polling
    await driver.task.stop()
    const untouched = system.task()
    await new Driver(untouched, new Map()).start(system.props)
    await untouched.stop()
  })

  test(
    named('killed at random moments it starts again behind the last acknowledged record: nothing lost, nothing skipped'),
    async t => {
      const system = source.setUp(t)
      const random = prng(7)
      const offsets = new Map<string, SourceMap>()
      const acknowledged: unknown[] = []
      const all = items(0, 4000)
      system.feed(all)
      let driver = await new Driver(system.task(), offsets).start(system.props)
      while (acknowledged.length < all.length) {
        const records = await driver.poll()
        assert.ok(records.length > 0, `no records after ${acknowledged.length}`)
        const isKilled = random() < 0.5
        const reached = isKilled ? Math.floor(random() * records.length) : records.length
        for (const record of records.slice(0, reached)) {
          driver.acknowledge(record)
          acknowledged.push(record.value)
        }
        if (isKilled) {
          await driver.task.stop()
          driver = await new Driver(system.task(), offsets).start(system.props)
        }
      }
      assert.deepEqual(acknowledged, all)
      await driver.task.stop()
    },
  )
}
