// The progress line of the quickstart: rewritten on a terminal, else one line a second. Main thread of the quickstart.
import { setTimeout as delay } from 'node:timers/promises'
import { offsets, type WireConnection } from '../kafka/wire.ts'
import type { WorkerProcess } from '../sluice-worker.ts'

const POLL_MS = 100
const STALL_MS = 45_000

interface Status {
  connector: { state: string; trace?: string }
  tasks: { id: number; state: string; trace?: string }[]
}

/** @throws with the trace when a connector or task failed, or the worker ended */
export async function checkHealth(worker: WorkerProcess, connectors: readonly string[]): Promise<void> {
  if (!worker.running()) throw new Error(`the worker ended with ${await worker.exited}:\n${worker.logs().slice(-3000)}`)
  for (const name of connectors) {
    const { status, body } = await worker.rest<Status>(`/connectors/${name}/status`)
    if (status !== 200) continue // not there yet
    for (const part of [body.connector, ...body.tasks])
      if (part.state === 'FAILED') throw new Error(`${name} failed:\n${part.trace ?? ''}`)
  }
}

/** Records of a sink that are durable in its lake: the offsets it committed; null while the worker cannot tell. */
export async function committed(worker: WorkerProcess, connector: string, topic?: string): Promise<number | null> {
  interface Entry {
    partition: { kafka_topic: string }
    offset: { kafka_offset: number }
  }
  const { status, body } = await worker.rest<{ offsets: Entry[] }>(`/connectors/${connector}/offsets`)
  if (status !== 200) return null
  // A broker of the user's may remember earlier runs, with other topics.
  const own = body.offsets.filter(one => topic === undefined || one.partition.kafka_topic === topic)
  return own.reduce((sum, one) => sum + Number(one.offset.kafka_offset), 0)
}

async function put(worker: WorkerProcess): Promise<number> {
  const { body } = await worker.rest<string>('/metrics')
  const lines = String(body).matchAll(/^kafka_connect_\S*sink_record_send_total(?:\{[^}]*\})? ([\d.e+]+)/gm)
  return [...lines].reduce((sum, match) => sum + Number(match[1]), 0)
}

function print(text: string, last: boolean): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}${last ? '\n' : ''}`)
  else console.log(text)
}

const thousands = (value: number) => Math.round(value).toLocaleString('en-US')

export interface Flow {
  readonly worker: WorkerProcess
  readonly connection: WireConnection
  readonly topic: string
  readonly source: string
  readonly sink: string
  readonly expected: number
}

/** Follows the flow until all is committed by the sink; gives the seconds it took. */
export async function follow(flow: Flow): Promise<number> {
  const begin = performance.now()
  let printed = 0
  let lastTime = begin
  let lastPut = 0
  let lastSum = 0
  let lastChange = begin
  for (;;) {
    await checkHealth(flow.worker, [flow.source, flow.sink])
    const produced = (await offsets(flow.connection, flow.topic)).reduce((sum, end) => sum + end, 0)
    const [given, durable] = [await put(flow.worker), (await committed(flow.worker, flow.sink, flow.topic)) ?? 0]
    const now = performance.now()
    const done = durable >= flow.expected && produced >= flow.expected
    if (done || process.stdout.isTTY || now - printed > 1000) {
      const rate = ((given - lastPut) / (now - lastTime)) * 1000
      const speed = done ? '' : `   ${thousands(rate)} records/s`
      // The second task joins the group a moment after the first: what was put and not safe yet is read again.
      const again = given > flow.expected ? ' (some read again after a rebalance)' : ''
      print(
        `file -> Kafka ${thousands(produced)}   Kafka -> lake ${thousands(given)}${again}, safe ${thousands(durable)}${speed}`,
        done,
      )
      printed = now
      lastTime = now
      lastPut = given
    }
    if (done) return (now - begin) / 1000
    if (produced + given + durable !== lastSum) lastChange = now
    lastSum = produced + given + durable
    if (now - lastChange > STALL_MS)
      throw new Error(`nothing moved for ${STALL_MS / 1000} s:\n${flow.worker.logs().slice(-3000)}`)
    await delay(POLL_MS)
  }
}
