// How scripts/golden.ts records this folder: the MBeans of a Java standalone worker with a source and a sink task, on a broker of its own,
// by domain, type, names of tags and attributes; and of a distributed one with exactly-once sources those of Connect itself.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { GoldenRecorder } from '../../../scripts/golden.ts'
import { ownBroker } from '../../../scripts/kafka/broker.ts'
import { javaCommand } from '../../../scripts/kafka/java.ts'
import { startWorker, type WorkerProcess } from '../../../scripts/sluice-worker.ts'
import { createTopic } from '../../support/topics.ts'

interface Bean {
  readonly domain: string
  readonly type: string
  readonly tags: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, string>>
}

/** One kind of bean: those of equal domain, type and tag names are one. */
export interface BeanKind {
  readonly domain: string
  readonly type: string
  readonly tags: readonly string[]
  readonly attributes: readonly string[]
}

/** Three records through a Java worker that starts. */
const FLOW_MS_MAX = 180_000
const TOPIC = 'golden-metrics'
const TRANSFORMS = 'org.apache.kafka.connect.transforms'

function connectors(folder: string): Record<string, Record<string, string>> {
  const chain = {
    transforms: 'mark',
    'transforms.mark.type': `${TRANSFORMS}.InsertHeader`,
    'transforms.mark.header': 'h',
    'transforms.mark.value.literal': 'v',
    'transforms.mark.predicate': 'named',
    predicates: 'named',
    'predicates.named.type': `${TRANSFORMS}.predicates.TopicNameMatches`,
    'predicates.named.pattern': '.*',
  }
  return {
    source: { 'connector.class': 'FileStreamSource', file: join(folder, 'in.txt'), topic: TOPIC, ...chain },
    sink: {
      'connector.class': 'FileStreamSink',
      file: join(folder, 'out.txt'),
      topics: TOPIC,
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': `${TOPIC}-dead`,
      'errors.deadletterqueue.topic.replication.factor': '1',
      ...chain,
    },
  }
}

type Mode = 'Standalone' | 'Distributed'

const CLUSTER = {
  'group.id': 'golden-metrics',
  'exactly.once.source.support': 'enabled',
  'offset.storage.partitions': '1',
  'status.storage.partitions': '1',
  ...Object.fromEntries(
    ['config', 'offset', 'status'].flatMap(name => [
      [`${name}.storage.topic`, `golden-metrics-${name}`],
      [`${name}.storage.replication.factor`, '1'],
    ]),
  ),
}

/** What a worker says of itself after some records, a commit and a while. */
async function beansOf(mode: Mode, folder: string): Promise<Bean[]> {
  const broker = await ownBroker()
  // A consumer that finds no topic looks again after metadata.max.age.ms, five minutes.
  await createTopic(broker.bootstrap, TOPIC)
  const file = join(folder, 'beans.json')
  writeFileSync(join(folder, 'in.txt'), 'a\nb\nc\n')
  const command = await javaCommand(new URL('MBeans.java', import.meta.url), [], ['-Xmx512m', `-Dmbeans.file=${file}`, `-Dmbeans.of=${mode}`])
  const worker = await startWorker({
    bootstrap: broker.bootstrap,
    worker: { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter', ...(mode === 'Distributed' ? CLUSTER : {}) },
    connectors: mode === 'Standalone' ? connectors(folder) : {},
    command,
  })
  try {
    if (mode === 'Distributed') await createAll(worker, connectors(folder))
    const output = join(folder, 'out.txt')
    const endMs = performance.now() + FLOW_MS_MAX
    while (!existsSync(output) || readFileSync(output, 'utf8') !== 'a\nb\nc\n') {
      if (!worker.running()) throw new Error(`the Java worker ended: ${worker.logs().slice(-2000)}`)
      if (performance.now() > endMs) throw new Error(`no records came through in ${FLOW_MS_MAX} ms: ${worker.logs().slice(-2000)}`)
      await delay(200)
    }
    // until the first commit is over and the dump is a later one
    await delay(5_000)
    return JSON.parse(readFileSync(file, 'utf8')) as Bean[]
  } finally {
    await worker.kill()
    await broker.stop()
  }
}

/** A worker that has not joined its group yet, or expects a rebalance, refuses. */
async function createAll(worker: WorkerProcess, configs: Record<string, Record<string, string>>): Promise<void> {
  const endMs = performance.now() + FLOW_MS_MAX
  for (const [name, body] of Object.entries(configs)) {
    for (;;) {
      const answer = await worker.rest(`/connectors/${name}/config`, { method: 'PUT', body })
      if (answer.status < 300) break
      if (performance.now() > endMs) throw new Error(`PUT ${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
      await delay(500)
    }
  }
}

function kindsOf(beans: readonly Bean[]): BeanKind[] {
  const kinds = new Map<string, { tags: string[]; attributes: Set<string>; bean: Bean }>()
  for (const bean of beans) {
    const tags = Object.keys(bean.tags).sort()
    const key = [bean.domain, bean.type, ...tags].join()
    const kind = kinds.get(key) ?? { tags, attributes: new Set<string>(), bean }
    for (const name of Object.keys(bean.attributes)) kind.attributes.add(name)
    kinds.set(key, kind)
  }
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { bean, tags, attributes }]) => ({ domain: bean.domain, type: bean.type, tags, attributes: [...attributes].sort() }))
}

async function record(target: string): Promise<void> {
  // The children do not keep this process alive.
  const alive = setInterval(() => undefined, 1_000)
  try {
    for (const [mode, name] of [
      ['Standalone', 'mbeans'],
      ['Distributed', 'mbeans-distributed'],
    ] as const) {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-golden-metrics-'))
      try {
        const kinds = kindsOf(await beansOf(mode, folder))
        const kept = mode === 'Standalone' ? kinds : kinds.filter(kind => kind.domain === 'kafka.connect')
        writeFileSync(join(target, `${name}.json`), `${JSON.stringify(kept, null, 1)}\n`)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  } finally {
    clearInterval(alive)
  }
}

export const recorders: readonly GoldenRecorder[] = [{ java: 'MBeans.java', run: record }]
