// Goal: the config topic is read and written as Java's KafkaConfigBackingStore does, and a write is done when it can be read. Method: Java's
// own class was fed the same records and calls (test/golden/store, recorder beside them); the rest on a log in memory that workers share.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Loggers, silentLogger } from '../../src/base/log.ts'
import type { SessionKey } from '../../src/store/cluster-config.ts'
import { UNSEEN } from '../../src/store/cluster-config.ts'
import { type ConfigListener, ConfigTopic, type ConfigTopicOptions, WRITE_PRIVILEGE_LOST } from '../../src/store/config-topic.ts'
import { type Bytes, calls, scenarios } from '../golden/store/config-topic-cases.ts'
import { MemoryLog, type MemoryReplica } from '../sim/memory-log.ts'
import { settle, TestClock } from '../support/clock.ts'

interface Recorded {
  readonly read: Record<
    string,
    readonly { readonly throws?: string; readonly state: unknown; readonly told: readonly unknown[] }[]
  >
  readonly plain: readonly (readonly (readonly (string | null)[])[])[]
  readonly transactional: readonly (readonly (readonly (string | null)[])[])[]
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/store/config-topic.json'), 'utf8')) as Recorded

class Told implements ConfigListener {
  told: unknown[][] = []
  take(): unknown[][] {
    return this.told.splice(0)
  }
  connectorChanged = (connector: string) => void this.told.push(['connectorChanged', connector])
  connectorRemoved = (connector: string) => void this.told.push(['connectorRemoved', connector])
  tasksChanged = (connector: string) => void this.told.push(['tasksChanged', connector])
  targetChanged = (connector: string) => void this.told.push(['targetChanged', connector])
  sessionKeyChanged = (key: SessionKey) => void this.told.push(['sessionKeyChanged', key.key.toString('base64')])
  restartRequested = (connector: string, scope: { includeTasks: boolean; onlyFailed: boolean }) =>
    void this.told.push(['restartRequested', connector, scope.includeTasks, scope.onlyFailed])
  loggerLevelChanged = (namespace: string, level: string) => void this.told.push(['loggerLevelChanged', namespace, level])
  failed = (error: Error) => void this.told.push(['failed', error.message])
}

function topicOn(
  log: MemoryLog,
  options: Partial<ConfigTopicOptions> = {},
): { topic: ConfigTopic; told: Told; replica: MemoryReplica } {
  const told = new Told()
  const replicas: MemoryReplica[] = []
  const topic = new ConfigTopic({
    open: log.opener({}, one => replicas.push(one)),
    topic: 'configs',
    clock: log.clock,
    log: silentLogger,
    listener: told,
    ...options,
  })
  return { topic, told, replica: replicas[0] as MemoryReplica }
}

const bytes = (value: string | null | Bytes) =>
  value === null ? null : typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64')

/** As RecordConfigTopic.java writes a state. */
function stateOf(topic: ConfigTopic, names: readonly string[]): unknown {
  const state = topic.snapshot()
  const { sessionKey } = state
  return {
    offset: state.offset,
    sessionKey: sessionKey && [sessionKey.key.toString('base64'), sessionKey.algorithm, sessionKey.createdAtMs],
    names: state.names(),
    connectors: Object.fromEntries(names.map(name => [name, state.get(name) ?? UNSEEN])),
  }
}

/** Java keeps no target for a connector that is not there and no generation before the first; ours are defaults. */
function asOurs(state: unknown): unknown {
  const java = state as { connectors: Record<string, Record<string, unknown>> }
  const connectors = Object.entries(java.connectors).map(([name, one]) => [
    name,
    { ...one, target: one.target ?? 'STARTED', taskGeneration: one.taskGeneration ?? -1 },
  ])
  return { ...java, connectors: Object.fromEntries(connectors) }
}

/** Java names the tasks of a commit; ours its connector. */
function toldAsOurs(told: readonly unknown[], key: string): unknown[] {
  return told.map(one => ((one as unknown[])[0] === 'tasksChanged' ? ['tasksChanged', key.slice('commit-'.length)] : one))
}

describe('read as Java reads:', () => {
  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      const log = new MemoryLog({ clock: systemClock })
      const { topic, told } = topicOn(log)
      const javas = [...(recorded.read[scenario.name] ?? [])]
      assert.equal(javas.length, scenario.records.length - scenario.recordsBeforeStart + 1)
      for (const [i, [key, value]] of scenario.records.entries()) {
        log.append(Buffer.from(key), bytes(value))
        if (i + 1 < scenario.recordsBeforeStart) continue
        if (i + 1 === scenario.recordsBeforeStart) await topic.start()
        else await topic.refresh(1000)
        const java = javas.shift()
        const at = `after record ${i}: ${key} ${JSON.stringify(value)}`
        assert.deepEqual(stateOf(topic, scenario.names), asOurs(java?.state), at)
        assert.deepEqual(told.take(), toldAsOurs(java?.told ?? [], key), at)
      }
    })
  }
})

