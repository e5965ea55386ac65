// Java Connect or Sluice as a worker process whose connectors are created by REST and whose metrics are read over HTTP, both under the
// same names. Main thread of the benches against Java.
import { setTimeout as delay } from 'node:timers/promises'
import { javaCommand } from '../scripts/kafka/java.ts'
import { freePorts } from '../scripts/kafka/probe.ts'
import { startWorker, type WorkerProcess } from '../scripts/sluice-worker.ts'

export type ContenderName = 'java' | 'sluice'

/** Heap and collector flags as connect-standalone.sh gives them. */
export const JVM = [
  '-Xms256M',
  '-Xmx2G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
]
export const METERED = new URL('java/MeteredConnect.java', import.meta.url)

export interface Contender {
  readonly process: WorkerProcess
  metrics(): Promise<Samples>
}

/** Lines of the Prometheus text form: name, labels, value. */
export type Samples = readonly { readonly name: string; readonly labels: string; readonly value: number }[]

function parseSamples(text: string): Samples {
  return text.split('\n').flatMap(line => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    return name === '' ? [] : [{ name, labels, value: Number(value) }]
  })
}

/** The values of a metric for the tasks of a connector. */
export function ofConnector(samples: Samples, metric: string, connector: string): number[] {
  return samples.filter(one => one.name === metric && one.labels.includes(`connector="${connector}"`)).map(one => one.value)
}

/** @param keys of the worker, on top of commits every 10 s */
export async function startContender(
  name: ContenderName,
  bootstrap: string,
  keys: Readonly<Record<string, string>> = {},
  nodeFlags: readonly string[] = [],
): Promise<Contender> {
  const worker = { 'offset.flush.interval.ms': '10000', ...keys }
  const started = name === 'java' ? await startJava(bootstrap, worker) : await startSluice(bootstrap, worker, nodeFlags)
  const metrics = async () => parseSamples(await (await fetch(started.metricsUrl)).text())
  return { process: started.process, metrics }
}

async function startJava(bootstrap: string, worker: Record<string, string>) {
  const [port = 0] = await freePorts(1)
  const command = [...(await javaCommand(METERED, [], JVM)), String(port)]
  const process = await startWorker({ bootstrap, worker: { ...worker, 'metric.reporters': 'MeteredConnect' }, command })
  return { process, metricsUrl: `http://127.0.0.1:${port}/metrics` }
}

async function startSluice(bootstrap: string, worker: Record<string, string>, nodeFlags: readonly string[]) {
  const command = nodeFlags.length === 0 ? {} : { command: sluiceCommand(nodeFlags) }
  const process = await startWorker({ bootstrap, worker, ...command })
  return { process, metricsUrl: `${process.url}/metrics` }
}

/** The TypeScript itself, whatever is built: a profile names its files. Flags as bin/run.js sets them. */
const sluiceCommand = (flags: readonly string[]) => [
  process.execPath,
  '--expose-gc',
  ...flags,
  new URL('../src/cli/entry.ts', import.meta.url).pathname,
  'standalone',
]

export async function createConnector(worker: WorkerProcess, name: string, config: Record<string, string>): Promise<void> {
  const answer = await worker.rest('/connectors', { method: 'POST', body: { name, config } })
  if (answer.status !== 201) throw new Error(`POST /connectors ${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

export async function deleteConnector(worker: WorkerProcess, name: string): Promise<void> {
  await worker.rest(`/connectors/${name}`, { method: 'DELETE' })
  while ((await worker.rest(`/connectors/${name}`)).status !== 404) await delay(50)
}
