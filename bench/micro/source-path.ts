// Question: what does a source task cost a record: poll, transforms, converters, the producer's batches, acknowledgements?
// Method: the real FileStreamSource, SourceRunner and Producer in this thread over a file of 150-byte JSON lines; the broker is a function that
// acknowledges each Produce request in the next turn, so neither sockets nor broker are in the figure, but the checksum is. Producer
// settings are Connect's defaults. CPU ns a record, lowest and median of the rounds. Wrong if another process takes the cache.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActorHost } from '../../src/actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../src/actor/messages.ts'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { FileSourceTask } from '../../src/connectors/file-source/task.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'
import { Producer } from '../../src/kafka/producer.ts'
import type { Api, RequestBody } from '../../src/kafka/types.ts'
import { loadChain, openTaskCatalogue } from '../../src/task/plugins.ts'
import { SourceRunner } from '../../src/task/source-task/source-runner.ts'
import { Tolerance } from '../../src/task/tolerance.ts'
import { appendResult } from '../machine.ts'
import { generated } from '../records.ts'

const RECORDS = 300_000
const ROUNDS = 7
const COUNT_IN_BATCH_AT = 57
const STRING = 'org.apache.kafka.connect.storage.StringConverter'
const STRINGS = { 'key.converter': STRING, 'value.converter': STRING }
const JSON_AND_TRANSFORMS = {
  'key.converter': STRING,
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
  transforms: 'hoist,insert',
  'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
  'transforms.hoist.field': 'line',
  'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.insert.static.field': 'source',
  'transforms.insert.static.value': 'bench',
}

/** Acknowledges everything; counts records and bytes by the heads of their batches. */
class AgreeingBroker {
  readonly #partitions: number
  readonly #offsets: number[] = []
  records = 0
  bytes = 0
  requests = 0
  onRecords = () => {}

  constructor(partitions: number) {
    this.#partitions = partitions
  }

  get cluster(): Cluster {
    const fake = {
      leaderOf: () => 1,
      partitionCount: () => this.#partitions,
      refresh: async () => {},
      anyNode: () => 1,
      call: async (_node: number, _lane: string, api: Api, body: RequestBody) => {
        await new Promise(resolve => setImmediate(resolve))
        return api.name === 'InitProducerId' ? new Writer().int32(0).int16(0).int64(77).int16(0).finish() : this.#produce(body)
      },
    }
    return fake as unknown as Cluster
  }

  #produce(body: RequestBody): Buffer {
    const r = new Reader(Buffer.isBuffer(body) ? body : Buffer.concat(body))
    r.nullableString()
    r.int16()
    r.int32()
    const topics = r.array(() => ({
      name: r.string(),
      partitions: r.array(() => ({ partition: r.int32(), records: r.bytes() })),
    }))
    const answer = new Writer()
      .array(topics, (w, topic) =>
        w.string(topic.name).array(topic.partitions, (v, { partition, records }) => {
          const offset = this.#offsets[partition] ?? 0
          const count = records.readInt32BE(COUNT_IN_BATCH_AT)
          this.#offsets[partition] = offset + count
          this.records += count
          this.bytes += records.length
          v.int32(partition).int16(0).int64(offset).int64(-1).int64(0).int32(0).nullableString(null)
        }),
      )
      .int32(0)
    this.requests++
    this.onRecords()
    return answer.finish()
  }
}

interface Round {
  readonly cpuNs: number
  readonly bytes: number
  readonly requests: number
}

async function round(file: string, props: Record<string, string>, partitions: number): Promise<Round> {
  const broker = new AgreeingBroker(partitions)
  const chain = await loadChain(await openTaskCatalogue({}), props, {})
  const metrics = new MetricsSlab()
  const stopping = new AbortController()
  let failure: unknown = null
  let done = () => {}
  const finished = new Promise<void>(resolve => {
    done = resolve
  })
  const host = {
    logger: silentLogger,
    pluginLogger: silentLogger,
    metrics,
    post() {},
    ask: async ({ type }: { type: string }) => (type === 'offsetsRequested' ? [null] : null),
    fail: (error: unknown) => {
      failure = error
      done()
    },
    exit() {},
    onFailure() {},
    onMessage() {},
  } as unknown as ActorHost<ToTask, FromTask>
  const producer = new Producer({
    cluster: broker.cluster,
    log: silentLogger,
    clock: systemClock,
    acks: -1,
    idempotent: false,
    lingerMs: 0,
    batchSizeBytes: 16_384,
    bufferMemoryBytes: 33_554_432,
    maxRequestSizeBytes: 1_048_576,
    compression: 'none',
    deliveryTimeoutMs: 2_147_483_647,
    maxInFlight: 1,
  })
  const runner = new SourceRunner({
    host,
    spec: { targetState: 'STARTED', taskProps: { file, topic: 'lines' } } as unknown as TaskSpec,
    clock: systemClock,
    task: new FileSourceTask(),
    taskClassName: 'FileStreamSourceTask',
    chain,
    tolerance: new Tolerance({
      tolerance: 'none',
      retryTimeoutMs: 0,
      retryDelayMaxMs: 60_000,
      reporters: [],
      metrics,
      clock: systemClock,
      signal: stopping.signal,
    }),
    toleratesAll: false,
    deadLetters: null,
    topics: null,
    producer,
    exactlyOnce: null,
    close: async () => {},
    stopping,
    limits: { flushIntervalMs: 10_000, flushTimeoutMs: 5_000 },
  })
  broker.onRecords = () => {
    if (broker.records >= RECORDS) done()
  }
  const before = process.cpuUsage()
  await runner.start()
  await finished
  const { user, system } = process.cpuUsage(before)
  await runner.stop(10_000)
  if (failure !== null) throw failure
  return { cpuNs: ((user + system) * 1000) / RECORDS, bytes: broker.bytes, requests: broker.requests }
}

const folder = mkdtempSync(join(tmpdir(), 'source-path-'))
const file = join(folder, 'lines.txt')
await generated(150).write(file, 0, RECORDS)
const results: Record<string, number> = {}
const only = process.argv[2]
try {
  for (const [name, props, partitions] of [
    ['String, 1 partition', STRINGS, 1],
    ['String, 4 partitions', STRINGS, 4],
    ['JSON, HoistField + InsertField, 1 partition', JSON_AND_TRANSFORMS, 1],
    ['JSON, HoistField + InsertField, 4 partitions', JSON_AND_TRANSFORMS, 4],
  ] as const) {
    if (only !== undefined && !name.includes(only)) continue
    const rounds: Round[] = []
    for (let i = 0; i < ROUNDS; i++) rounds.push(await round(file, props, partitions))
    const sorted = rounds.map(r => r.cpuNs).sort((a, b) => a - b)
    const [best = 0] = sorted
    const median = sorted[ROUNDS >> 1] ?? 0
    results[name] = Number(best.toFixed(0))
    const { bytes = 0, requests = 0 } = rounds.at(-1) ?? {}
    console.log(
      `${name.padEnd(48)} ${best.toFixed(0).padStart(6)} ns a record (median ${median.toFixed(0)}), ${bytes} bytes in ${requests} requests`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
if (only === undefined) appendResult('source-path', { results })
// The runners' once-a-second timers have no stop but the thread's end.
process.exit(0)