type Step = readonly (string | null)[]

/** Calls `method` of the topic as config-topic-cases.ts has it. */
async function call(topic: ConfigTopic, [method, ...args]: (typeof calls)[number]): Promise<void> {
  const given = args.map(arg => {
    const key = (arg as { key?: unknown }).key
    return typeof key === 'string' ? { ...(arg as object), key: Buffer.from(key, 'base64') } : arg
  })
  await (topic as unknown as Record<string, (...args: unknown[]) => Promise<void>>)[method]?.(...given)
}

/** A topic whose writes and reads to the end are written down. */
function watched(isTransactional: boolean): { topic: ConfigTopic; steps: Step[]; log: MemoryLog } {
  const log = new MemoryLog({ clock: systemClock })
  const steps: Step[] = []
  const sent = (key: Buffer | null, value: Buffer | null) =>
    void steps.push(['send', key?.toString() ?? null, value?.toString() ?? null])
  const open: ConfigTopicOptions['open'] = listener => {
    const inner = log.opener()(listener)
    return {
      partitionCount: 1,
      start: () => inner.start(),
      stop: timeoutMs => inner.stop(timeoutMs),
      send: (key, value) => {
        sent(key, value)
        return inner.send(key, value)
      },
      append: (key, value, timeoutMs) => {
        sent(key, value)
        return inner.append(key, value, timeoutMs)
      },
      readToEnd: timeoutMs => {
        steps.push(['readToEnd'])
        return inner.readToEnd(timeoutMs)
      },
    }
  }
  const openWriter = async () => {
    const writer = await log.openWriter('connect-cluster-x')
    return {
      close: () => writer.close(),
      write: async (records: Parameters<typeof writer.write>[0], timeoutMs: number) => {
        steps.push(['begin'])
        for (const { key, value } of records) sent(key, value)
        await writer.write(records, timeoutMs)
        steps.push(['commit'])
      },
    }
  }
  const { topic } = topicOn(log, { open, ...(isTransactional ? { openWriter } : {}) })
  return { topic, steps, log }
}

describe('written as Java writes', () => {
  for (const kind of ['plain', 'transactional'] as const) {
    it(`${kind}: keys, values, order, what is read back before what`, async () => {
      const { topic, steps } = watched(kind === 'transactional')
      await topic.start()
      await topic.claimWrites(true)
      for (const [i, one] of calls.entries()) {
        steps.length = 0
        await call(topic, one)
        // Java also commits a transaction with nothing in it where there are no tasks
        const java = (recorded[kind][i] ?? []).filter(
          ([step], at, all) =>
            !(step === 'begin' && all[at + 1]?.[0] === 'commit') && !(step === 'commit' && all[at - 1]?.[0] === 'begin'),
        )
        assert.deepEqual(steps, java, JSON.stringify(one))
      }
    })
  }

  it('a second worker that starts on what was written has the same state, and one on what compaction left of it', async () => {
    const { topic, log } = watched(true)
    await topic.start()
    await topic.claimWrites(true)
    for (const one of calls) await call(topic, one)
    const names = ['a', 'b ä', 'c', 'd']
    const second = topicOn(log)
    await second.topic.start()
    assert.deepEqual(stateOf(second.topic, names), stateOf(topic, names))
    assert.deepEqual(second.told.told, [])
    log.compact()
    const third = topicOn(log)
    await third.topic.start()
    assert.deepEqual(third.topic.snapshot().names(), ['b ä', 'c', 'd'])
    assert.equal(third.topic.snapshot().offset, topic.snapshot().offset)
    assert.deepEqual(third.topic.get('b ä'), topic.get('b ä'))
  })
})

