// `npm run quickstart [-- --keep]`: 200,000 real flights go file -> Kafka -> Parquet through a real broker and a real worker, and
// DuckDB compares what arrived with the input. Exit code 0: equal. Main thread; the worker is a child process.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Broker, ownBroker, broker as sharedBroker } from './kafka/broker.ts'
import { createTopic, WireConnection } from './kafka/wire.ts'
import { SINK, SOURCE, sinkConfig, sourceConfig } from './quickstart/connectors.ts'
import { perHour, readFlights, writeLines } from './quickstart/flights.ts'
import { differences, lakePerHour, parquetFiles, printTable } from './quickstart/lake.ts'
import { follow } from './quickstart/progress.ts'
import { startWorker, type WorkerProcess } from './sluice-worker.ts'

const PARTITIONS = 4

const { values: args } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const lake = resolve('lake')
const folder = mkdtempSync(join(tmpdir(), 'sluice-quickstart-'))
const running: { kafka?: Broker; worker?: WorkerProcess } = {}
let ending = false

/** Once: worker, then broker, then the temporary files. The lake stays. */
async function end(code: number): Promise<never> {
  if (ending) return new Promise(() => {})
  ending = true
  await running.worker?.stop()
  await running.kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (ending) process.exit(130)
    console.log('\nstopping ...')
    void end(130)
  })

function printCalls(url: string): void {
  const calls = [
    `curl -s "${url}/connectors?expand=status"`,
    `curl -s ${url}/connectors/${SINK}/config`,
    `curl -s ${url}/connectors/${SINK}/offsets`,
    `curl -s -X PUT ${url}/connectors/${SINK}/pause`,
    `curl -s ${url}/connector-plugins`,
    `curl -s ${url}/metrics`,
  ]
  console.log(
    `\nREST calls to try${args.keep ? '' : ' (with `npm run quickstart -- --keep`, which leaves broker and worker running)'}:`,
  )
  for (const call of calls) console.log(`  ${call}`)
}

async function run(): Promise<number> {
  const begin = performance.now()
  const flights = await readFlights()
  const input = join(folder, 'flights.jsonl')
  await writeLines(flights, input)

  // a broker of the reader's may know the topic of an earlier run
  const given = process.env.KAFKA_BOOTSTRAP !== undefined
  const topic = given ? `flights-${Date.now().toString(36)}` : 'flights'
  console.log(given ? `Kafka broker: ${process.env.KAFKA_BOOTSTRAP}` : 'starting a Kafka broker ...')
  const kafka = given ? await sharedBroker() : await ownBroker()
  running.kafka = kafka
  const connection = await WireConnection.open(kafka.bootstrap)
  await createTopic(connection, topic, { partitions: PARTITIONS })

  rmSync(join(lake, topic), { recursive: true, force: true })
  const connectors = { [SOURCE]: sourceConfig(input, topic), [SINK]: sinkConfig(topic, lake) }
  console.log(`starting a standalone worker: ${SOURCE} and ${SINK} ...`)
  const worker = await startWorker({ bootstrap: kafka.bootstrap, connectors, folder: join(folder, 'worker'), port: 8083 })
  running.worker = worker
  const seconds = await follow({ worker, connection, topic, source: SOURCE, sink: SINK, expected: flights.length })
  connection.close()

  const wanted = perHour(flights)
  const found = await lakePerHour(join(lake, topic))
  const files = parquetFiles(join(lake, topic))
  console.log(`\nDuckDB reads ${files.length} Parquet files in ${relative('.', join(lake, topic)) || '.'}:\n`)
  printTable(found)
  const total = found.reduce((sum, hour) => sum + hour.flights, 0)
  const wrong = differences(wanted, found)
  if (wrong.length > 0) {
    console.error(`\nNOT EQUAL: ${total} flights in the lake, ${flights.length} in the input.\n  ${wrong.join('\n  ')}`)
    return 1
  }
  console.log(
    `\n${total} = ${flights.length} flights, and the sums of delay, distance and time are equal in each hour of the day.`,
  )
  console.log(`File to Kafka to lake in ${seconds.toFixed(1)} s; ${((performance.now() - begin) / 1000).toFixed(1)} s in all.`)
  printCalls(worker.url)
  return 0
}

try {
  const code = await run()
  if (!args.keep) await end(code)
  console.log(`\nbroker ${running.kafka?.bootstrap}, worker ${running.worker?.url}; Ctrl-C stops both`)
  // the children do not keep this process alive
  setInterval(() => {}, 60_000)
} catch (error) {
  if (!ending) console.error(`\n${(error as Error).message}`)
  await end(1)
}
