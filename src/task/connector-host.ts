// A connector instance in its thread: start, taskConfigs, suspend and alterOffsets by the supervisor's messages, one at a time in
// order. Connector thread; made by workers/connector.ts. Java: WorkerConnector.
import type { ActorHost } from '../actor/actor-host.ts'
import type { ConnectorSpec, FromConnector, ToConnector } from '../actor/messages.ts'
import { toWireError } from '../actor/wire-error.ts'
import type { Connector, ConnectorContext, Props } from '../api/connector.ts'
import type { SinkPlugin, SourcePlugin } from '../api/plugin.ts'
import { BadRequestError, toError } from '../base/errors.ts'
import { wrongReturn } from '../base/wrong-return.ts'

/** Task configs as they leave the thread: variables instead of what a config provider answered. */
type AsStored = (configs: readonly Props[]) => Props[]

export class ConnectorHost {
  readonly #host: ActorHost<ToConnector, FromConnector>
  readonly #spec: ConnectorSpec
  readonly #plugin: SinkPlugin | SourcePlugin
  readonly #connector: Connector
  readonly #asStored: AsStored
  #isStarted = false
  #turn: Promise<void> = Promise.resolve()

  constructor(
    host: ActorHost<ToConnector, FromConnector>,
    spec: ConnectorSpec,
    plugin: SinkPlugin | SourcePlugin,
    asStored: AsStored,
  ) {
    this.#asStored = asStored
    this.#host = host
    this.#spec = spec
    this.#plugin = plugin
    host.namePlugin(plugin.className)
    this.#connector = plugin.connector()
    host.onMessage(message => {
      this.#turn = this.#turn.then(() => this.#handle(message))
    })
  }

  async #handle(message: ToConnector): Promise<void> {
    if (message.type === 'setLogLevels') return this.#host.setLogLevels(message.levels)
    if (message.type === 'stop') {
      try {
        await this.#suspend()
        this.#host.exit()
      } catch (error) {
        this.#host.fail(error)
      }
      return
    }
    const { id } = message
    try {
      const value = await this.#answer(message)
      this.#host.post({ type: 'reply', id, value })
    } catch (error) {
      this.#host.post({ type: 'reply', id, value: null, error: this.#host.redacted(toWireError(toError(error))) })
    }
  }

  async #answer(message: Extract<ToConnector, { id: number }>): Promise<unknown> {
    switch (message.type) {
      case 'start':
        await this.#start()
        return null
      case 'suspend':
        await this.#suspend()
        return null
      case 'taskConfigs':
        return this.#taskConfigs(message.maxTasks)
      case 'alterOffsets':
        if (this.#connector.alterOffsets === undefined) return false
        return this.#connector.alterOffsets(this.#spec.connectorProps, message.offsets)
    }
  }

  async #start(): Promise<void> {
    if (this.#isStarted) return
    this.#plugin.config.parse(this.#spec.connectorProps)
    const context: ConnectorContext = {
      logger: this.#host.pluginLogger,
      props: this.#spec.connectorProps,
      requestTaskReconfiguration: () => this.#host.post({ type: 'reconfigurationRequested' }),
      raiseError: error => this.#host.fail(error),
    }
    await this.#connector.start(this.#spec.connectorProps, context)
    this.#isStarted = true
  }

  async #suspend(): Promise<void> {
    if (!this.#isStarted) return
    this.#isStarted = false
    await this.#connector.stop()
  }

  /** The plugin's task configs, with what the framework adds to each (Java: Worker.connectorTaskConfigs). */
  async #taskConfigs(maxTasks: number): Promise<Props[]> {
    if (!this.#isStarted) throw new BadRequestError('the connector is not started')
    const configs = await this.#connector.taskConfigs(maxTasks)
    const added: Record<string, string> = { 'task.class': this.#plugin.taskClass }
    if (this.#plugin.kind === 'sink') {
      for (const key of ['topics', 'topics.regex']) {
        const value = this.#spec.connectorProps[key]
        if (value !== undefined) added[key] = value
      }
    }
    const method = `${this.#plugin.className}.taskConfigs`
    if (!Array.isArray(configs)) throw wrongReturn(method, configs, 'a list of configurations')
    return this.#asStored(configs.map((config, task) => ({ ...taskConfigOf(config, `${method} for task ${task}`), ...added })))
  }
}

/** Keys without a value are left out. @throws ConnectError naming the key of a value that is no text */
export function taskConfigOf(returned: unknown, method: string): Props {
  if (typeof returned !== 'object' || returned === null || Array.isArray(returned))
    throw wrongReturn(method, returned, 'an object of strings')
  const entries = Object.entries(returned).filter(([, value]) => value !== undefined && value !== null)
  for (const [key, value] of entries)
    if (typeof value !== 'string') throw wrongReturn(`${method}, key ${key},`, value, 'a string')
  return Object.fromEntries(entries)
}
