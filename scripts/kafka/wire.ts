// A few Kafka requests written by hand, so that tests and benches make and fill topics without the client under test: CreateTopics,
// Metadata, ListOffsets, DeleteTopics, Produce with uncompressed batches. Main thread of tests, benches and the quickstart.
// Versions are the newest with plain (not compact) encoding. One broker is assumed: each partition's leader is the one we talk to.
import { connect, type Socket } from 'node:net'
import { crc32c } from '@node-rs/crc32'

export interface TestRecord {
  key?: string | Buffer | null
  value?: string | Buffer | null
  partition?: number
  timestamp?: number
  headers?: readonly (readonly [string, string | Buffer | null])[]
}

interface Waiting {
  resolve(body: Buffer): void
  reject(error: Error): void
}

export class WireConnection {
  private readonly socket: Socket
  private readonly waiting = new Map<number, Waiting>()
  private received: Buffer[] = []
  private receivedBytes = 0
  private lastId = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => this.take(chunk))
    socket.on('error', error => this.fail(error))
    socket.on('close', () => this.fail(new Error('the broker closed the connection')))
  }

  static open(bootstrap: string): Promise<WireConnection> {
    const [, host = '127.0.0.1', port] = /^(.*):(\d+)$/.exec(bootstrap.split(',')[0] ?? '') ?? []
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port), noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new WireConnection(socket)))
    })
  }

  /** Sends one request, gives the response after its correlation id. */
  request(key: number, version: number, body: Buffer): Promise<Buffer> {
    const id = ++this.lastId
    const head = Buffer.alloc(14)
    head.writeInt32BE(10 + body.length, 0)
    head.writeInt16BE(key, 4)
    head.writeInt16BE(version, 6)
    head.writeInt32BE(id, 8)
    head.writeInt16BE(-1, 12) // no client id
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.socket.write(head)
      this.socket.write(body)
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private take(chunk: Buffer): void {
    this.received.push(chunk)
    this.receivedBytes += chunk.length
    let all = Buffer.concat(this.received, this.receivedBytes)
    while (all.length >= 8 && all.length >= 4 + all.readInt32BE(0)) {
      const end = 4 + all.readInt32BE(0)
      const id = all.readInt32BE(4)
      this.waiting.get(id)?.resolve(all.subarray(8, end))
      this.waiting.delete(id)
      all = all.subarray(end)
    }
    this.received = [all]
    this.receivedBytes = all.length
  }

  private fail(error: Error): void {
    for (const waiting of this.waiting.values()) waiting.reject(error)
    this.waiting.clear()
  }
}

