// Makes the topics of a source before its first record for them (KIP-158): looks whether the topic is there, else creates it with the
// settings of the first group that takes it. Task thread; called by the sender. Java: AbstractWorkerSourceTask.maybeCreateTopic.
import type { Clock } from '../../base/clock.ts'
import { ConfigError, ConnectError, isRetriable, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { TopicGroup } from '../../config/topic-creation.ts'
import { JavaRegex } from '../../data/java-regex.ts'
import type { TopicToCreate } from '../../kafka/admin.ts'

/** The part of Admin that is needed. */
export interface TopicAdmin {
  describeTopics(topics: readonly string[]): Promise<readonly unknown[]>
  createTopicIfAbsent(topic: TopicToCreate): Promise<boolean>
}

export interface TopicCreatorOptions {
  /** the default group is the last */
  readonly groups: readonly TopicGroup[]
  readonly clock: Clock
  readonly logger: Logger
  /** aborted when the task stops: ends the tries */
  readonly signal: AbortSignal
  /** called before the first topic; connects */
  openAdmin(): Promise<TopicAdmin>
}

interface Matcher {
  readonly group: TopicGroup
  takes(topic: string): boolean
}

/** As long as Java waits before it sends the same records again. */
const RETRY_WAIT_MS = 100

export class TopicCreator {
  readonly #options: TopicCreatorOptions
  readonly #matchers: readonly Matcher[]
  #admin: TopicAdmin | null = null

  /** @throws ConfigError for a pattern that is not covered */
  constructor(options: TopicCreatorOptions) {
    this.#options = options
    this.#matchers = options.groups.map(matcherOf)
  }

  /**
   * Settles when the topic is there. Tried again while the failure may pass.
   * @throws ConnectError naming the topic, AbortedError when the task stops
   */
  async ensure(topic: string): Promise<void> {
    const { clock, logger, signal } = this.#options
    for (;;) {
      try {
        return await this.#ensureOnce(topic)
      } catch (error) {
        if (!isRetriable(error)) throw error
        logger.warn({ topic, error: toError(error) }, `looking for the topic ${topic} or creating it failed and is tried again`)
      }
      await clock.sleep(RETRY_WAIT_MS, signal)
    }
  }

  async #ensureOnce(topic: string): Promise<void> {
    const { logger, openAdmin } = this.#options
    this.#admin ??= await openAdmin()
    const [found] = await this.#admin.describeTopics([topic])
    if (found !== null && found !== undefined) return
    const group = this.groupOf(topic)
    const { name, partitions, replicationFactor, configs } = group
    try {
      const isNew = await this.#admin.createTopicIfAbsent({ topic, partitions, replicationFactor, configs })
      logger.info({ topic, group: name, partitions, replicationFactor }, isNew ? 'created the topic' : 'found the topic existing')
    } catch (error) {
      if (isRetriable(error)) throw error
      const settings = [
        `partitions=${partitions}`,
        `replication.factor=${replicationFactor}`,
        ...Object.entries(configs).map(([key, value]) => `${key}=${value}`),
      ]
      const message =
        `Task failed to create new topic ${topic} with ${settings.join(', ')} (topic.creation.${name}.*): ${toError(error).message}. ` +
        'Ensure that the task is authorized to create topics or that the topic exists and restart the task'
      throw new ConnectError(message, { code: 'CONNECT_TOPIC_CREATION', cause: error })
    }
  }

  /** The first group that takes the topic. */
  groupOf(topic: string): TopicGroup {
    const taken = this.#matchers.find(matcher => matcher.takes(topic))
    if (taken === undefined) throw new ConnectError(`no topic.creation group takes the topic ${topic}`)
    return taken.group
  }
}

function matcherOf(group: TopicGroup): Matcher {
  const compiled = (list: 'include' | 'exclude') =>
    group[list].map(pattern => {
      try {
        return new JavaRegex(pattern)
      } catch (error) {
        const key = `topic.creation.${group.name}.${list}`
        throw new ConfigError(key, `Invalid value ${pattern} for configuration ${key}: ${toError(error).message}`, {
          cause: error,
        })
      }
    })
  const include = compiled('include')
  const exclude = compiled('exclude')
  const takes = (topic: string) => include.some(p => p.matches(topic)) && !exclude.some(p => p.matches(topic))
  return { group, takes }
}