describe('a write', () => {
  it('is in the state when it settles, and in that of another worker when it has refreshed', async () => {
    const log = new MemoryLog({ clock: systemClock })
    const [one, other] = [topicOn(log), topicOn(log)]
    await one.topic.start()
    await other.topic.start()
    await one.topic.putConfig('a', { name: 'a' }, 'PAUSED')
    await one.topic.putTasks('a', [{ n: '0' }])
    assert.deepEqual(one.topic.get('a'), {
      config: { name: 'a' },
      target: 'PAUSED',
      tasks: [{ n: '0' }],
      appliedConfig: { name: 'a' },
    })
    await one.topic.putTarget('a', 'STOPPED')
    assert.equal(one.topic.get('a')?.target, 'STOPPED')
    await other.topic.refresh(1000)
    assert.deepEqual(other.topic.get('a'), one.topic.get('a'))
    await one.topic.remove('a')
    assert.equal(one.topic.get('a'), undefined)
    assert.deepEqual(one.topic.names(), [])
    assert.deepEqual(one.told.take(), [
      ['connectorChanged', 'a'],
      ['tasksChanged', 'a'],
      ['targetChanged', 'a'],
      ['connectorRemoved', 'a'],
    ])
  })

  it('leaves snapshots taken before as they were', async () => {
    const { topic } = topicOn(new MemoryLog({ clock: systemClock }))
    await topic.start()
    await topic.putConfig('b', { name: 'b' })
    const before = topic.snapshot()
    assert.equal(topic.snapshot(), before)
    await topic.putConfig('a', { name: 'a' })
    await topic.putConfig('b', { name: 'b', x: 'y' })
    assert.deepEqual([before.names(), before.get('b')?.config, before.offset], [['b'], { name: 'b' }, 1])
    assert.deepEqual([topic.snapshot().names(), topic.snapshot().offset], [['a', 'b'], 3])
  })

  it('that the broker does not take within 30 s is an error that says so, and the next one goes through', async () => {
    const clock = new TestClock()
    const { topic, replica } = topicOn(new MemoryLog({ clock }))
    await topic.start()
    replica.setReachable(false)
    const late = assert.rejects(
      topic.putConfig('a', { name: 'a' }),
      /config of connector a could not be written to config topic configs within 30000 ms; it may still/,
    )
    const lateTarget = assert.rejects(topic.putTarget('a', 'PAUSED'), /30000 ms/)
    const lateTasks = assert.rejects(topic.putTasks('a', []), /30000 ms/)
    await clock.advance(60_000)
    await Promise.all([late, lateTarget, lateTasks])
    const refreshed = assert.rejects(topic.refresh(3000), { retriable: true })
    await clock.advance(3000)
    await refreshed
    replica.setReachable(true)
    await topic.putConfig('a', { name: 'a', x: 'y' })
    assert.equal(topic.get('a')?.config.x, 'y')
  })

  it('waits for the one before it: two of one connector never mix', async () => {
    const log = new MemoryLog({ clock: systemClock })
    const { topic } = topicOn(log)
    await topic.start()
    await topic.putConfig('a', { name: 'a' })
    const tasks = (value: string) => [{ n: value }, { n: value }]
    await Promise.all([topic.putTasks('a', tasks('1')), topic.putTasks('a', tasks('2')), topic.putTasks('a', tasks('3'))])
    assert.deepEqual(topic.get('a')?.tasks, tasks('3'))
    assert.deepEqual(
      log.texts.map(([key]) => key).slice(1),
      Array.from({ length: 3 }, () => ['task-a-0', 'task-a-1', 'commit-a']).flat(),
    )
  })

  it('beyond the hundredth that waits is refused', async () => {
    const clock = new TestClock()
    const { topic, replica } = topicOn(new MemoryLog({ clock }))
    await topic.start()
    replica.setReachable(false)
    const waiting = Array.from({ length: 101 }, (_, i) => topic.putConfig(`${i}`, { name: `${i}` }))
    await assert.rejects(
      topic.putConfig('x', { name: 'x' }),
      /too many requests are waiting while the worker is writing the config of connector 0/,
    )
    replica.setReachable(true)
    await settle()
    await Promise.all(waiting)
    assert.equal(topic.names().length, 101)
  })
})