type Part = Buffer
const int8 = (value: number): Part => Buffer.from([value & 0xff])
function int16(value: number): Part {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
function int32(value: number): Part {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
function int64(value: number): Part {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
const text = (value: string): Part => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])
const list = (items: readonly Part[]): Part => Buffer.concat([int32(items.length), ...items])

/** Reads a response front to back. */
class Answer {
  private at = 0
  private readonly bytes: Buffer
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
  int16(): number {
    return this.bytes.readInt16BE((this.at += 2) - 2)
  }
  int32(): number {
    return this.bytes.readInt32BE((this.at += 4) - 4)
  }
  int64(): number {
    return Number(this.bytes.readBigInt64BE((this.at += 8) - 8))
  }
  skip(bytes: number): void {
    this.at += bytes
  }
  text(): string | null {
    const length = this.int16()
    if (length < 0) return null
    return this.bytes.toString('utf8', this.at, (this.at += length))
  }
}

export interface TopicShape {
  partitions?: number
  config?: Record<string, string>
}

/** Creates the topic and waits until each partition has a leader. */
export async function createTopic(connection: WireConnection, name: string, shape: TopicShape = {}): Promise<void> {
  const partitions = shape.partitions ?? 1
  const config = Object.entries(shape.config ?? {}).map(([key, value]) => Buffer.concat([text(key), text(value)]))
  const topic = Buffer.concat([text(name), int32(partitions), int16(1), list([]), list(config)])
  const answer = new Answer(await connection.request(19, 4, Buffer.concat([list([topic]), int32(30_000), int8(0)])))
  answer.skip(8)
  answer.text()
  const code = answer.int16()
  if (code !== 0) throw new Error(`CreateTopics ${name}: error ${code} ${answer.text() ?? ''}`)
  for (let i = 0; i < 500; i++) {
    if ((await partitionsWithLeader(connection, name)) === partitions) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`the partitions of ${name} got no leader`)
}

/** Number of partitions that have a leader; 0 for a topic that is not there. Never creates it. */
export async function partitionsWithLeader(connection: WireConnection, name: string): Promise<number> {
  const answer = new Answer(await connection.request(3, 4, Buffer.concat([list([text(name)]), int8(0)])))
  answer.skip(4)
  for (let i = answer.int32(); i > 0; i--) {
    answer.skip(4) // node id
    answer.text()
    answer.skip(4) // port
    answer.text() // rack
  }
  answer.text() // cluster id
  answer.skip(8) // controller id, number of topics
  if (answer.int16() !== 0) return 0
  answer.text()
  answer.skip(1) // internal
  let led = 0
  for (let i = answer.int32(); i > 0; i--) {
    if (answer.int16() === 0) led++
    answer.skip(8) // partition, leader
    for (let list = 0; list < 2; list++) answer.skip(4 * answer.int32()) // replicas, isr
  }
  return led
}

export async function deleteTopic(connection: WireConnection, name: string): Promise<void> {
  const answer = new Answer(await connection.request(20, 3, Buffer.concat([list([text(name)]), int32(30_000)])))
  answer.skip(8)
  answer.text()
  const code = answer.int16()
  if (code !== 0) throw new Error(`DeleteTopics ${name}: error ${code}`)
}

/** A partition's leader is known a little before it leads: errors 3 (unknown) and 6 (not the leader) are asked again. */
async function retried(what: string, ask: () => Promise<number>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const code = await ask()
    if (code === 0) return
    if ((code !== 3 && code !== 6) || attempt === 200) throw new Error(`${what}: error ${code}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** End offset of each partition (`latest`), or the first one (`earliest`). */
export async function offsets(
  connection: WireConnection,
  topic: string,
  which: 'latest' | 'earliest' = 'latest',
): Promise<number[]> {
  const count = await partitionsWithLeader(connection, topic)
  if (count === 0) return []
  const partitions = Array.from({ length: count }, (_, partition) =>
    Buffer.concat([int32(partition), int64(which === 'latest' ? -1 : -2)]),
  )
  const body = Buffer.concat([int32(-1), int8(0), list([Buffer.concat([text(topic), list(partitions)])])])
  const result: number[] = new Array(count).fill(0)
  await retried(`ListOffsets ${topic}`, async () => {
    const answer = new Answer(await connection.request(2, 2, body))
    answer.skip(8) // throttle, number of topics
    answer.text()
    let worst = 0
    for (let i = answer.int32(); i > 0; i--) {
      const partition = answer.int32()
      worst = answer.int16() || worst
      answer.skip(8)
      result[partition] = answer.int64()
    }
    return worst
  })
  return result
}

// zigzag by arithmetic, since a timestamp's delta does not fit 32 bits
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value)

function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = zigzag(value)
  while (rest > 0x7f) {
    target[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  target[at++] = rest
  return at
}

function varintLength(value: number): number {
  let length = 1
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 128)) length++
  return length
}

const bytesOf = (value: string | Buffer | null | undefined): Buffer | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? Buffer.from(value) : value

function writeBytes(target: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return writeVarint(target, at, -1)
  const start = writeVarint(target, at, bytes.length)
  bytes.copy(target, start)
  return start + bytes.length
}

const sizeOf = (bytes: Buffer | null) => (bytes === null ? 1 : varintLength(bytes.length) + bytes.length)

function recordBytes(record: TestRecord, offsetDelta: number, timestampDelta: number): Buffer {
  const key = bytesOf(record.key)
  const value = bytesOf(record.value)
  const headers = (record.headers ?? []).map(([name, header]) => [Buffer.from(name), bytesOf(header)] as const)
  let size =
    1 + varintLength(timestampDelta) + varintLength(offsetDelta) + sizeOf(key) + sizeOf(value) + varintLength(headers.length)
  for (const [name, header] of headers) size += sizeOf(name) + sizeOf(header)
  const target = Buffer.alloc(varintLength(size) + size)
  let at = writeVarint(target, 0, size) + 1
  at = writeVarint(target, at, timestampDelta)
  at = writeVarint(target, at, offsetDelta)
  at = writeBytes(target, at, key)
  at = writeBytes(target, at, value)
  at = writeVarint(target, at, headers.length)
  for (const [name, header] of headers) at = writeBytes(target, writeBytes(target, at, name), header)
  return target
}

/** A record batch, format v2: 61 bytes of head, CRC32C over everything from the attributes on. */
function recordBatch(records: readonly TestRecord[], now: number): Buffer {
  const first = records[0]?.timestamp ?? now
  let last = first
  const parts = records.map((record, i) => {
    const timestamp = record.timestamp ?? now
    last = Math.max(last, timestamp)
    return recordBytes(record, i, timestamp - first)
  })
  const batch = Buffer.concat([Buffer.alloc(61), ...parts])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(-1, 12) // leader epoch
  batch[16] = 2 // magic
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(first), 27)
  batch.writeBigInt64BE(BigInt(last), 35)
  batch.fill(0xff, 43, 57) // no producer id, epoch, sequence
  batch.writeInt32BE(records.length, 57)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

const BATCH_RECORDS = 2000
const BATCH_BYTES = 500_000

/** Writes the records (partition 0 unless they say another), in order within each partition, acks=all. */
export async function produce(
  connection: WireConnection,
  topic: string,
  records: Iterable<TestRecord>,
  now = Date.now(),
): Promise<void> {
  const pending = new Map<number, { records: TestRecord[]; bytes: number }>()
  const send = async (partition: number, batch: readonly TestRecord[]) => {
    const bytes = recordBatch(batch, now)
    const data = list([Buffer.concat([text(topic), list([Buffer.concat([int32(partition), int32(bytes.length), bytes])])])])
    await retried(`Produce ${topic}-${partition}`, async () => {
      const answer = new Answer(await connection.request(0, 7, Buffer.concat([int16(-1), int16(-1), int32(30_000), data])))
      answer.skip(4)
      answer.text()
      answer.skip(8)
      return answer.int16()
    })
  }
  for (const record of records) {
    const partition = record.partition ?? 0
    let batch = pending.get(partition)
    if (batch === undefined) pending.set(partition, (batch = { records: [], bytes: 0 }))
    batch.records.push(record)
    batch.bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0) + 20
    if (batch.records.length === BATCH_RECORDS || batch.bytes > BATCH_BYTES) {
      await send(partition, batch.records)
      pending.delete(partition)
    }
  }
  for (const [partition, batch] of pending) await send(partition, batch.records)
}
