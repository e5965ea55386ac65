// Java Connect or Sluice as a worker process with one connector at a time, created by REST. Main thread of the peer bench.
import { setTimeout as delay } from 'node:timers/promises'
import { classpath } from '../../scripts/kafka/java.ts'
import { requireJava } from '../../scripts/kafka/maven.ts'
import { startWorker, type WorkerProcess } from '../../scripts/sluice-worker.ts'

export type ContenderName = 'java' | 'sluice'

/** Heap and collector flags as connect-standalone.sh gives them. */
const JVM = ['-Xms256M', '-Xmx2G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']
const WORKER = { 'offset.flush.interval.ms': '10000' }

export async function startContender(name: ContenderName, bootstrap: string): Promise<WorkerProcess> {
  const java = [requireJava(), ...JVM, '-XX:+ExplicitGCInvokesConcurrent', '-Djava.awt.headless=true']
  const command = [...java, '-cp', await classpath(), 'org.apache.kafka.connect.cli.ConnectStandalone']
  return startWorker({ bootstrap, worker: WORKER, ...(name === 'java' ? { command } : {}) })
}

export async function createConnector(worker: WorkerProcess, name: string, config: Record<string, string>): Promise<void> {
  const answer = await worker.rest('/connectors', { method: 'POST', body: { name, config } })
  if (answer.status !== 201) throw new Error(`POST /connectors ${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

export async function deleteConnector(worker: WorkerProcess, name: string): Promise<void> {
  await worker.rest(`/connectors/${name}`, { method: 'DELETE' })
  while ((await worker.rest(`/connectors/${name}`)).status !== 404) await delay(50)
}
