// What requests change in a cluster: the config topic, by the leader; parts that run here, by their owner; the rest is another worker's
// (WrongWorkerError, which REST sends on). Order of checks and their texts are Java's (CONNECT.md 1.2). Main thread; owned by the herder.
import { exponentialBackoffMs } from '../../base/backoff.ts'
import {
  BadRequestError,
  ConflictError,
  ConnectError,
  codeOf,
  isRetriable,
  NotFoundError,
  WrongWorkerError,
} from '../../base/errors.ts'
import type { SessionKey } from '../../store/cluster-config.ts'
import type { Props } from '../../store/config-store.ts'
import { WRITE_PRIVILEGE_LOST } from '../../store/config-topic.ts'
import { checkedConfig } from '../checked-config.ts'
import * as check from '../config-check.ts'
import { entryOf } from '../connector-lifecycle.ts'
import { ConnectorQueues } from '../connector-queues.ts'
import type {
  AskedOffset,
  ConnectorInfo,
  ConnectorStateInfo,
  PutOptions,
  PutResult,
  RequestedConfig,
  RestartOptions,
} from '../herder.ts'
import type { OffsetRequests } from '../offset-requests.ts'
import type { Questions } from '../questions.ts'
import { restartPlan, stateInfo, TARGET_OF } from '../states.ts'
import type { DistributedOptions } from './distributed-options.ts'
import type { KnownPlugins } from './known-plugins.ts'
import type { OwnWork } from './own-work.ts'
import { checkSignature, type SignedRequest } from './request-signature.ts'
import type { SessionKeys } from './session-keys.ts'
import type { WorkerGroup } from './work.ts'

const STALE = 'Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)'

/** A task that asks for fencing waits so long for a leader, trying again ever more slowly. */
const FENCING_TIMEOUT_MS = 60_000
const RETRY_MS = 250
const RETRY_MS_MAX = 10_000

export interface ChangesParts {
  readonly group: WorkerGroup
  readonly own: OwnWork
  readonly known: KnownPlugins
  readonly questions: Questions
  /** of what this worker runs */
  readonly queues: ConnectorQueues
  readonly offsetRequests: OffsetRequests
  readonly sessionKeys: SessionKeys
}

export class Changes {
  readonly #o: DistributedOptions
  readonly #p: ChangesParts
  /** of what it writes as the leader, which must not wait for a connector that starts; one connector's after the other */
  readonly #writes: ConnectorQueues
  readonly #open = Promise.withResolvers<void>()

  constructor(options: DistributedOptions, parts: ChangesParts) {
    this.#o = options
    this.#p = parts
    this.#writes = new ConnectorQueues(options, () => undefined)
  }

  /** This worker has been in the group once: requests that wait for it go on. */
  open(): void {
    this.#open.resolve()
  }

  /** The worker stops: requests are refused. */
  close(): void {
    this.#writes.close()
    this.#open.resolve()
  }

