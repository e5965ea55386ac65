// Question: what does a record cost in the file connectors and in the formats of the lake sink: JSON lines and Parquet?
// Method: 100,000 records of 7 fields (about 150 bytes as JSON), parsed beforehand as the converter leaves them; CPU ns a record, the
// best of 4 rounds, threads of the pool (gzip, zstd, file reads) included. The file source reads lines of 150 bytes from the page
// cache. Wrong if strings are shared between rounds in a way that a topic's are not (Parquet's dictionaries hash each string anew in
// life: the rounds parse anew, outside the clock), or if another process takes the core's cache.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_HEADERS, SinkRecord } from '../../src/api/index.ts'
import { silentLogger } from '../../src/base/log.ts'
import { FileSinkTask } from '../../src/connectors/file-sink/task.ts'
import { FileSourceTask } from '../../src/connectors/file-source/task.ts'
import type { FileFormat } from '../../src/kit/formats/format.ts'
import { jsonLinesFormat } from '../../src/kit/formats/json-lines.ts'
import { parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'

const COUNT = 100_000
const ROUNDS = 4
const CITIES = ['Springfield', 'Riverside', 'Fairview', 'Greenville', 'Salem']
const payload = (i: number): string =>
  `{"id":${100_000 + i},"name":"customer-${(i * 7919) % 1_000_003}","city":"${CITIES[i % 5]} ${i % 97}","amount":${(i % 997) + 0.37},` +
  `"count":${i % 100},"active":${i % 2 === 0},"note":"some text of a record here ${i * 31}, fine"}`
const texts = Array.from({ length: COUNT }, (_, i) => payload(i))

const record = (value: unknown, i: number): SinkRecord =>
  new SinkRecord('t', 0, null, null, null, value, i, 0, 'CreateTime', NO_HEADERS, 't', 0, i)
const parsed = (): SinkRecord[] => texts.map((text, i) => record(JSON.parse(text), i))
const strings = (): SinkRecord[] => texts.map((text, i) => record(Buffer.from(text).toString(), i))

async function measure(
  name: string,
  prepare: () => SinkRecord[],
  run: (records: SinkRecord[]) => Promise<number> | number,
): Promise<void> {
  let best = Number.POSITIVE_INFINITY
  let wall = Number.POSITIVE_INFINITY
  let size = 0
  for (let round = 0; round < ROUNDS; round++) {
    const records = prepare()
    const before = process.cpuUsage()
    const from = performance.now()
    size = await run(records)
    const { user, system } = process.cpuUsage(before)
    wall = Math.min(wall, ((performance.now() - from) * 1e6) / COUNT)
    best = Math.min(best, ((user + system) * 1000) / COUNT)
  }
  const rate = (1000 / best).toFixed(2).padStart(6)
  console.log(
    `${name.padEnd(34)} ${best.toFixed(0).padStart(6)} ns CPU, ${wall.toFixed(0).padStart(6)} ns wall, ${rate} M/s of CPU, ${(size / COUNT).toFixed(0)} B`,
  )
}

const file =
  (format: FileFormat, doesEncode = true) =>
  async (records: SinkRecord[]): Promise<number> => {
    const encoder = format.open('t')
    for (const one of records) encoder.append(one)
    if (!doesEncode) return encoder.bytes
    let bytes = 0
    await encoder.encode(async piece => {
      bytes += piece.length
    })
    return bytes
  }

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
try {
  const json = { compressionLevel: -1, decimals: 'BASE64' } as const
  await measure('JSON lines, append only', parsed, file(jsonLinesFormat({ ...json, compression: 'none' }), false))
  await measure('JSON lines', parsed, file(jsonLinesFormat({ ...json, compression: 'none' })))
  await measure('JSON lines, zstd', parsed, file(jsonLinesFormat({ ...json, compression: 'zstd' })))
  await measure('JSON lines, gzip', parsed, file(jsonLinesFormat({ ...json, compression: 'gzip' })))
  await measure('Parquet, append only', parsed, file(parquetFormat({ codec: 'snappy' }), false))
  for (const codec of ['none', 'snappy', 'zstd', 'gzip'] as const) {
    await measure(`Parquet, ${codec}`, parsed, file(parquetFormat({ codec })))
  }
  await measure(
    'JSON.parse + Parquet, snappy',
    () => [],
    async () => file(parquetFormat({ codec: 'snappy' }))(parsed()),
  )

  for (const [name, prepare] of [
    ['file sink, strings', strings],
    ['file sink, maps', parsed],
  ] as const) {
    const path = join(folder, 'out.txt')
    await measure(name, prepare, async records => {
      const task = new FileSinkTask()
      const context = {
        logger: silentLogger,
        assignment: [],
        errantRecordReporter: null,
        offset() {},
        timeout() {},
        pause() {},
        resume() {},
        requestCommit() {},
        bufferBytesMax: Number.POSITIVE_INFINITY,
        reportBufferedBytes() {},
      }
      await task.start({ file: path }, context)
      for (let i = 0; i < records.length; i += 500) await task.put(records.slice(i, i + 500))
      await task.flush()
      await task.stop()
      return 0
    })
    rmSync(path, { force: true })
  }

  for (const [name, letter] of [
    ['file source, ASCII lines', 'x'],
    ['file source, other lines', 'ü'],
  ] as const) {
    const path = join(folder, 'in.txt')
    writeFileSync(path, texts.map(text => `${text.replace('note', `no${letter}e`)}\n`).join(''))
    await measure(
      name,
      () => [],
      async () => {
        const task = new FileSourceTask()
        await task.start({ file: path, topic: 't' }, { logger: silentLogger, offsets: async () => [null], transactions: null })
        const signal = new AbortController().signal
        let lines = 0
        while (lines < COUNT) lines += (await task.poll(signal))?.length ?? 0
        await task.stop()
        return 0
      },
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
