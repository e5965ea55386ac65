// A standalone herder on fake actors, with memory stores and a clock that the test turns.

import { ConfigError, ConnectError } from '../../src/base/errors.ts'
import { type Logger, silentLogger } from '../../src/base/log.ts'
import type { ConfigInfos } from '../../src/config/infos.ts'
import { MemoryConfigStore, type Props } from '../../src/store/config-store.ts'
import type { OffsetEntry, OffsetMap, OffsetStore } from '../../src/store/offset-store.ts'
import { MemoryStatusStore } from '../../src/store/status-store.ts'
import type { HerderOptions } from '../../src/supervisor/herder-options.ts'
import type { ConnectorPlugin, JobPool } from '../../src/supervisor/job-pool.ts'
import { LogLevels } from '../../src/supervisor/log-levels.ts'
import { Previews } from '../../src/supervisor/previews.ts'
import { Redaction } from '../../src/supervisor/redaction.ts'
import { StandaloneHerder } from '../../src/supervisor/standalone-herder.ts'
import { Worker, type WorkerOptions } from '../../src/supervisor/worker.ts'
import { TestClock } from '../support/clock.ts'
import { FakeCast } from './fake-actors.ts'

export const SINK = 'org.example.Sink'
export const SOURCE = 'org.example.Source'

export class MemoryOffsets implements OffsetStore {
  readonly entries = new Map<string, OffsetEntry>()
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return partitions.map(partition => this.entries.get(JSON.stringify([connector, partition]))?.offset ?? null)
  }
  async put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    for (const entry of entries) {
      const key = JSON.stringify([connector, entry.partition])
      if (entry.offset === null) this.entries.delete(key)
      else this.entries.set(key, entry)
    }
  }
  async all(connector: string): Promise<OffsetEntry[]> {
    return [...this.entries].filter(([key]) => JSON.parse(key)[0] === connector).map(([, entry]) => entry)
  }
}

/** Knows two classes; a config with the key `bad` is not valid. */
export class FakeJobs implements JobPool {
  async validate(props: Readonly<Record<string, string>>): Promise<ConfigInfos> {
    await this.connector(props['connector.class'] ?? '')
    const errors = props.bad === undefined ? [] : ['bad is not good']
    const configs = errors.length === 0 ? [] : [infoWithErrors('bad', props.bad ?? null, errors)]
    return { name: props['connector.class'] ?? '', error_count: errors.length, groups: [], configs } as ConfigInfos
  }
  async plugins() {
    return [
      { class: SINK, type: 'sink' as const, version: '1.0' },
      { class: SOURCE, type: 'source' as const, version: '1.0' },
      { class: 'org.example.Mask', type: 'transformation' as const },
    ]
  }
  async pluginConfig(name: string) {
    return name === SINK ? [] : null
  }
  async connector(className: string): Promise<ConnectorPlugin> {
    if (className !== SINK && className !== SOURCE)
      throw new ConfigError(
        'connector.class',
        `Failed to find any class that implements Connector and which name matches ${className}`,
      )
    return { kind: className === SINK ? 'sink' : 'source', className, version: '1.0' }
  }
  async close(): Promise<void> {}
}

function infoWithErrors(name: string, value: string | null, errors: string[]) {
  return { definition: null, value: { name, value, recommended_values: [], errors, visible: true } }
}

/** One variable, whose value is a secret. */
export const fakeVariables = {
  ttlMs: () => null,
  resolve: (props: Props) =>
    Object.fromEntries(Object.entries(props).map(([k, v]) => [k, v.replaceAll(['$', '{env:SECRET}'].join(''), 'hunter2')])),
}

export interface Setup {
  readonly herder: StandaloneHerder
  readonly previews: Previews
  readonly worker: Worker
  readonly cast: FakeCast
  readonly clock: TestClock
  readonly configs: MemoryConfigStore
  readonly statuses: MemoryStatusStore
  readonly offsets: MemoryOffsets
  readonly plugins: Map<string, ConnectorPlugin>
  readonly bugs: Error[]
  /** group members taken out on behalf of dead threads */
  readonly removedMembers: readonly (readonly [groupId: string, memberId: string])[]
  /** `connector state | task states` */
  states(name: string): string
}

export function setUp(options: Partial<HerderOptions> = {}, log: Logger = silentLogger): Setup {
  const clock = new TestClock()
  const cast = new FakeCast()
  const offsets = new MemoryOffsets()
  const removedMembers: [groupId: string, memberId: string][] = []
  const actors: WorkerOptions = {
    spawn: cast.spawn,
    offsets,
    clock,
    log,
    workerProps: { 'bootstrap.servers': 'nowhere:1' },
    memoryMaxMb: 512,
    stuckTimeoutMs: 0,
    logLevels: { root: 'INFO' },
    writeLog: () => undefined,
    removeGroupMember: async (groupId, memberId) => void removedMembers.push([groupId, memberId]),
  }
  const worker = new Worker(actors)
  const jobs = new FakeJobs()
  const variables = fakeVariables
  const configs = new MemoryConfigStore()
  const statuses = new MemoryStatusStore()
  const plugins = new Map<string, ConnectorPlugin>()
  const bugs: Error[] = []
  const herder = new StandaloneHerder({
    workerId: 'worker:8083',
    serverInfo: async () => ({ version: '0.1.0', commit: 'unknown', kafka_cluster_id: 'cluster' }),
    clock,
    log,
    worker,
    jobs,
    plugins,
    configs,
    statuses,
    offsets,
    groupOffsets: null,
    restarts: { enabled: true, unitMs: 10_000, max: 10, healthyMs: 600_000 },
    logLevels: new LogLevels({ root: 'INFO' }, clock, levels => worker.setLogLevels(levels)),
    redaction: new Redaction({ secrets: () => new Map() }, {}),
    variables,
    shutdownTimeoutMs: 5_000,
    topicTracking: true,
    onBug: error => bugs.push(error),
    ...options,
  })
  const states = (name: string) => {
    const tasks = statuses.tasks(name).map(([task, status]) => `${task} ${status.state}`)
    return `${statuses.connector(name)?.state ?? 'none'} | ${tasks.join(', ')}`
  }
  const previews = new Previews({ actors, configs, jobs, variables })
  return { herder, previews, worker, cast, clock, configs, statuses, offsets, plugins, bugs, removedMembers, states }
}

export function config(name: string, extra: Record<string, string> = {}): Record<string, string> {
  return { name, 'connector.class': SINK, topics: 't', ...extra }
}

/** Options of putConfig, as PUT and POST give them. */
export const put = { allowReplace: true }
export const create = { allowReplace: false }

/** A call to a plugin that throws. */
export const boom = () => Promise.reject(new ConnectError('boom'))
