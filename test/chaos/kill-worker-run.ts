// Goal: whatever moment a standalone worker is killed at, every line of the file ends in the lake. Method: FileStreamSource -> topic ->
// lake sink under SIGKILLs at the points of kill-worker-plan.ts; each next worker goes on with the same offsets, topic and group; at
// the end DuckDB looks for every id. Duplicates are what at-least-once allows: counted, not forbidden. Main thread.
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ownBroker } from '../../scripts/kafka/broker.ts'
import { createTopic, offsets, WireConnection } from '../../scripts/kafka/wire.ts'
import { checkHealth, committed } from '../../scripts/quickstart/progress.ts'
import { startWorker, type WorkerProcess } from '../../scripts/sluice-worker.ts'
import { type KillPoint, plan, type Stage } from './kill-worker-plan.ts'
import { type Found, inLake, writeLines } from './lines.ts'

export interface ChaosOptions {
  kills: number
  records: number
  seed: number
  format: 'parquet' | 'json'
  say: (line: string) => void
}

export interface ChaosResult extends Found {
  /** more copies in the topic than lines in the file */
  duplicatesInTopic: number
  /** more rows in the lake than records in the topic */
  duplicatesInLake: number
  seconds: number
}

const SOURCE = 'chaos-source'
const SINK = 'chaos-sink'
const TOPIC = 'chaos'
const PARTITIONS = 4
const POLL_MS = 25
const STALL_MS = 90_000

function connectors(input: string, lake: string, options: ChaosOptions): Record<string, Record<string, string>> {
  return {
    [SOURCE]: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      file: input,
      topic: TOPIC,
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
    [SINK]: {
      'connector.class': 'io.sluice.connect.lake.LakeSinkConnector',
      'tasks.max': '2',
      topics: TOPIC,
      'store.url': lake,
      'format.class': options.format,
      'flush.size': String(Math.max(500, Math.floor(options.records / 200))),
      'rotate.schedule.interval.ms': '2000',
      timezone: 'UTC',
      // a killed member is thrown out after this long; until then its partitions wait
      'consumer.override.session.timeout.ms': '2000',
      'consumer.override.heartbeat.interval.ms': '500',
    },
  }
}

/** One run of the flow, one worker after another. */
class Flow {
  readonly options: ChaosOptions
  readonly folder: string
  readonly input: string
  readonly lake: string
  readonly connection: WireConnection
  readonly bootstrap: string

  constructor(options: ChaosOptions, folder: string, bootstrap: string, connection: WireConnection) {
    this.options = options
    this.folder = folder
    this.input = join(folder, 'input.jsonl')
    this.lake = join(folder, 'lake')
    this.bootstrap = bootstrap
    this.connection = connection
  }

  start(signal?: AbortSignal): Promise<WorkerProcess> {
    return startWorker({
      bootstrap: this.bootstrap,
      folder: join(this.folder, 'worker'),
      connectors: connectors(this.input, this.lake, this.options),
      // commits often, so that workers which live for a second get on
      worker: { 'offset.flush.interval.ms': '250', 'connector.client.config.override.policy': 'All' },
      ...(signal === undefined ? {} : { signal }),
    })
  }

  async inTopic(): Promise<number> {
    return (await offsets(this.connection, TOPIC)).reduce((sum, end) => sum + end, 0)
  }

  /** Starts a worker and kills it at the point; gives where the flow stood. */
  async lifeUntil(point: KillPoint): Promise<{ stage: Stage; topic: number; lake: number | null }> {
    if (point.stage === 'start') {
      await this.start(AbortSignal.timeout(point.after)).then(
        worker => worker.kill(),
        error => {
          if (!/aborted/.test((error as Error).message)) throw error
        },
      )
      return { stage: 'start', topic: await this.inTopic(), lake: null }
    }
    const worker = await this.start()
    try {
      let first: number | null = null
      await this.follow(worker, async () => (first = await committed(worker, SINK)) !== null)
      const inTopic = await this.inTopic()
      // a source that is through cannot be killed on its way
      const stage = point.stage === 'topic' && !(await this.isSourceDone(worker)) ? 'topic' : 'lake'
      const from = stage === 'topic' ? inTopic : (first ?? 0)
      const wanted = from + Math.max(1, (Math.max(this.options.records, inTopic) - from) * point.after)
      const position = () => (stage === 'topic' ? this.inTopic() : committed(worker, SINK))
      await this.follow(worker, async () => ((await position()) ?? 0) >= wanted || (await this.isDone(worker)))
      await delay(point.delayMs)
      return { stage, topic: await this.inTopic(), lake: (await committed(worker, SINK)) ?? first ?? 0 }
    } finally {
      await worker.kill()
    }
  }

  /** The source has committed the end of the file and the sink the end of the topic. */
  async isDone(worker: WorkerProcess): Promise<boolean> {
    return (await this.isSourceDone(worker)) && (await committed(worker, SINK)) === (await this.inTopic())
  }

  async isSourceDone(worker: WorkerProcess): Promise<boolean> {
    const { status, body } = await worker.rest<{ offsets: { offset: { position: number } }[] }>(`/connectors/${SOURCE}/offsets`)
    return status === 200 && body.offsets[0]?.offset.position === statSync(this.input).size
  }

  /** @throws when nothing moves for long, or a task failed */
  async follow(worker: WorkerProcess, done: () => Promise<boolean>): Promise<void> {
    let last = -1
    let lastChange = performance.now()
    while (!(await done())) {
      await checkHealth(worker, [SOURCE, SINK])
      const sum = (await this.inTopic()) + ((await committed(worker, SINK)) ?? 0)
      if (sum !== last) lastChange = performance.now()
      last = sum
      if (performance.now() - lastChange > STALL_MS) throw new Error(`nothing moves:\n${worker.logs().slice(-4000)}`)
      await delay(POLL_MS)
    }
  }

  async inspect(): Promise<Omit<ChaosResult, 'seconds'>> {
    const { records, format } = this.options
    const found = await inLake(this.lake, format, records)
    const topic = await this.inTopic()
    return { ...found, duplicatesInTopic: topic - records, duplicatesInLake: found.rows - topic }
  }
}

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const begin = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'))
  const kafka = await ownBroker({ config: { 'group.min.session.timeout.ms': '1000' } })
  try {
    const connection = await WireConnection.open(kafka.bootstrap)
    const flow = new Flow(options, folder, kafka.bootstrap, connection)
    await writeLines(flow.input, options.records)
    await createTopic(connection, TOPIC, { partitions: PARTITIONS })
    let kill = 0
    for (const point of plan(options.seed, options.kills)) {
      const at = await flow.lifeUntil(point)
      const safe = at.lake === null ? 'the worker starting' : `${at.lake} safe in the lake`
      options.say(`kill ${++kill}/${options.kills} (${at.stage}): ${at.topic} in the topic, ${safe}`)
    }
    const worker = await flow.start()
    try {
      await flow.follow(worker, () => flow.isDone(worker))
    } finally {
      await worker.stop()
    }
    const partial = globSync('**/*', { cwd: flow.lake, withFileTypes: true }).filter(
      entry => entry.isFile() && !/\.(parquet|json)$/.test(entry.name),
    )
    options.say(`${partial.length} unfinished files were left behind by the kills`)
    const found = await flow.inspect()
    connection.close()
    return { ...found, seconds: (performance.now() - begin) / 1000 }
  } finally {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
