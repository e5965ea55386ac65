// VerifiableSource's task: numbers in a row, each printed as a JSON line before it is handed over and again once it is acknowledged, so that
// a test sees from outside what was sent. One instance a task thread. Java: org.apache.kafka.connect.tools.VerifiableSourceTask.
import {
  INT32,
  INT64,
  type Props,
  type Schema,
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
import { jsonText } from '../../kit/formats/json-text.ts'
import { badLineText, type Line, lineText, valueText } from './json-line.ts'
import { parseInteger, parseLong, reading } from './numbers.ts'
import { Throttle } from './throttle.ts'

const COMPLETE_VALUE = structOf({ name: STRING, task: INT32, topic: STRING, time_ms: INT64, seqno: INT64 })

export class VerifiableSourceTask implements SourceTask {
  readonly #clock: Clock
  readonly #print: (text: string) => void
  #name = ''
  #id = 0
  #topic: string | undefined
  #isComplete = false
  #throttle: Throttle | null = null
  #firstSeqno = 0
  #seqno = 0

  constructor(clock: Clock = systemClock, print = writeStandardOutput) {
    this.#clock = clock
    this.#print = print
  }

  async start(props: Props, context: SourceTaskContext): Promise<void> {
    this.#name = props.name ?? ''
    this.#topic = props.topic
    const { id, throughput } = reading('VerifiableSourceTask', () => ({
      id: parseInteger(props.id),
      throughput: parseLong(props.throughput),
    }))
    this.#id = id
    const [offset] = await context.offsets([{ id }])
    this.#seqno = offset == null ? 0 : Number(offset.seqno) + 1
    this.#firstSeqno = this.#seqno
    this.#throttle = new Throttle(throughput, this.#clock)
    this.#isComplete = props['complete.record.data']?.toLowerCase() === 'true'
    context.logger.info(`${this.#name}-${id} writes to topic ${this.#topic}, from seqno ${this.#seqno}`)
  }

  async poll(signal: AbortSignal): Promise<SourceRecord[] | null> {
    if (this.#throttle?.isAhead(this.#seqno - this.#firstSeqno)) await this.#throttle.pause(signal)
    if (signal.aborted) return null
    const topic = this.#topic
    const timeMs = this.#clock.now()
    const seqno = this.#seqno
    this.#print(lineText(this.#line(timeMs, String(seqno))))
    if (topic === undefined) throw new ConnectError('Topic cannot be null: the key topic is missing')
    const [schema, value]: [Schema, unknown] = this.#isComplete
      ? [COMPLETE_VALUE, new Struct(COMPLETE_VALUE, [this.#name, this.#id, topic, timeMs, seqno])]
      : [INT64, seqno]
    this.#seqno++
    return [
      sourceRecord({
        sourcePartition: { id: this.#id },
        sourceOffset: { seqno },
        topic,
        keySchema: INT32,
        key: this.#id,
        valueSchema: schema,
        value,
      }),
    ]
  }

  commitRecord(record: SourceRecord): void {
    try {
      const seqno = valueText('seqno', record.value, record.valueSchema)
      this.#print(lineText({ ...this.#line(this.#clock.now(), seqno), committed: 'true' }))
    } catch (error) {
      this.#print(badLineText(error))
    }
  }

  stop(): void {}

  #line(timeMs: number, seqno: string): Line {
    return {
      task: String(this.#id),
      seqno,
      time_ms: String(timeMs),
      name: jsonText(this.#name, null, 'NUMERIC'),
      topic: jsonText(this.#topic ?? null, null, 'NUMERIC'),
    }
  }
}
