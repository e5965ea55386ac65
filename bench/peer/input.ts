// What the contenders read: the same records as topics (for the sinks) and as files (for the source), some to warm up and those that are
// measured. Main thread of the benches against Java.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broker } from '../../scripts/kafka/broker.ts'
import { deleteTopic, WireConnection } from '../../scripts/kafka/wire.ts'
import { type Dataset, flights, generated } from '../records.ts'
import { BLOCK_RECORDS, fillTopic } from '../topic.ts'

export type Part = 'warmup' | 'measured'

export interface Bench {
  readonly bootstrap: string
  readonly connection: WireConnection
  /** for outputs; removed at the end */
  readonly folder: string
  /** in the names of topics and connectors */
  readonly run: string
  close(): void
}

export async function openBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const { bootstrap } = await broker()
  const connection = await WireConnection.open(bootstrap)
  return {
    bootstrap,
    connection,
    folder,
    run: Date.now().toString(36),
    close() {
      connection.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface Input {
  readonly dataset: Dataset
  readonly partitions: number
  readonly bytesPerRecord: number
  readonly topic: Readonly<Record<Part, string>>
  readonly file: Readonly<Record<Part, string>>
  readonly size: Readonly<Record<Part, number>>
}

export function datasetsOf(data: string, sizes: string): Dataset[] {
  return data.split(',').flatMap(name => {
    if (name === 'flights') return [flights]
    if (name === 'generated') return sizes.split(',').map(size => generated(Number(size)))
    throw new Error(`--data: generated, flights or both, not ${name}`)
  })
}

/** Every partition gets the same number of records. */
const evenly = (records: number, partitions: number) =>
  Math.ceil(records / (BLOCK_RECORDS * partitions)) * BLOCK_RECORDS * partitions

export async function makeInput(
  bench: Bench,
  dataset: Dataset,
  partitions: number,
  wanted: Readonly<Record<Part, number>>,
): Promise<Input> {
  const name = `bench-${bench.run}-${dataset.title.replace(/\W/g, '')}-${partitions}`
  const of = <T>(make: (part: Part) => T): Record<Part, T> => ({ warmup: make('warmup'), measured: make('measured') })
  const size = of(part => evenly(wanted[part], partitions))
  const topic = of(part => `${name}-${part}`)
  const file = of(part => join(bench.folder, `${topic[part]}.txt`))
  for (const part of ['measured', 'warmup'] as const) {
    await dataset.write(file[part], part === 'measured' ? 0 : size.measured, size[part])
    await fillTopic(bench.connection, bench.bootstrap, topic[part], partitions, file[part])
  }
  const bytesPerRecord = statSync(file.measured).size / size.measured - 1
  return { dataset, partitions, bytesPerRecord, topic, file, size }
}

/** A run over many inputs needs room for one of them only. */
export async function removeInput({ connection }: Bench, { topic, file }: Input): Promise<void> {
  for (const part of ['measured', 'warmup'] as const) {
    await deleteTopic(connection, topic[part])
    rmSync(file[part])
  }
}
