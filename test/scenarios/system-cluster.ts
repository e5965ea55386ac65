// Groups of workers as Kafka's system tests of Connect have them: the configuration of their connect-distributed.properties with shorter times,
// rolling restarts, and what the verifiable connectors printed, whoever printed it and still lives. Main thread of a test file.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { after, before } from 'node:test'
import { ConnectCluster, type Kind, type Member } from '../support/connect-cluster.ts'
import { javaWorkerCommand, testConnectorsJar } from '../support/java.ts'
import { until } from '../support/until.ts'
import type { RestAnswer } from '../support/worker.ts'
import { OURS, type Protocol } from './system-parameters.ts'

/** The package of the verifiable and mock connectors. */
export const TOOLS = 'org.apache.kafka.connect.tools.'
export const FILE_SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector'
export const FILE_SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector'

const WORKER = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'true',
  'value.converter.schemas.enable': 'true',
  'offset.flush.interval.ms': '500',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
  'consumer.session.timeout.ms': '6000',
  'consumer.heartbeat.interval.ms': '1000',
  // in Java what failed stays so until somebody restarts it
  'task.restart.enable': 'false',
}

export interface SystemOptions {
  readonly bootstrap: string
  readonly protocol: Protocol
  /** `exactly.once.source.support` */
  readonly isExactlyOnce?: boolean
  /** three of ours unless given */
  readonly kinds?: readonly Kind[]
  readonly worker?: Record<string, string>
}

/** What VerifiableSource and VerifiableSink print; docs/test-connectors.md. */
export interface PrintedLine {
  readonly name: string
  /** of the source, also in the sink's lines */
  readonly task: number
  readonly seqno: number
  readonly committed?: boolean
  readonly flushed?: boolean
}

export class SystemCluster extends ConnectCluster {
  /** Resolves when all members have been in the group. */
  static async start({ bootstrap, protocol, isExactlyOnce, kinds = OURS, worker }: SystemOptions): Promise<SystemCluster> {
    const isMixed = kinds.includes('java')
    const java = isMixed ? { java: await javaWorkerCommand('Distributed', [await testConnectorsJar()]) } : {}
    const keys = {
      ...WORKER,
      'connect.protocol': protocol,
      'exactly.once.source.support': isExactlyOnce ? 'enabled' : 'disabled',
      ...worker,
    }
    const cluster = new SystemCluster({ bootstrap, worker: keys, ...java })
    try {
      await Promise.all(kinds.map(kind => cluster.add(kind)))
    } catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  override async stop(): Promise<void> {
    await super.stop()
    const dir = process.env.SYSTEM_LOGS
    if (dir === undefined) return
    mkdirSync(dir, { recursive: true })
    for (const [i, member] of this.members.entries()) {
      writeFileSync(`${dir}/${this.group}-${i}-${member.kind}.log`, member.logs())
    }
  }

  live(): Member[] {
    return this.members.filter(member => member.running())
  }

  /** Answer of a member, asked again while the group has a rebalance or its leader is gone. */
  async ask<T = unknown>(method: string, path: string, body?: unknown, member = this.live()[0]): Promise<RestAnswer<T>> {
    assert.ok(member !== undefined, 'no member runs')
    return until(async () => {
      const answer = await member.rest<T>(path, { method, ...(body === undefined ? {} : { body }) })
      return answer.status === 409 || /IO Error trying to forward/.test(JSON.stringify(answer.body)) ? null : answer
    })
  }

  /** As ask(), with an answer that must be one of success. */
  async tell(method: string, path: string, body?: unknown, member?: Member): Promise<void> {
    const answer = await this.ask(method, path, body, member)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  /** When every member says so of the connector and its tasks. */
  async everywhere(name: string, tasks: number, state = 'RUNNING'): Promise<void> {
    for (const member of this.live())
      await until(async () => {
        const info = await this.status(name, member)
        return info?.tasks.length === tasks && [info.connector, ...info.tasks].every(part => part.state === state)
      })
  }

  /** Ends a member, and starts another at its address, which has been in the group when this resolves. */
  async bounce(member: Member, isClean: boolean): Promise<Member> {
    await this.#end(member, isClean)
    return this.add(member.kind, {}, { port: Number(new URL(member.url).port) })
  }

  /** All at once. */
  async restart(): Promise<void> {
    const all = this.live()
    await Promise.all(all.map(member => this.#end(member, true)))
    await Promise.all(all.map(member => this.add(member.kind, {}, { port: Number(new URL(member.url).port) })))
  }

  /** Lines of a verifiable connector; in order for each worker, the oldest worker first. */
  lines(name: string, from: readonly Member[] = this.members): PrintedLine[] {
    const marker = `"name":${JSON.stringify(name)}`
    return from.flatMap(member =>
      member
        .logs()
        .split('\n')
        // the last one may be half there
        .slice(0, -1)
        .filter(line => line.startsWith('{"') && line.includes(marker))
        .map(line => JSON.parse(line) as PrintedLine),
    )
  }

  /** What a source has handed over, acknowledged or not. */
  sent(name: string, from?: readonly Member[]): PrintedLine[] {
    return this.lines(name, from).filter(line => line.committed === undefined)
  }

  /** What of a source the broker has. */
  committed(name: string): PrintedLine[] {
    return this.lines(name).filter(line => line.committed)
  }

  /** What a sink was given, flushed or not. */
  received(name: string): PrintedLine[] {
    return this.lines(name).filter(line => line.flushed === undefined)
  }

  flushed(name: string): PrintedLine[] {
    return this.lines(name).filter(line => line.flushed)
  }

  async #end(member: Member, isClean: boolean): Promise<void> {
    if (!isClean) return member.kill()
    const code = await member.stop()
    if (member.kind === 'sluice') assert.equal(code, 0, `the worker ended with ${code}:\n${member.logs().slice(-2000)}`)
  }
}

/** Within describe(): a cluster that is there for all of `tests`. */
export function withCluster(
  bootstrap: () => string,
  options: Omit<SystemOptions, 'bootstrap'>,
  tests: (cluster: () => SystemCluster) => void,
): void {
  let cluster: SystemCluster
  before(async () => {
    cluster = await SystemCluster.start({ bootstrap: bootstrap(), ...options })
  })
  after(() => cluster?.stop())
  tests(() => cluster)
}

/** Seqnos of one task, in the order of the lines. */
export function seqnosOf(lines: readonly PrintedLine[], task: number): number[] {
  return lines.filter(line => line.task === task).map(line => line.seqno)
}

/** Waits until each of the tasks [0, tasks) has `more` lines more than there are now. */
export async function untilMore(look: () => readonly PrintedLine[], tasks: number, more: number): Promise<void> {
  const ids = Array.from({ length: tasks }, (_, task) => task)
  const before = look()
  const wanted = ids.map(task => seqnosOf(before, task).length + more)
  await until(() => {
    const now = look()
    return ids.every(task => seqnosOf(now, task).length >= (wanted[task] ?? 0))
  }, 250)
}
