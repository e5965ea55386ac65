// Contenders that only read a topic, without a worker: Java's ConsumerPerformance, and our fetcher with its index of records. Each a process
// that reads another topic first. Run as `node readers.ts <bootstrap> <topic> <records> ...` this file is our reader: it prints one line of JSON.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { javaCommand } from '../../scripts/kafka/java.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Fetcher } from '../../src/kafka/fetcher.ts'
import { connected } from '../topic.ts'
import type { Measured } from './table.ts'
import type { Peer, Run } from './workers.ts'

const METERED = new URL('../java/MeteredConsumer.java', import.meta.url)
/** as kafka-consumer-perf-test.sh gives them */
const JVM = ['-Xmx512M', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']
const TIMEOUT_MS = 600_000

interface Reading {
  readonly records: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRssMb: number
}

async function outputOf(command: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(command, args, { timeout: TIMEOUT_MS, maxBuffer: 1 << 24 })
  return stdout.trim().split('\n')
}

function measuredOf({ records, seconds, cpuSeconds, peakRssMb }: Reading, run: Run): Measured {
  const perSecond = records / seconds
  return {
    perSecond,
    mbPerSecond: (perSecond * run.input.bytesPerRecord) / 1e6,
    cpuPerMillion: cpuSeconds / (records / 1e6),
    serverCpuPerMillion: null,
    peakRssMb,
    firstSeconds: null,
    putAvgMs: null,
    putP99Ms: null,
    putMaxMs: null,
    commitAvgMs: null,
    commitP99Ms: null,
    commitMaxMs: null,
  }
}

/** A line of ConsumerPerformance: start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s */
function reported(line = ''): { records: number; fetchMs: number } {
  const [, , , , records = Number.NaN, , , fetchMs = Number.NaN] = line.split(', ').map(Number)
  return { records, fetchMs }
}

/** Less what a run over one record takes: start and first fetch are not reading. */
export const consumerPerformance: Peer = {
  label: 'Java ConsumerPerformance',
  async measure(run) {
    const { topic, size } = run.input
    const args = [run.bench.bootstrap, topic.warmup, String(size.warmup), topic.measured, String(size.measured)]
    const [java = '', ...rest] = await javaCommand(METERED, args, JVM)
    const lines = await outputOf(java, rest)
    const [first, all] = [reported(lines.at(-3)), reported(lines.at(-2))]
    const cost = JSON.parse(lines.at(-1) ?? '') as Pick<Reading, 'cpuSeconds' | 'peakRssMb'>
    const reading = { records: all.records - first.records, seconds: (all.fetchMs - first.fetchMs) / 1000, ...cost }
    if (!(reading.seconds > 0 && reading.cpuSeconds > 0))
      throw new Error('too few records: reading them took no longer than reading one')
    return { measured: measuredOf(reading, run), facts: { rows: all.records } }
  },
}

export const fetchAndIndex: Peer = {
  label: 'Sluice, fetch and index',
  async measure(run) {
    const { topic, size, partitions } = run.input
    const warmup = size.warmup > 0 ? [topic.warmup, String(size.warmup)] : []
    const args = [run.bench.bootstrap, String(partitions), ...warmup, topic.measured, String(size.measured)]
    const lines = await outputOf(process.execPath, [
      '--disable-warning=TimeoutNegativeWarning',
      fileURLToPath(import.meta.url),
      ...args,
    ])
    const reading = JSON.parse(lines.at(-1) ?? '') as Reading
    return { measured: measuredOf(reading, run), facts: { rows: reading.records } }
  },
}

/** Timed from the first records on: warming a connection is not reading. */
async function read(bootstrap: string, partitions: number, topic: string, records: number): Promise<Reading> {
  const cluster = await connected(bootstrap)
  await cluster.refresh([topic])
  let count = 0
  let startMs = 0
  let startCpu = process.cpuUsage()
  return new Promise((resolve, reject) => {
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
      deliver(batch) {
        if (count === 0) {
          startMs = performance.now()
          startCpu = process.cpuUsage()
        }
        count += batch.count
        if (count < records) return
        const { user, system } = process.cpuUsage(startCpu)
        const seconds = (performance.now() - startMs) / 1000
        resolve({ records: count, seconds, cpuSeconds: (user + system) / 1e6, peakRssMb: process.resourceUsage().maxRSS / 1024 })
      },
      mayFetch: () => count < records,
      onError: reject,
    })
    fetcher.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0, epoch: 1 })))
    fetcher.start()
  })
}

if (import.meta.main) {
  const [bootstrap = '', partitions = '1', ...topics] = process.argv.slice(2)
  for (let i = 0; i < topics.length; i += 2) {
    const reading = await read(bootstrap, Number(partitions), topics[i] ?? '', Number(topics[i + 1]))
    if (i === topics.length - 2) process.stdout.write(`${JSON.stringify(reading)}\n`, () => process.exit(0))
  }
}
