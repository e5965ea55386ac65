// The leader's rounds of fencing: before a source's tasks begin with exactly-once delivery, the producers of its tasks before a reconfiguration are
// fenced, and how many may write from now on is kept in the config topic (KIP-618, CONNECT.md 4.6). Main thread; owned by the herder.
// Java: DistributedHerder.doFenceZombieSourceTasks, ZombieFencing. Limits: one round a connector at a time; who asks meanwhile shares it;
// PRODUCERS_MAX producers a round.
import { ConflictError, ConnectError, NotFoundError, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { transactionalIdOf } from '../../config/transactional-id.ts'
import type { ClusterConfig, ClusterConnector } from '../../store/cluster-config.ts'

export interface FencingOptions {
  readonly groupId: string
  /** worker.sync.timeout.ms: how long the config topic may take to be read */
  readonly syncTimeoutMs: number
  readonly log: Logger
  /** the config topic read to its end; rejects after `timeoutMs` */
  refresh(timeoutMs: number): Promise<ClusterConfig>
  /** with the leader's right to write */
  putTaskCount(connector: string, taskCount: number): Promise<void>
  /** by an admin client with the connector's own settings (`connector-worker-adminclient-<name>`) */
  fenceProducers(connector: string, transactionalIds: readonly string[]): Promise<void>
}

/**
 * The number comes out of the config topic, where anybody may have written: without a limit it could hold up this thread, or the coordinator
 * would be filled with transactional ids. Workers of Java take more tasks than ours, but not as many as this.
 */
const PRODUCERS_MAX = 10_000

export class Fencing {
  readonly #o: FencingOptions
  readonly #rounds = new Map<string, Promise<void>>()

  constructor(options: FencingOptions) {
    this.#o = options
  }

  /**
   * Settles when the tasks of the connector's newest configs may take their transactional ids. For the leader only, and for sources.
   * @throws NotFoundError, ConflictError where newer task configs came meanwhile, ConnectError where the topic or the producers do not answer
   */
  async fence(connector: string): Promise<void> {
    const { log } = this.#o
    const entry = await this.#entry(connector)
    if (!entry.pendingFencing) return
    const before = entry.taskCountRecord
    const count = entry.tasks.length
    // No record: nobody had transactions. One task before and after: the new one fences the old by taking the same id.
    if (before === null || (before === 1 && count === 1)) {
      log.debug({ connector, tasksBefore: before, tasks: count }, 'nothing to fence, only the task count is written')
      return this.#o.putTaskCount(connector, count)
    }
    let round = this.#rounds.get(connector)
    if (round === undefined) {
      round = this.#round(connector, before, count, entry.taskGeneration).finally(() => this.#rounds.delete(connector))
      this.#rounds.set(connector, round)
    }
    return round
  }

  async #round(connector: string, tasksToFence: number, tasks: number, generation: number): Promise<void> {
    const { groupId, log, fenceProducers, putTaskCount } = this.#o
    try {
      if (tasksToFence > PRODUCERS_MAX) throw new ConnectError(tooMany(connector, tasksToFence))
      const ids = Array.from({ length: tasksToFence }, (_, task) => transactionalIdOf(groupId, connector, task))
      await fenceProducers(connector, ids)
    } catch (error) {
      const text = `Failed to perform zombie fencing for connector ${connector}: ${toError(error).message}`
      throw new ConnectError(text, { code: 'CONNECT_FENCING', cause: error })
    }
    // The generation only ever grows; a round that has been overtaken must not say that the newest tasks are safe.
    if ((await this.#entry(connector)).taskGeneration > generation)
      throw new ConflictError('Fencing failed because new task configurations were generated for the connector')
    await putTaskCount(connector, tasks)
    log.info({ connector, tasksFenced: tasksToFence, tasks }, 'fenced the producers of former tasks')
  }

  async #entry(connector: string): Promise<ClusterConnector> {
    const { refresh, syncTimeoutMs } = this.#o
    let config: ClusterConfig
    try {
      config = await refresh(syncTimeoutMs)
    } catch (error) {
      const text = `Failed to read to end of config topic before performing zombie fencing: ${toError(error).message}`
      throw new ConnectError(text, { code: 'CONNECT_FENCING', cause: error })
    }
    const entry = config.get(connector)
    if (entry === undefined || entry.config === null) throw new NotFoundError(`Connector ${connector} not found`)
    return entry
  }
}

function tooMany(connector: string, tasks: number): string {
  const key = `tasks-fencing-${connector}`
  const todo = `Stop the connector, write ${key} with the number of tasks that it had ({"task-count":…}) to the config topic, and start the connector again`
  return `record ${key} of the config topic counts ${tasks} tasks, and no more than ${PRODUCERS_MAX} are fenced. ${todo}`
}
