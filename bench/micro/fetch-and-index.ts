// Question: how fast does the Fetcher read from a real broker, every checksum checked and every record's key, value and headers found,
// against kafkajs's eachBatch and Java's ConsumerPerformance?
// Method: a topic of 4 partitions with 16 KB batches of 174-byte JSON records, not compressed, filled once by our own builder. Each reader is a
// fresh process with default fetch sizes; rounds alternate. Ours and kafkajs are timed from the first records to the last; Java by what it
// reports without its rebalance (fetch.nMsg.sec), its CPU less that of a run over one record. Median of the rounds.
// What would make the numbers wrong: the broker shares the machine, so with few cores the records/s of the fastest reader are the broker's,
// and CPU is the fairer figure; another busy process; kafkajs checks no checksum here, Java does; the JIT of each warms up in its own time.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { broker } from '../../scripts/kafka/broker.ts'
import { classpath } from '../../scripts/kafka/java.ts'
import { requireJava } from '../../scripts/kafka/maven.ts'
import { createTopic, WireConnection } from '../../scripts/kafka/wire.ts'
import { appendResult } from '../machine.ts'
import { cpuSecondsOf } from '../process-cost.ts'
import { fill, PARTITIONS, type Reading } from './fetch-and-index-data.ts'

const { values } = parseArgs({
  strict: false,
  options: { records: { type: 'string', default: '2000000' }, rounds: { type: 'string', default: '3' } },
})
const RECORDS = Number(values.records)
const ROUNDS = Number(values.rounds)
const EXPECTED_PER_SECOND = 2_000_000
const READERS = ['sluice', 'kafkajs', 'java'] as const
type Reader = (typeof READERS)[number]

interface Run {
  readonly out: string
  readonly cpuSeconds: number
}

/** @param watched CPU is looked at from outside, which costs some itself */
function run(command: string, args: readonly string[], watched: boolean): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const texts = { out: '', err: '' }
    let cpuSeconds = 0
    const look = () => {
      cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(child.pid ?? 0))
    }
    const watch = watched ? setInterval(look, 100) : undefined
    child.stdout.on('data', chunk => (texts.out += chunk))
    child.stderr.on('data', chunk => (texts.err += chunk))
    child.on('close', code => {
      clearInterval(watch)
      if (code === 0) resolve({ out: texts.out, cpuSeconds })
      else reject(new Error(`${command} ended with ${code}:\n${texts.err.slice(-2000)}`))
    })
  })
}

async function runNode(reader: Reader, topic: string): Promise<Reading> {
  const file = fileURLToPath(new URL('fetch-and-index-data.ts', import.meta.url))
  const { out } = await run(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', file, reader, bootstrap, topic, String(RECORDS)],
    false,
  )
  return JSON.parse(out) as Reading
}

async function runJava(topic: string, records: number): Promise<Run> {
  const args = ['-cp', libraries, 'org.apache.kafka.tools.ConsumerPerformance', '--bootstrap-server', bootstrap]
  return run(java, [...args, '--topic', topic, '--num-records', String(records), '--hide-header'], true)
}

/** start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s */
async function measureJava(topic: string, startCpuSeconds: number): Promise<Reading> {
  const { out, cpuSeconds } = await runJava(topic, RECORDS)
  const fields = (out.trim().split('\n').at(-1) ?? '').split(', ').map(Number)
  const [records = 0, fetchMs = 0] = [fields[4], fields[7]]
  return { records, seconds: fetchMs / 1000, cpuSeconds: cpuSeconds - startCpuSeconds }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

const [java, libraries, { bootstrap }] = [requireJava(), await classpath(), await broker()]
const topic = `fetch-and-index-${process.pid}`
const connection = await WireConnection.open(bootstrap)
await createTopic(connection, topic, { partitions: PARTITIONS })
connection.close()
const counts = await fill(bootstrap, topic, RECORDS)
console.log(`${RECORDS} records in ${counts.length} partitions, ${ROUNDS} rounds`)
const { cpuSeconds: startCpuSeconds } = await runJava(topic, 1)

const readings: Record<Reader, Reading[]> = { sluice: [], kafkajs: [], java: [] }
for (let round = 0; round < ROUNDS; round++)
  for (const reader of READERS)
    readings[reader].push(reader === 'java' ? await measureJava(topic, startCpuSeconds) : await runNode(reader, topic))

const summary = READERS.map(reader => {
  const perSecond = readings[reader].map(r => r.records / r.seconds)
  const cpuNs = readings[reader].map(r => (r.cpuSeconds * 1e9) / r.records)
  return { reader, perSecond: median(perSecond), low: Math.min(...perSecond), high: Math.max(...perSecond), cpuNs: median(cpuNs) }
})
const ours = summary[0]
for (const { reader, perSecond, low, high, cpuNs } of summary) {
  const millions = (n: number) => (n / 1e6).toFixed(2)
  const rate = `${millions(perSecond)} M rec/s (${millions(low)} to ${millions(high)})`
  const ratios = `rate ${((ours?.perSecond ?? 0) / perSecond).toFixed(2)}x, CPU ${(cpuNs / (ours?.cpuNs ?? 0)).toFixed(2)}x`
  console.log(`${reader.padEnd(8)} ${rate.padEnd(34)} ${cpuNs.toFixed(0).padStart(6)} cpu-ns/rec   ours is better by: ${ratios}`)
}
console.log(
  `expected of ours: at least ${EXPECTED_PER_SECOND / 1e6} M rec/s: ${(ours?.perSecond ?? 0) >= EXPECTED_PER_SECOND ? 'yes' : 'NO'}`,
)
appendResult('fetch-and-index', { records: RECORDS, rounds: ROUNDS, summary })
process.exit(0)
