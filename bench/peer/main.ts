// Question: how does Sluice compare with Java Connect on the same work, broker and machine? Method and pitfalls: bench/README.md.
// `npm run bench:peer -- --records 1000000 [--rounds 3] [--warmup 200000] [--cases json,string,source]`
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { broker } from '../../scripts/kafka/broker.ts'
import { KAFKA_VERSION } from '../../scripts/kafka/maven.ts'
import { createTopic, deleteTopic, produce, type TestRecord, WireConnection } from '../../scripts/kafka/wire.ts'
import { appendResult } from '../machine.ts'
import { cpuSecondsOf, peakRssMbOf } from '../process-cost.ts'
import { CASES, type Case, recordAt } from './cases.ts'
import { type ContenderName, createConnector, deleteConnector, startContender } from './contender.ts'
import { type Content, contentOf, fileProgress, follow, topicProgress } from './progress.ts'
import { type CaseResult, type Measured, printCase, summary } from './table.ts'

const PARTITIONS = 4
const SETTLE_MS = 1000

const { values: args } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '200000' },
    cases: { type: 'string', default: CASES.map(one => one.name).join(',') },
    keep: { type: 'boolean', default: false },
  },
})
const count = Number(args.records)
const rounds = Number(args.rounds)
const warmup = Number(args.warmup)
const chosen = CASES.filter(one => args.cases.split(',').includes(one.name))
if (!(count > 0 && rounds > 0 && warmup >= 0 && chosen.length > 0)) throw new Error('see the first lines of bench/peer/main.ts')

const folder = mkdtempSync(join(tmpdir(), 'sluice-peer-'))
const kafka = await broker()
const connection = await WireConnection.open(kafka.bootstrap)
const run = Date.now().toString(36)
const input = { measured: `peer-in-${run}`, warmup: `peer-warm-${run}` }
const lines = { measured: join(folder, 'lines.txt'), warmup: join(folder, 'warmup.txt') }

function* spread(from: number, size: number): Generator<TestRecord> {
  for (let i = 0; i < size; i++) yield { value: recordAt(from + i), key: null, partition: Math.floor(i / 500) % PARTITIONS }
}

function* fileText(from: number, size: number): Generator<string> {
  for (let i = from; i < from + size; i++) yield `${recordAt(i)}\n`
}

/** The same records once as topics (for the sinks) and once as files (for the source). */
async function fill(): Promise<void> {
  for (const which of ['measured', 'warmup'] as const) {
    const [from, size] = which === 'measured' ? [0, count] : [count, warmup]
    await createTopic(connection, input[which], { partitions: PARTITIONS })
    await produce(connection, input[which], spread(from, size))
    await pipeline(Readable.from(fileText(from, size)), createWriteStream(lines[which]))
  }
}

/** One worker process: warm up on other records, then the measured ones. */
async function measure(one: Case, name: ContenderName, round: number): Promise<Measured & { content: Content | null }> {
  const worker = await startContender(name, kafka.bootstrap)
  try {
    const part = async (which: 'warmup' | 'measured', size: number) => {
      const connector = `${one.name}-${which}-${run}-${name}-${round}`
      const output = one.kind === 'sink' ? join(folder, `${connector}.out`) : connector
      if (one.kind === 'source') await createTopic(connection, output, { partitions: PARTITIONS })
      const progress = one.kind === 'sink' ? fileProgress(output) : topicProgress(connection, output)
      const config = one.kind === 'sink' ? one.config(input[which], output) : one.config(output, lines[which])
      const cpuBefore = cpuSecondsOf(worker.pid)
      await createConnector(worker, connector, config)
      const timing = await follow(progress, size, worker.running)
      const cpuSeconds = cpuSecondsOf(worker.pid) - cpuBefore
      progress.close()
      await deleteConnector(worker, connector)
      const content = one.kind === 'sink' && which === 'measured' ? contentOf(output) : null
      if (one.kind === 'sink') rmSync(output)
      else await deleteTopic(connection, output)
      return { timing, cpuSeconds, content }
    }
    if (warmup > 0) await part('warmup', warmup)
    await delay(SETTLE_MS)
    const { timing, cpuSeconds, content } = await part('measured', count)
    const perSecond = timing.records / timing.seconds
    return { perSecond, cpuSeconds, peakRssMb: peakRssMbOf(worker.pid), firstSeconds: timing.firstSeconds, content }
  } catch (error) {
    throw new Error(`${name}, ${one.name}, round ${round}: ${(error as Error).message}\n${worker.logs().slice(-3000)}`, {
      cause: error,
    })
  } finally {
    await worker.stop()
  }
}

/** Same number of lines and bytes; the pass-through lines themselves too (a Java map prints its entries in hash order). */
function compare(one: Case, java: Content | null, sluice: Content | null): void {
  if (java === null || sluice === null) return
  const same = java.lines === sluice.lines && java.bytes === sluice.bytes && (one.name !== 'string' || java.sum === sluice.sum)
  if (!same) throw new Error(`${one.name}: outputs differ: java ${JSON.stringify(java)}, sluice ${JSON.stringify(sluice)}`)
}

async function runCase(one: Case): Promise<CaseResult> {
  const measured: Record<ContenderName, Measured[]> = { java: [], sluice: [] }
  for (let round = 1; round <= rounds; round++) {
    const order: ContenderName[] = round % 2 === 1 ? ['java', 'sluice'] : ['sluice', 'java']
    const contents: Record<ContenderName, Content | null> = { java: null, sluice: null }
    for (const name of order) {
      const { content, ...figures } = await measure(one, name, round)
      measured[name].push(figures)
      contents[name] = content
      console.log(
        `  round ${round} ${name.padEnd(6)} ${Math.round(figures.perSecond)} records/s, ${figures.cpuSeconds.toFixed(2)} CPU s`,
      )
    }
    compare(one, contents.java, contents.sluice)
  }
  return summary(one.name, one.title, measured.java, measured.sluice)
}

// others at work on the machine slow down the contender with more threads the most
const loadAtStart = Number((loadavg()[0] ?? 0).toFixed(2))
if (loadAtStart > availableParallelism() / 2)
  console.log(`WARNING: the machine is busy (load ${loadAtStart}): rates and ratios of this run mean little`)

try {
  console.log(
    `${count} records of about ${recordAt(count).length} bytes, ${PARTITIONS} partitions; ${rounds} rounds, each a fresh process that`,
  )
  console.log(
    `has done ${warmup} other records of the same case before the measured ones; Java Connect ${KAFKA_VERSION}; broker ${kafka.bootstrap}`,
  )
  await fill()
  const results: CaseResult[] = []
  for (const one of chosen) {
    console.log(`\n${one.title}`)
    const result = await runCase(one)
    printCase(result)
    results.push(result)
  }
  appendResult('peer', { records: count, rounds, warmup, kafka: KAFKA_VERSION, loadAtStart, cases: results })
} finally {
  connection.close()
  rmSync(folder, { recursive: true, force: true })
}
