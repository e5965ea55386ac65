// Assembles and runs a standalone worker: config, log, offset file, REST, herder, connector files; then waits for a signal. Main thread;
// called by main.ts.
import { abandonedThreads } from '../actor/actor-ref.ts'
import { systemClock } from '../base/clock.ts'
import { codeOf, toError } from '../base/errors.ts'
import { IS_SOURCE } from '../base/layout.ts'
import { type Levels, type Logger, Loggers, levelNamed, ROOT } from '../base/log.ts'
import { LOGGERS } from '../base/logger-names.ts'
import { unknownKeyMessage, unknownWorkerKeys } from '../config/unknown-keys.ts'
import { openVariables } from '../config/variables.ts'
import type { StandaloneConfig } from '../config/worker-config.ts'
import { MetricsRegistry } from '../metrics/registry.ts'
import { sharePluginIndex } from '../plugins/plugin-index.ts'
import { pluginPathOf } from '../plugins/plugin-path.ts'
import type { RestContext } from '../rest/resource.ts'
import { MemoryConfigStore } from '../store/config-store.ts'
import { FileOffsetStore } from '../store/file-offset-store.ts'
import { MemoryStatusStore } from '../store/status-store.ts'
import { ClusterInfo } from '../supervisor/cluster-info.ts'
import { type ConnectorPlugin, PiscinaJobPool } from '../supervisor/job-pool.ts'
import { KafkaGroupOffsets } from '../supervisor/kafka-group-offsets.ts'
import { LogLevels } from '../supervisor/log-levels.ts'
import { type MetricsSourceOptions, metricsSource } from '../supervisor/metrics-source.ts'
import { Previews } from '../supervisor/previews.ts'
import type { Redaction } from '../supervisor/redaction.ts'
import { StandaloneHerder } from '../supervisor/standalone-herder.ts'
import { Worker } from '../supervisor/worker.ts'
import { actorOptions } from './actor-options.ts'
import { readConnectorFile } from './connector-file.ts'
import { createLogOutput, type LogOutput } from './log-output.ts'
import { endAtOnce, endsBySignal, exitOnBugs } from './process-end.ts'
import { planRest, type RestPlan, RestServers } from './rest-servers.ts'
import { COMMIT, VERSION } from './version.ts'
import { readWorkerFile, type WorkerFile } from './worker-file.ts'

const EXIT_START = 2
const EXIT_CONNECTOR = 3
/** A stop has the shutdown time of the tasks, and this much more for connectors and REST, before the process just ends. */
const STOP_GRACE_MS = 10_000

/** Unless it is configured: text for people, JSON for what collects logs. */
function formatOf(configured: string | null): 'text' | 'json' {
  return configured === 'text' || (configured === null && process.stdout.isTTY === true) ? 'text' : 'json'
}

/** Runs until it is told to stop; settles with the exit code. */
export async function runStandalone(workerFile: string, connectorFiles: readonly string[]): Promise<number> {
  let file: WorkerFile
  let rest: RestPlan
  try {
    file = await readWorkerFile(workerFile)
    rest = planRest({ ...file, kafkaOpts: process.env.KAFKA_OPTS })
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    process.stderr.write(`The worker cannot start. ${toError(error).message}\nCheck ${workerFile}\n`)
    return EXIT_START
  }
  const { props, config, redaction } = file
  const output = redactedOutput(createLogOutput(formatOf(config['log.format'])), redaction)
  const levels: Levels = { [ROOT]: levelNamed(config['log.level']) ?? 'INFO' }
  const loggers = new Loggers(levels, output)
  const log = loggers.named(LOGGERS.cli)
  exitOnBugs(log)
  for (const warning of rest.warnings) log.warn(warning)
  for (const unknown of unknownWorkerKeys(props)) loggers.named(LOGGERS.workerConfig).warn(unknownKeyMessage(unknown))
  try {
    return await new Standalone({ ...file, rest, levels, loggers, output }).run(connectorFiles)
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    log.fatal(`The worker cannot start. ${toError(error).message}`)
    return EXIT_START
  }
}