  async putConfig(name: string, config: RequestedConfig, options: PutOptions): Promise<PutResult> {
    const { props, plugin } = await this.#checked(config)
    const { configs } = this.#o
    return this.#asLeader('Only the leader can set connector configs.', name, 'configuring', async () => {
      const created = configs.get(name) === undefined
      if (!created && !options.allowReplace) throw new ConflictError(`Connector ${name} already exists`)
      await configs.putConfig(name, props, options.initialState && TARGET_OF[options.initialState])
      // Its tasks are those it had, as in Java: new ones come with a rebalance.
      const tasks = configs.get(name)?.tasks ?? []
      const info = { name, config: props, tasks: tasks.map((_, task) => ({ connector: name, task })), type: plugin.kind }
      return { created, info }
    })
  }

  /** The patch is applied when its turn comes: of two at the same time neither loses. */
  patchConfig(name: string, patch: RequestedConfig): Promise<ConnectorInfo> {
    const { configs } = this.#o
    return this.#asLeader('Only the leader can set connector configs.', name, 'patching', async () => {
      const { props, plugin } = await this.#checked(check.patched(entryOf(configs, name).config, patch))
      await configs.putConfig(name, props)
      const tasks = configs.get(name)?.tasks ?? []
      return { name, config: props, tasks: tasks.map((_, task) => ({ connector: name, task })), type: plugin.kind }
    })
  }

  deleteConnector(name: string): Promise<void> {
    return this.#asLeader('Only the leader can delete connector configs.', name, 'deleting', async () => {
      entryOf(this.#o.configs, name)
      await this.#o.configs.remove(name)
    })
  }

  /** By any worker. */
  async aim(name: string, target: 'STARTED' | 'PAUSED'): Promise<void> {
    await this.#ready()
    if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector ${name}`)
    await this.#o.configs.putTarget(name, target)
  }

  /** The tasks first: should the leader die in between, a started connector without tasks makes them anew. */
  stopConnector(name: string): Promise<void> {
    const { configs } = this.#o
    return this.#asLeader('Only the leader can transition connectors to the STOPPED state.', name, 'stopping', async () => {
      if (configs.get(name) === undefined) throw new NotFoundError(`Unknown connector ${name}`)
      await configs.putTasks(name, [])
      await configs.putTarget(name, 'STOPPED')
    })
  }

  async restartConnector(name: string): Promise<void> {
    await this.#settled()
    const { own, queues } = this.#p
    if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector: ${name}`)
    if (!own.hasConnector(name)) throw this.#elsewhere('Cannot restart connector since it is not assigned to this member', name)
    await queues.run(name, `restarting connector ${name}`, true, async () => {
      if (!own.hasConnector(name)) throw new ConflictError(STALE)
      await own.restart(name, true, [])
    })
  }

  async restartTask(name: string, task: number): Promise<void> {
    await this.#settled()
    const { own, queues } = this.#p
    const entry = this.#o.configs.get(name)
    if (entry === undefined) throw new NotFoundError(`Unknown connector: ${name}`)
    if (entry.tasks[task] === undefined) throw new NotFoundError(`Unknown task: ${name}-${task}`)
    if (!own.hasTask(name, task)) throw this.#elsewhere('Cannot restart task since it is not assigned to this member', name, task)
    await queues.run(name, `restarting task ${name}-${task}`, false, async () => {
      if (!own.hasTask(name, task)) throw new ConflictError(STALE)
      await own.restart(name, false, [task])
    })
  }

  /** Each worker restarts its share when it reads the request from the config topic. */
  async restartParts(name: string, options: RestartOptions): Promise<ConnectorStateInfo> {
    await this.#settled()
    const { configs, statuses } = this.#o
    return this.#asLeader('Only the leader can process restart requests.', name, 'restarting', async () => {
      if (configs.get(name) === undefined) throw new NotFoundError(`Unknown connector: ${name}`)
      const info = stateInfo(statuses, name, await this.#p.known.typeOf(name))
      if (info === undefined) throw new NotFoundError(`Status for connector ${name} not found`)
      const plan = restartPlan(statuses, name, options)
      await configs.putRestart(name, options)
      const restarting = <T extends { readonly trace?: string }>({ trace: _, ...rest }: T) => ({
        ...rest,
        state: 'RESTARTING' as const,
      })
      return {
        ...info,
        connector: plan.connector ? restarting(info.connector) : info.connector,
        tasks: info.tasks.map(task => (plan.tasks.includes(task.id) ? restarting(task) : task)),
      }
    })
  }

  async changeOffsets(name: string, offsets: readonly AskedOffset[] | null): Promise<string> {
    await this.#settled()
    const refusal = `Only the leader can ${offsets === null ? 'reset' : 'alter'} connector offsets`
    const { known, own, offsetRequests } = this.#p
    return this.#asLeader(refusal, name, 'changing the offsets of', async () => {
      let entry = await this.#stopped(name)
      const type = await known.typeOf(name)
      if (this.#o.isExactlyOnce && type !== 'sink') {
        // A task that does not know yet that it has ended must not commit its offsets over the new ones.
        await this.#o.fencing?.fence(name)
        this.#checkLeader(refusal)
        entry = await this.#stopped(name)
      }
      return offsetRequests.change(name, entry, type, offsets).finally(() => own.releaseOffsets(name))
    })
  }

  /** The connector as the config topic has it by now. @throws NotFoundError, BadRequestError where it is not stopped */
  async #stopped(name: string) {
    const { configs, syncTimeoutMs } = this.#o
    await configs.refresh(syncTimeoutMs)
    const entry = entryOf(configs, name)
    this.#p.offsetRequests.checkStopped(name, entry)
    return entry
  }

  // --- between workers

  /** Of a connector of this worker: by this worker where it leads, else by the leader. */
  async publishTasks(name: string, tasks: readonly Props[]): Promise<void> {
    const { configs, client } = this.#o
    const { group } = this.#p
    const entry = configs.get(name)
    if (entry === undefined || entry.target === 'STOPPED' || !check.taskConfigsChanged(entry, tasks)) return
    if (group.isLeader) return this.#asLeader('', name, 'replacing the tasks of', () => this.#storeTasks(name, tasks))
    const { url, key } = this.#leader()
    await client.putTaskConfigs(url, name, tasks, key)
  }

  /** @throws ConnectError (retriable) during a rebalance */
  #leader(): { url: string; key: SessionKey | null } {
    const { group, sessionKeys } = this.#p
    const { round } = group
    if (round === null || round.leaderUrl === null)
      throw new ConnectError('no leader is known, a rebalance is in progress', { retriable: true })
    return { url: round.leaderUrl, key: round.protocol === 'sessioned' ? sessionKeys.current : null }
  }

  /** @param read called when the signature is right */
  async putTaskConfigs(name: string, read: () => readonly RequestedConfig[], request: SignedRequest): Promise<void> {
    this.#checkSignature(request)
    const tasks = read()
    await this.#asLeader('Only the leader may write task configurations.', name, 'replacing the tasks of', () =>
      this.#storeTasks(
        name,
        tasks.map(config => check.splitNulls(config).props),
      ),
    )
  }

  /** Of a follower's task. */
  async answerFence(name: string, request: SignedRequest): Promise<void> {
    this.#checkSignature(request)
    await this.#fence(name)
  }

  /** Of a task of this worker: by this worker where it leads, else by the leader; a rebalance or a new leader is waited for. */
  async fence(name: string): Promise<void> {
    const { clock, client } = this.#o
    const untilMs = clock.monotonicMs() + FENCING_TIMEOUT_MS
    for (let tries = 0; ; tries++) {
      try {
        if (this.#p.group.isLeader) return await this.#fence(name)
        const { url, key } = this.#leader()
        return await client.fence(url, name, key)
      } catch (error) {
        if (!isRetriable(error) || clock.monotonicMs() >= untilMs) throw error
        await clock.sleep(exponentialBackoffMs(tries, RETRY_MS, RETRY_MS_MAX))
        this.#writes.checkOpen()
      }
    }
  }

  async #fence(name: string): Promise<void> {
    const { configs, fencing } = this.#o
    if (fencing === null)
      throw new BadRequestError('This worker does not have exactly-once source support enabled (exactly.once.source.support)')
    if (configs.get(name) === undefined) throw new NotFoundError(`Connector ${name} not found`)
    if ((await this.#p.known.typeOf(name)) !== 'source') throw new BadRequestError(`Connector ${name} is not a source connector`)
    await this.#ready()
    this.#checkLeader('Only the leader may perform zombie fencing.')
    await fencing.fence(name)
  }

  /** With the leader's right to write. */
  putTaskCount(name: string, count: number): Promise<void> {
    return this.#privileged(() => this.#o.configs.putTaskCount(name, count))
  }

  putSessionKey(key: SessionKey): Promise<void> {
    return this.#privileged(() => this.#o.configs.putSessionKey(key))
  }

  async #storeTasks(name: string, tasks: readonly Props[]): Promise<void> {
    const { configs } = this.#o
    const entry = entryOf(configs, name)
    if (tasks.length > 0 && entry.target === 'STOPPED')
      throw new BadRequestError(`Cannot submit non-empty set of task configs for stopped connector ${name}`)
    await configs.putTasks(name, tasks)
  }

  #checkSignature(request: SignedRequest): void {
    const { round } = this.#p.group
    // With the other protocols workers have no key to sign with.
    if (round !== null && round.protocol !== 'sessioned') return
    checkSignature(request, this.#p.sessionKeys.current, this.#o.signatures.accepted)
  }

  // --- who

  #checked(config: RequestedConfig) {
    this.#writes.checkOpen()
    return checkedConfig(this.#o, this.#p.questions, config)
  }

  /** Requests that come before the first round wait for it; REST limits how long. */
  async #ready(): Promise<void> {
    await this.#open.promise
    this.#writes.checkOpen()
  }

  /** @throws ConflictError while the group must still be told of a change */
  async #settled(): Promise<void> {
    await this.#ready()
    if (this.#p.own.isRebalanceExpected) throw new ConflictError(STALE)
  }

  async #asLeader<T>(refusal: string, name: string, verb: string, write: () => Promise<T>): Promise<T> {
    await this.#ready()
    this.#checkLeader(refusal)
    return this.#writes.run(name, `${verb} connector ${name}`, false, () => {
      this.#checkLeader(refusal)
      return this.#privileged(write)
    })
  }

  /** With the right to write, which another worker may have taken while this one did not know yet that it leads no more. */
  async #privileged<T>(write: () => Promise<T>): Promise<T> {
    const { configs } = this.#o
    await configs.claimWrites(true)
    try {
      return await write()
    } catch (error) {
      if (codeOf(error) !== WRITE_PRIVILEGE_LOST || !this.#p.group.isLeader) throw error
      await configs.claimWrites(true)
      return write()
    }
  }

  #checkLeader(refusal: string): void {
    const { group } = this.#p
    if (!group.isLeader) throw new WrongWorkerError(refusal, group.round?.leaderUrl ?? null)
  }

  /** The owner's, as the leader knows; the others ask the leader. */
  #elsewhere(refusal: string, name: string, task?: number): WrongWorkerError {
    const { group } = this.#p
    return new WrongWorkerError(refusal, group.isLeader ? group.ownerUrl(name, task) : (group.round?.leaderUrl ?? null))
  }
}
