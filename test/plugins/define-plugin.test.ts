// The form that authors write: types follow the declaration, `start` and `configure` get parsed values, and nothing stands between a record and
// the author's object. Lines under @ts-expect-error are the compile-time half: tsc (npm run check) fails when one of them is no error.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  atLeast,
  type ConfigOf,
  type ConnectRecord,
  defineConfig,
  defineConverter,
  defineHeaderConverter,
  definePredicate,
  defineSink,
  defineSource,
  defineTransform,
  type Password,
  type SinkTask,
  sinkRecord,
  type Transformation,
} from '../../src/api/index.ts'
import { silentLogger } from '../../src/base/log.ts'
import { FakeSinkContext } from '../../src/kit/fake-contexts.ts'

const config = defineConfig({
  url: { type: 'string', importance: 'high', doc: 'Where.' },
  batch: { type: 'int', default: 10, importance: 'low', doc: 'How many.', check: atLeast(1) },
  secret: { type: 'password', default: null, importance: 'low', doc: 'Password.' },
})
type Config = ConfigOf<typeof config>

class Task implements SinkTask<Config> {
  config: Config | null = null
  puts = 0
  start(config: Config): void {
    const url: string = config.url
    const batch: number = config.batch
    const secret: Password | null = config.secret
    // @ts-expect-error a key that is not declared
    const missing = config.bach
    // @ts-expect-error a number is no text
    const text: string = config.batch
    assert.deepEqual([url, batch, secret, missing, text], ['u', 3, null, undefined, 3])
    this.config = config
  }
  put(): void {
    this.puts++
  }
  stop(): void {}
}

const names = { className: 'x.TypedSinkConnector', config }

test("start gets parsed values, and put is the author's own", async () => {
  const task = defineSink({ ...names, task: () => new Task() }).task()
  await task.start({ url: 'u', batch: '3' }, new FakeSinkContext())
  assert.ok(task instanceof Task)
  assert.equal(task.put, Task.prototype.put)
  assert.deepEqual(Object.keys(task.config ?? {}), ['url', 'batch', 'secret'])
})

test("a bad configuration is refused before the author's code runs", () => {
  const plugin = defineSink({ ...names, task: () => new Task() })
  assert.throws(() => plugin.task().start({ batch: '0' }, new FakeSinkContext()), { name: 'ConfigError', key: 'url' })
})

test('without a connector every sink task gets the whole configuration, and a source has one task', async () => {
  const props = { url: 'u', other: 'x' }
  const context = { logger: silentLogger, props, requestTaskReconfiguration() {}, raiseError() {} }
  const sink = defineSink({ ...names, task: () => new Task() })
  const source = defineSource({
    ...names,
    task: () => ({
      start(given) {
        assert.equal(given.batch, 10)
      },
      poll: () => null,
      stop() {},
    }),
  })
  for (const [plugin, count] of [
    [sink, 3],
    [source, 1],
  ] as const) {
    const connector = plugin.connector()
    await connector.start(props, context)
    assert.deepEqual(await connector.taskConfigs(3), Array(count).fill(props))
    assert.equal(plugin.taskClass, 'x.TypedSinkTask')
  }
})

test("a connector of one's own is given its values, its tasks may have keys of their own", async () => {
  const plugin = defineSink({
    ...names,
    taskConfig: defineConfig({ shard: { type: 'int', importance: 'high', doc: 'Which.' } }),
    connector() {
      let url = ''
      return {
        start(given, context) {
          url = given.url + context.props.other
          // @ts-expect-error a key of the task is none of the connector
          assert.equal(given.shard, undefined)
        },
        taskConfigs: max => Array.from({ length: max }, (_, shard) => ({ url, shard: String(shard) })),
        stop() {},
      }
    },
    task: () => ({
      start(given) {
        // @ts-expect-error a key of the connector is none of the task
        assert.deepEqual([given.shard, given.url], [1, undefined])
      },
      put() {},
      stop() {},
    }),
  })
  const connector = plugin.connector()
  const props = { url: 'u', other: 'x' }
  await connector.start(props, { logger: silentLogger, props, requestTaskReconfiguration() {}, raiseError() {} })
  const configs = await connector.taskConfigs(2)
  assert.deepEqual(configs[1], { url: 'ux', shard: '1' })
  await plugin.task().start(configs[1] ?? {}, new FakeSinkContext())
})

test('transforms, predicates and converters are configured with values', () => {
  class Tag implements Transformation<Config> {
    #tag = ''
    configure({ url, batch }: Config): void {
      this.#tag = url + batch
    }
    apply<R extends ConnectRecord>(record: R): R {
      return record.with({ value: this.#tag }) as R
    }
  }
  const transform = defineTransform({ ...names, create: () => new Tag() }).create()
  transform.configure({ url: 'u' })
  assert.equal(transform.apply(sinkRecord({ topic: 't' }))?.value, 'u10')
  assert.equal(transform.apply, Tag.prototype.apply)
  const seen: unknown[] = []
  const predicate = definePredicate({
    ...names,
    create: () => ({ configure: given => seen.push(given.batch), test: () => true }),
  })
  predicate.create().configure({ url: 'u' })
  const converter = defineConverter({
    ...names,
    create: () => ({
      configure: (given, isKey) => seen.push(given.url, isKey),
      toConnectData: () => ({ schema: null, value: null }),
      fromConnectData: () => null,
    }),
  })
  converter.create().configure({ url: 'v' }, true)
  const headers = defineHeaderConverter({
    ...names,
    create: () => ({
      configure: given => seen.push(given.secret),
      toConnectHeader: () => ({ schema: null, value: null }),
      fromConnectHeader: () => null,
    }),
  })
  headers.create().configure({ url: 'v' })
  assert.deepEqual(seen, [10, 'v', true, null])
})

test('wrong definitions do not compile', () => {
  // @ts-expect-error no className
  const nameless = () => defineTransform({ config, create: () => ({ configure() {}, apply: r => r }) })
  // @ts-expect-error a task that takes other values than the declaration gives
  const other = () => defineSink({ ...names, task: () => ({ start(_config: { url: number }) {}, put() {}, stop() {} }) })
  // @ts-expect-error a sink without put
  const putless = () => defineSink({ ...names, task: () => ({ start() {}, stop() {} }) })
  // @ts-expect-error a type that no key has
  const typeless = () => defineConfig({ a: { type: 'number', importance: 'high', doc: '' } })
  assert.equal([nameless, other, putless, typeless].length, 4)
})
