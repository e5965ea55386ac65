// A sink that takes everything and keeps nothing: the floor of what a sink path costs. Each task keeps its count of records in 8 bytes of
// `count.file`, for whoever follows it. Task thread; loaded through plugin.path by the benches.
import { closeSync, openSync, writeSync } from 'node:fs'
import { defineConfig, type Plugin, type Props, type SinkRecord, type SinkTask } from '../../src/api/index.ts'
import type { ColumnBatch } from '../../src/data/columns.ts'

const config = defineConfig({ 'count.file': { type: 'string', importance: 'high', doc: 'Where tasks keep their counts.' } })

class BlackholeTask implements SinkTask {
  readonly #cell = new Float64Array(1)
  readonly #bytes = new Uint8Array(this.#cell.buffer)
  #fd = -1
  #position = 0

  start(props: Props): void {
    this.#fd = openSync(config.parse(props)['count.file'], 'r+')
    this.#position = 8 * Number(props['task.number'])
  }

  put(records: readonly SinkRecord[]): void {
    this.#count(records.length)
  }

  putColumns(batch: ColumnBatch): void {
    this.#count(batch.count)
  }

  stop(): void {
    closeSync(this.#fd)
  }

  #count(records: number): void {
    this.#cell[0] = (this.#cell[0] ?? 0) + records
    writeSync(this.#fd, this.#bytes, 0, 8, this.#position)
  }
}

function connector() {
  let props: Props = {}
  return {
    start(started: Props) {
      props = started
    },
    taskConfigs: (max: number) => Array.from({ length: max }, (_, i) => ({ ...props, 'task.number': String(i) })),
    stop() {},
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.sluice.bench.BlackholeSinkConnector',
    taskClass: 'io.sluice.bench.BlackholeSinkTask',
    aliases: ['BlackholeSink'],
    version: '0.1.0',
    config,
    connector,
    task: () => new BlackholeTask(),
  },
]