/** What threads write was redacted by them; this is for the main thread, and for values that have changed since. */
function redactedOutput(output: LogOutput, { text }: Redaction): LogOutput {
  return { write: line => output.write(text(line)) }
}

interface Assembled {
  readonly herder: StandaloneHerder
  readonly previews: Previews
  readonly context: RestContext
  readonly metrics: MetricsRegistry
}

interface Parts extends WorkerFile {
  readonly rest: RestPlan
  readonly levels: Levels
  readonly loggers: Loggers
  readonly output: LogOutput
}

class Standalone {
  readonly #o: Parts
  readonly #config: StandaloneConfig
  readonly #log: Logger

  constructor(parts: Parts) {
    this.#o = parts
    this.#config = parts.config
    this.#log = parts.loggers.named(LOGGERS.cli)
  }

  async run(connectorFiles: readonly string[]): Promise<number> {
    const config = this.#config
    const offsets = new FileOffsetStore(config['offset.storage.file.filename'])
    await offsets.start()
    let context: RestContext | null = null
    let previews: Previews | null = null
    const rest = new RestServers()
    const closeRest = () => Promise.all([previews?.close(), rest.close()])
    const { scheme, host, port } = await rest.open(this.#o.rest, this.#o.loggers, () => context)
    try {
      await this.#indexPlugins()
      const made = this.#assemble(`${host}:${port}`, offsets)
      made.metrics.start()
      context = made.context
      previews = made.previews
      const signal = endsBySignal(this.#log)
      this.#log.info(
        `Kafka Connect started: REST on ${scheme}://${host}:${port}/ (Sluice ${VERSION}, standalone, ${IS_SOURCE ? 'from sources' : 'built'}, Node ${process.version})`,
      )
      const areCreated = await this.#createAll(made.herder, connectorFiles, signal)
      if (areCreated) await signal
      made.metrics.stop()
      return await this.#stop(made.herder, closeRest, areCreated ? 0 : EXIT_CONNECTOR)
    } catch (error) {
      await closeRest()
      throw error
    }
  }

  /** Before the first thread starts: each is given what is found here. */
  async #indexPlugins(): Promise<void> {
    const paths = pluginPathOf(this.#o.props)
    if (paths.length === 0) return
    const { plugins, faults } = await sharePluginIndex(paths)
    const log = this.#o.loggers.named(LOGGERS.plugins)
    log.info(`plugin.path holds ${plugins.map(({ className, version }) => `${className} ${version}`).join(', ') || 'no plugin'}`)
    for (const { file, message } of faults) log.warn(`plugin.path: ${file} could not be loaded: ${message}`)
  }

  #assemble(workerId: string, offsets: FileOffsetStore): Assembled {
    const config = this.#config
    const { written, props, levels, loggers, output, redaction } = this.#o
    const groupOffsets = new KafkaGroupOffsets(props, loggers.named(LOGGERS.admin), systemClock)
    const actors = actorOptions(this.#o, levels, loggers.named(LOGGERS.worker), offsets, line => output.write(line))
    const worker = new Worker({
      ...actors,
      removeGroupMember: (groupId, memberId) => groupOffsets.removeMember(groupId, memberId),
    })
    const cluster = new ClusterInfo(props, loggers.named(LOGGERS.kafkaClient), systemClock)
    const configs = new MemoryConfigStore()
    const statuses = new MemoryStatusStore()
    const plugins = new Map<string, ConnectorPlugin>()
    const jobs = new PiscinaJobPool(written, loggers.named(LOGGERS.validation))
    const variables = openVariables(written)
    const previews = new Previews({ actors, configs, jobs, variables })
    const herder = new StandaloneHerder({
      workerId,
      serverInfo: async () => ({ version: VERSION, commit: COMMIT, kafka_cluster_id: await cluster.id() }),
      clock: systemClock,
      log: loggers.named(LOGGERS.herder),
      worker,
      jobs,
      plugins,
      configs,
      statuses,
      offsets,
      groupOffsets,
      restarts: {
        enabled: config['task.restart.enable'],
        unitMs: config['task.restart.backoff.unit.ms'],
        max: config['task.restart.max.attempts'],
        healthyMs: config['task.restart.healthy.ms'],
      },
      logLevels: new LogLevels(levels, systemClock, changed => {
        loggers.setLevels(changed)
        worker.setLogLevels(changed)
        previews.setLogLevels(changed)
      }),
      variables,
      redaction,
      shutdownTimeoutMs: config['task.shutdown.graceful.timeout.ms'],
      topicTracking: config['topic.tracking.enable'],
      // Out of the promise that reported it, into the handler that ends the process.
      onBug: error =>
        setImmediate(() => {
          throw error
        }),
    })
    const automaticRestarts = (name: string) => herder.automaticRestarts(name)
    const registry = this.#openMetrics({ worker, configs, statuses, plugins, automaticRestarts })
    const context: RestContext = {
      herder,
      previews,
      clock: systemClock,
      version: VERSION,
      topicTracking: { enabled: config['topic.tracking.enable'], allowReset: config['topic.tracking.allow.reset'] },
      redact: redaction.text,
      metrics: async () => ({ contentType: registry.contentType, text: await registry.text() }),
    }
    return { herder, previews, context, metrics: registry }
  }

  #openMetrics(of: Omit<MetricsSourceOptions, 'app'>): MetricsRegistry {
    return new MetricsRegistry(metricsSource({ ...of, app: { version: VERSION, commit: COMMIT } }), systemClock, {
      samples: this.#config['metrics.num.samples'],
      windowMs: this.#config['metrics.sample.window.ms'],
    })
  }