describe('the right to write', () => {
  const lost = { code: WRITE_PRIVILEGE_LOST, retriable: true }

  it('is lost to the leader that claims after, and can be claimed again; nothing of a refused write is there', async () => {
    const log = new MemoryLog({ clock: systemClock })
    const openWriter = () => log.openWriter('connect-cluster-x')
    const [old, next] = [topicOn(log, { openWriter }), topicOn(log, { openWriter })]
    await old.topic.start()
    await next.topic.start()
    await assert.rejects(old.topic.putConfig('a', { name: 'a' }), lost)
    await old.topic.claimWrites(true)
    await old.topic.claimWrites(true)
    await old.topic.putConfig('a', { name: 'a' })
    await next.topic.claimWrites(true)
    await assert.rejects(old.topic.putConfig('b', { name: 'b' }, 'PAUSED'), lost)
    await assert.rejects(old.topic.putSessionKey({ key: Buffer.alloc(32), algorithm: 'HmacSHA256', createdAtMs: 1 }), lost)
    assert.deepEqual(
      log.texts.map(([key]) => key),
      ['connector-a'],
    )
    // anybody may write these
    await old.topic.putTarget('a', 'PAUSED')
    await next.topic.putTasks('a', [])
    await old.topic.claimWrites(true)
    await old.topic.putRestart('a', { includeTasks: true, onlyFailed: false })
    await assert.rejects(next.topic.putTaskCount('a', 1), lost)
  })

  it('is given up by a worker that is no longer the leader', async () => {
    const log = new MemoryLog({ clock: systemClock })
    const closed: string[] = []
    const openWriter = async () => ({ ...(await log.openWriter('x')), close: async () => void closed.push('closed') })
    const { topic } = topicOn(log, { openWriter })
    await topic.start()
    await topic.claimWrites(true)
    await topic.claimWrites(false)
    assert.deepEqual(closed, ['closed'])
    await assert.rejects(topic.putConfig('a', { name: 'a' }), lost)
    await topic.stop()
    assert.deepEqual(closed, ['closed'])
  })

  it('that cannot be got is an error that may be tried again', async () => {
    const openWriter = () => Promise.reject(new Error('no coordinator'))
    const { topic } = topicOn(new MemoryLog({ clock: systemClock }), { openWriter })
    await topic.start()
    await assert.rejects(topic.claimWrites(true), { ...lost, message: /configs was not got: no coordinator/ })
  })
})

it('the config offset does not count markers of transactions', async () => {
  const log = new MemoryLog({ clock: systemClock })
  const { topic } = topicOn(log, { openWriter: () => log.openWriter('x') })
  await topic.start()
  assert.equal(topic.snapshot().offset, -1)
  await topic.claimWrites(true)
  await topic.putConfig('a', { name: 'a' })
  assert.equal(log.end(0), 2)
  assert.equal((await topic.refresh(1000)).offset, 1)
})

it('a topic that cannot be read any more is told to the listener', async () => {
  const { topic, told, replica } = topicOn(new MemoryLog({ clock: systemClock }))
  await topic.start()
  replica.fail(new Error('not authorised'))
  assert.deepEqual(told.take(), [['failed', 'not authorised']])
})

it('a secret in a record that is no JSON does not get into the log', async () => {
  const log = new MemoryLog({ clock: systemClock })
  const lines: string[] = []
  const loggers = new Loggers({ root: 'TRACE' }, { write: line => void lines.push(line) })
  const { topic } = topicOn(log, { log: loggers.named('x') })
  log.append(Buffer.from('connector-a'), Buffer.from('{"properties":{"password":s3cret}}'))
  log.append(Buffer.from('connector-a'), Buffer.from('{"props":{"password":"s3cret"}}'))
  await topic.start()
  assert.equal(lines.length, 2)
  assert.match(lines[0] ?? '', /connector-a/)
  assert.doesNotMatch(lines.join(), /s3cret/)
})
