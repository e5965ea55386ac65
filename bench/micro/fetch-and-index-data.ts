// The topic that fetch-and-index.ts reads, and the three readers, each run in a process of its own as `node fetch-and-index-data.ts
// <reader> <bootstrap> <topic> <records>`: prints one line of JSON with seconds and CPU from the first records to the last.
import { createRequire } from 'node:module'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { errorInfo, kafkaError } from '../../src/kafka/codec/errors.ts'
import { decodeProduce, encodeProduce, type PartitionPayload, produceApi } from '../../src/kafka/codec/produce.ts'
import { RecordBatchBuilder } from '../../src/kafka/codec/record-batch-builder.ts'
import { Fetcher } from '../../src/kafka/fetcher.ts'

export const PARTITIONS = 4
const VALUE_BYTES = 174
/** Java's default batch.size */
const BATCH_BYTES = 16_384

export interface Reading {
  readonly records: number
  readonly seconds: number
  readonly cpuSeconds: number
}

function valueAt(i: number): Buffer {
  const mixed = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 0
  const body = `{"id":${i},"user":"user-${mixed % 50_000}","amount":${(mixed % 1_000_000) / 100},"time":${1_700_000_000_000 + i * 37},"note":"`
  return Buffer.from(`${body.padEnd(VALUE_BYTES - 2, 'some text of a record ')}"}`)
}

async function connected(bootstrap: string): Promise<Cluster> {
  const cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': bootstrap }, 'bench'), silentLogger)
  await cluster.connect()
  return cluster
}

/** A topic that was just made is led by nobody for a moment. */
async function send(cluster: Cluster, topic: string, payloads: readonly PartitionPayload[]): Promise<void> {
  for (let left = payloads; left.length > 0; ) {
    const answer = decodeProduce(
      await cluster.call(cluster.leaderOf(topic, 0), 'produce', produceApi, encodeProduce(1, 30_000, left)),
    )
    const failed = answer.filter(p => p.errorCode !== 0)
    const fatal = failed.find(p => !errorInfo(p.errorCode).retriable)
    if (fatal !== undefined) throw kafkaError('Produce', fatal.errorCode, topic)
    left = left.filter(p => failed.some(f => f.partition === p.partition))
    if (left.length > 0) await cluster.refresh([topic])
  }
}

/** Fills the topic evenly with batches as a producer with default settings makes them; returns how many records a partition got. */
export async function fill(bootstrap: string, topic: string, records: number): Promise<number[]> {
  const cluster = await connected(bootstrap)
  await cluster.refresh([topic])
  // The broker deletes by age what is older than a week: records of long ago may be gone before they are read.
  const now = Date.now()
  const counts = new Array<number>(PARTITIONS).fill(0)
  const inFlight: Promise<void>[] = []
  for (let i = 0; i < records; ) {
    const payloads: PartitionPayload[] = []
    for (let partition = 0; partition < PARTITIONS && i < records; partition++) {
      const builder = new RecordBatchBuilder({ compression: 'none', initialBytes: BATCH_BYTES })
      while (i < records && builder.bytes + VALUE_BYTES + 30 < BATCH_BYTES) {
        builder.append(now + (i >>> 4), Buffer.from(`key${100_00 + (i % 10_000)}`), valueAt(i), [])
        i++
      }
      counts[partition] = (counts[partition] ?? 0) + builder.count
      payloads.push({ topic, partition, records: builder.build() })
    }
    inFlight.push(send(cluster, topic, payloads))
    if (inFlight.length === 8) await Promise.all(inFlight.splice(0))
  }
  await Promise.all(inFlight)
  await cluster.close()
  return counts
}

/** Counts from the first records on: joining a group and warming a connection are not reading. */
class Meter {
  readonly #records: number
  readonly #done: (reading: Reading) => void
  #count = 0
  #startMs = 0
  #startCpu = process.cpuUsage()

  constructor(records: number, done: (reading: Reading) => void) {
    this.#records = records
    this.#done = done
  }

  add(count: number): void {
    if (this.#count === 0) {
      this.#startMs = performance.now()
      this.#startCpu = process.cpuUsage()
    }
    this.#count += count
    if (this.#count < this.#records) return
    const { user, system } = process.cpuUsage(this.#startCpu)
    this.#done({ records: this.#count, seconds: (performance.now() - this.#startMs) / 1000, cpuSeconds: (user + system) / 1e6 })
  }
}

async function readOwn(bootstrap: string, topic: string, done: Meter): Promise<void> {
  const cluster = await connected(bootstrap)
  await cluster.refresh([topic])
  const fetcher = new Fetcher({
    cluster,
    log: silentLogger,
    clock: systemClock,
    isolation: 'read_uncommitted',
    fetchMinBytes: 1,
    fetchMaxWaitMs: 500,
    fetchMaxBytes: 52_428_800,
    maxPartitionFetchBytes: 1_048_576,
    autoOffsetReset: 'earliest',
    deliver: batch => done.add(batch.count),
    mayFetch: () => true,
    onError: error => {
      throw error
    },
  })
  fetcher.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0, epoch: 1 })))
  fetcher.start()
}

interface KafkaJsConsumer {
  connect(): Promise<void>
  subscribe(what: object): Promise<void>
  run(how: object): Promise<void>
}

async function readKafkaJs(bootstrap: string, topic: string, done: Meter): Promise<void> {
  const { Kafka } = createRequire(import.meta.url)('kafkajs') as {
    Kafka: new (options: object) => { consumer(options: object): KafkaJsConsumer }
  }
  const consumer = new Kafka({ brokers: [bootstrap], logLevel: 0 }).consumer({
    groupId: `bench-${Date.now()}`,
    maxWaitTimeInMs: 500,
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    eachBatch: async ({ batch }: { batch: { messages: unknown[] } }) => done.add(batch.messages.length),
  })
}

if (import.meta.main) {
  const [reader = '', bootstrap = '', topic = '', records = '0'] = process.argv.slice(2)
  const meter = new Meter(Number(records), reading => {
    process.stdout.write(`${JSON.stringify(reading)}\n`, () => process.exit(0))
  })
  await (reader === 'kafkajs' ? readKafkaJs : readOwn)(bootstrap, topic, meter)
}
