// Fills a topic with the lines of a file, in batches as a producer with default settings makes them (16 KB, not compressed): what a worker
// meets in life. Main thread of the benches.
import { closeSync, openSync, readSync } from 'node:fs'
import { createTopic, type WireConnection } from '../scripts/kafka/wire.ts'
import { silentLogger } from '../src/base/log.ts'
import { clientConfigFrom } from '../src/kafka/client-config.ts'
import { Cluster } from '../src/kafka/cluster.ts'
import { errorInfo, kafkaError } from '../src/kafka/codec/errors.ts'
import { decodeProduce, encodeProduce, type PartitionPayload, produceApi } from '../src/kafka/codec/produce.ts'
import { RecordBatchBuilder, recordBytesMax } from '../src/kafka/codec/record-batch-builder.ts'

/** Java's default batch.size */
const BATCH_BYTES = 16_384
/** Neighbouring records that go to one partition. A count of records that it divides, times the partitions, fills them evenly. */
export const BLOCK_RECORDS = 500
const IN_FLIGHT = 8
const READ_BYTES = 1 << 20
const LF = 10

export async function connected(bootstrap: string): Promise<Cluster> {
  const cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': bootstrap }, 'bench'), silentLogger)
  await cluster.connect()
  return cluster
}

/** A topic that was just made is led by nobody for a moment. */
async function send(cluster: Cluster, payload: PartitionPayload): Promise<void> {
  for (;;) {
    const leader = cluster.leaderOf(payload.topic, payload.partition)
    const [answer] = decodeProduce(await cluster.call(leader, 'produce', produceApi, encodeProduce(1, 30_000, [payload])))
    const code = answer?.errorCode ?? 0
    if (code === 0) return
    if (!errorInfo(code).retriable) throw kafkaError('Produce', code, payload.topic)
    await cluster.refresh([payload.topic])
  }
}

/** The lines of a file, without their ends; each holds until the next is asked for. */
export function* linesOfFile(file: string): Generator<Buffer> {
  const fd = openSync(file, 'r')
  const chunk = Buffer.allocUnsafe(4 * READ_BYTES)
  try {
    let kept = 0
    for (let read = readSync(fd, chunk, 0, READ_BYTES, null); read > 0; read = readSync(fd, chunk, kept, READ_BYTES, null)) {
      const end = kept + read
      let start = 0
      for (let at = chunk.indexOf(LF); at >= 0 && at < end; at = chunk.indexOf(LF, start)) {
        yield chunk.subarray(start, at)
        start = at + 1
      }
      kept = end - start
      chunk.copyWithin(0, start, end)
    }
  } finally {
    closeSync(fd)
  }
}

export async function fillTopic(
  connection: WireConnection,
  bootstrap: string,
  topic: string,
  partitions: number,
  file: string,
): Promise<void> {
  await createTopic(connection, topic, { partitions })
  const cluster = await connected(bootstrap)
  await cluster.refresh([topic])
  const builders: (RecordBatchBuilder | null)[] = new Array(partitions).fill(null)
  const inFlight: Promise<void>[] = []
  const post = async (partition: number, builder: RecordBatchBuilder) => {
    builders[partition] = null
    inFlight.push(send(cluster, { topic, partition, records: builder.build() }))
    if (inFlight.length === IN_FLIGHT) await inFlight.shift()
  }
  // The broker deletes by age what is older than a week: records of long ago may be gone before they are read.
  const now = Date.now()
  let i = 0
  for (const line of linesOfFile(file)) {
    const partition = Math.floor(i++ / BLOCK_RECORDS) % partitions
    let builder = builders[partition] ?? null
    if (builder !== null && builder.bytes + recordBytesMax(null, line.length, []) > BATCH_BYTES) {
      await post(partition, builder)
      builder = null
    }
    builder ??= new RecordBatchBuilder({ compression: 'none', initialBytes: BATCH_BYTES })
    builder.append(now, null, line, [])
    builders[partition] = builder
  }
  for (const [partition, builder] of builders.entries()) if (builder !== null) await post(partition, builder)
  await Promise.all(inFlight)
  await cluster.close()
}