  /** Java ends when a connector of the command line is refused, so that a typing error is not overlooked. */
  async #createAll(herder: StandaloneHerder, files: readonly string[], signal: Promise<void>): Promise<boolean> {
    let isStopped = false
    void signal.then(() => (isStopped = true))
    for (const file of files) {
      try {
        const { name, config, initialState } = await readConnectorFile(file)
        const creating = herder.putConfig(name, config, { allowReplace: false, initialState })
        await Promise.race([creating, signal])
        if (isStopped) {
          creating.catch(() => undefined)
          return true
        }
        this.#log.info({ connector: name }, `created from ${file}`)
      } catch (error) {
        // It exists, is FAILED and will be restarted: not a reason to give up the others.
        if (codeOf(error) === 'CONNECT_CONNECTOR_FAILED' && this.#config['task.restart.enable']) continue
        this.#log.fatal(`The connector of ${file} was not created: ${toError(error).message}`)
        return false
      }
    }
    return true
  }

  async #stop(herder: StandaloneHerder, closeRest: () => Promise<unknown>, exitCode: number): Promise<number> {
    const deadlineMs = this.#config['task.shutdown.graceful.timeout.ms'] + STOP_GRACE_MS
    const late = systemClock.after(deadlineMs, () => {
      this.#log.fatal(`the worker did not stop within ${deadlineMs} ms and is killed`)
      endAtOnce()
    })
    const restClosed = closeRest().catch(() => undefined)
    try {
      await herder.close()
    } catch (error) {
      this.#log.error({ error }, `the worker did not stop in order: ${toError(error).message}`)
      return exitCode === 0 ? 1 : exitCode
    } finally {
      late.cancel()
    }
    await Promise.race([restClosed, systemClock.sleep(1_000)])
    this.#log.info('Kafka Connect stopped')
    if (abandonedThreads.count > 0) {
      this.#log.warn(`${abandonedThreads.count} threads sit in calls that do not return: the process is killed`)
      endAtOnce()
    }
    return exitCode
  }
}
