// SchemaSource's task: so many structs of one schema, or of two in turns, a JSON line printed for each. One instance a task thread.
// Java: org.apache.kafka.connect.tools.SchemaSourceTask.
import {
  BOOLEAN,
  FLOAT32,
  FLOAT64,
  INT32,
  INT64,
  type Props,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  STRING,
  Struct,
  sourceRecord,
} from '../../api/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { ConnectError } from '../../base/errors.ts'
import { writeStandardOutput } from '../../base/standard-output.ts'
import { structOf } from '../../data/schema-builder.ts'
import { parseInteger, parseLong, reading } from './numbers.ts'
import { Throttle } from './throttle.ts'

const numbers = { boolean: BOOLEAN, int: INT32, long: INT64, float: FLOAT32, double: FLOAT64, partitioning: INT32 }
const place = { id: INT32, seqno: INT64 }
const VALUE = structOf({ ...numbers, ...place }, { name: 'record', version: 1 })
const VALUE_2 = structOf({ ...numbers, string: STRING.with({ default: 'abc' }), ...place }, { name: 'record', version: 2 })

interface Settings {
  readonly id: number
  readonly numMessages: number
  readonly partitionCount: number
  readonly throughput: number
}

export class SchemaSourceTask implements SourceTask {
  readonly #clock: Clock
  #settings: Settings = { id: 0, numMessages: 0, partitionCount: 1, throughput: -1 }
  #topic: string | undefined
  #hasTwoSchemas = false
  #throttle: Throttle | null = null
  #firstSeqno = 0
  #seqno = 0

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  async start(props: Props, context: SourceTaskContext): Promise<void> {
    this.#topic = props.topic
    this.#hasTwoSchemas = props['multiple.schema']?.toLowerCase() === 'true'
    this.#settings = reading('SchemaSourceTask', () => ({
      id: parseInteger(props.id),
      numMessages: parseLong(props['num.messages']),
      partitionCount: parseInteger(props['partition.count'] ?? '1'),
      throughput: parseLong(props.throughput),
    }))
    const { id, throughput } = this.#settings
    this.#throttle = new Throttle(throughput, this.#clock)
    const [offset] = await context.offsets([{ id }])
    this.#seqno = offset == null ? 0 : Number(offset.seqno) + 1
    this.#firstSeqno = this.#seqno
    context.logger.info(`${props.name}-${id} writes to topic ${this.#topic}, from seqno ${this.#seqno}`)
  }

  async poll(signal: AbortSignal): Promise<SourceRecord[] | null> {
    const throttle = this.#throttle as Throttle
    const count = this.#seqno - this.#firstSeqno
    const isDone = count >= this.#settings.numMessages
    if (isDone || throttle.isAhead(count)) await throttle.pause(signal)
    if (isDone || signal.aborted) return null
    const record = this.#record(this.#seqno, this.#hasTwoSchemas && count % 2 === 1)
    writeStandardOutput(`{"task": ${this.#settings.id}, "seqno": ${this.#seqno}}\n`)
    this.#seqno++
    return [record]
  }

  stop(): void {}

  #record(seqno: number, isSecond: boolean): SourceRecord {
    const { id, partitionCount } = this.#settings
    if (this.#topic === undefined) throw new ConnectError('Topic cannot be null: the key topic is missing')
    if (partitionCount === 0) throw new ConnectError('partition.count is 0: nothing can be divided by it')
    const first = [true, 12, 12, Math.fround(12.2), 12.2, seqno % partitionCount]
    const schema = isSecond ? VALUE_2 : VALUE
    return sourceRecord({
      sourcePartition: { id },
      sourceOffset: { seqno },
      topic: this.#topic,
      // Task 1 writes to partition 1: the topic needs as many as there are tasks.
      kafkaPartition: id,
      keySchema: STRING,
      key: 'key',
      valueSchema: schema,
      value: new Struct(schema, isSecond ? [...first, 'def', id, seqno] : [...first, id, seqno]),
    })
  }
}
