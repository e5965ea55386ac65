// What standalone and distributed workers are alike as processes: file, log, REST, plugins, signals, the end; and the parts that every herder
// is made of. Main thread; called by standalone.ts and distributed.ts.

import type { SpareThreads } from '../actor/spare-threads.ts'
import { abandonedThreads } from '../base/abandoned-threads.ts'
import { systemClock } from '../base/clock.ts'
import { codeOf, toError } from '../base/errors.ts'
import { IS_SOURCE } from '../base/layout.ts'
import { type Levels, type Logger, Loggers, levelNamed, ROOT } from '../base/log.ts'
import { LOGGERS } from '../base/logger-names.ts'
import { idleKeyMessage, idleKeys, unknownKeyMessage, unknownWorkerKeys } from '../config/unknown-keys.ts'
import { openVariables } from '../config/variables.ts'
import type { WorkerConfig } from '../config/worker-config.ts'
import { MetricsRegistry } from '../metrics/registry.ts'
import type { WorkerMode } from '../plugins/client-overrides.ts'
import { sharePluginIndex } from '../plugins/plugin-index.ts'
import { pluginPathOf } from '../plugins/plugin-path.ts'
import type { ClusterDoor, RestContext } from '../rest/resource.ts'
import { ClusterInfo } from '../supervisor/cluster-info.ts'
import type { Herder } from '../supervisor/herder.ts'
import type { HerderOptions } from '../supervisor/herder-options.ts'
import { type ConnectorPlugin, PiscinaJobPool } from '../supervisor/job-pool.ts'
import { KafkaGroupOffsets } from '../supervisor/kafka-group-offsets.ts'
import { LogLevels } from '../supervisor/log-levels.ts'
import { type MetricsSourceOptions, metricsSource } from '../supervisor/metrics-source.ts'
import { Previews } from '../supervisor/previews.ts'
import type { Redaction } from '../supervisor/redaction.ts'
import { Worker } from '../supervisor/worker.ts'
import { actorOptions, spareThreads } from './actor-options.ts'
import type { Advertised } from './listeners.ts'
import { createLogOutput, type LogOutput } from './log-output.ts'
import { endAtOnce, endsBySignal, exitOnBugs } from './process-end.ts'
import { planRest, type RestPlan, RestServers } from './rest-servers.ts'
import { COMMIT, VERSION } from './version.ts'
import type { WorkerFile } from './worker-file.ts'

const EXIT_START = 2
/** A stop has the shutdown time of the tasks, and this much more for connectors, REST and the group, before the process just ends. */
const STOP_GRACE_MS = 10_000

export interface ProcessParts<C extends WorkerConfig = WorkerConfig> extends WorkerFile<C> {
  readonly mode: WorkerMode
  readonly rest: RestPlan
  readonly levels: Levels
  readonly loggers: Loggers
  readonly output: LogOutput
}

/** Unless it is configured: text for people, JSON for what collects logs. */
function formatOf(configured: string | null): 'text' | 'json' {
  return configured === 'text' || (configured === null && process.stdout.isTTY === true) ? 'text' : 'json'
}

/** The logger of the command line. */
export function cliLog({ loggers, mode }: Pick<ProcessParts, 'loggers' | 'mode'>): Logger {
  return loggers.named(LOGGERS[mode])
}

/** Reads the worker file and runs until the process is told to stop; settles with the exit code. */
export async function runWorker<C extends WorkerConfig>(
  mode: WorkerMode,
  workerFile: string,
  read: (path: string) => Promise<WorkerFile<C>>,
  run: (parts: ProcessParts<C>) => Promise<number>,
): Promise<number> {
  let file: WorkerFile<C>
  let rest: RestPlan
  try {
    file = await read(workerFile)
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
  const log = cliLog({ loggers, mode })
  exitOnBugs(log)
  for (const warning of rest.warnings) log.warn(warning)
  for (const message of [...unknownWorkerKeys(props).map(unknownKeyMessage), ...idleKeys(props, '.').map(idleKeyMessage)])
    loggers.named(LOGGERS.workerConfig).warn(message)
  try {
    return await run({ ...file, mode, rest, levels, loggers, output })
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

/** A worker that REST can reach. */
export interface Running {
  readonly herder: Herder & { close(): Promise<void> }
  readonly previews: Previews
  readonly context: RestContext
  readonly metrics: MetricsRegistry
}

export interface Steps<R extends Running> {
  /** REST listens already, and says that the worker is starting */
  start(address: Advertised): Promise<R>
  /** settles with an exit code when the worker is to end, at the latest after `signal` */
  work(running: R, signal: Promise<void>): Promise<number>
}

/** Opens REST, starts, works, stops in order. */
export async function serve<R extends Running>(parts: ProcessParts, steps: Steps<R>): Promise<number> {
  const { loggers } = parts
  const log = cliLog(parts)
  let running: R | null = null
  let isStarted = false
  const rest = new RestServers()
  const closeRest = () => Promise.all([running?.previews.close(), rest.close()])
  const address = await rest.open(parts.rest, loggers, () => (isStarted ? (running?.context ?? null) : null))
  const { scheme, host, port } = address
  try {
    await indexPlugins(parts)
    running = await steps.start(address)
    running.metrics.start()
    isStarted = true
    const signal = endsBySignal(log)
    log.info(
      `Kafka Connect started: REST on ${scheme}://${host}:${port}/ (Sluice ${VERSION}, ${parts.mode}, ${IS_SOURCE ? 'from sources' : 'built'}, Node ${process.version})`,
    )
    const exitCode = await steps.work(running, signal)
    running.metrics.stop()
    return await stop(parts, running.herder, closeRest, exitCode)
  } catch (error) {
    await closeRest()
    throw error
  }
}

/** Before the first thread starts: each is given what is found here. */
async function indexPlugins({ props, loggers }: ProcessParts): Promise<void> {
  const paths = pluginPathOf(props)
  if (paths.length === 0) return
  const { plugins, faults } = await sharePluginIndex(paths)
  const log = loggers.named(LOGGERS.plugins)
  log.info(`plugin.path holds ${plugins.map(({ className, version }) => `${className} ${version}`).join(', ') || 'no plugin'}`)
  for (const { file, message } of faults) log.warn(`plugin.path: ${file} could not be loaded: ${message}`)
}

async function stop(
  parts: ProcessParts,
  herder: Running['herder'],
  closeRest: () => Promise<unknown>,
  exitCode: number,
): Promise<number> {
  const log = cliLog(parts)
  const deadlineMs = parts.config['task.shutdown.graceful.timeout.ms'] + STOP_GRACE_MS
  const late = systemClock.after(deadlineMs, () => {
    log.fatal(`the worker did not stop within ${deadlineMs} ms and is killed`)
    endAtOnce()
  })
  const restClosed = closeRest().catch(() => undefined)
  try {
    await herder.close()
  } catch (error) {
    log.error({ error }, `the worker did not stop in order: ${toError(error).message}`)
    return exitCode === 0 ? 1 : exitCode
  } finally {
    late.cancel()
  }
  await Promise.race([restClosed, systemClock.sleep(1_000)])
  log.info('Kafka Connect stopped')
  if (abandonedThreads.count > 0) {
    log.warn(`${abandonedThreads.count} threads sit in calls that do not return: the process is killed`)
    endAtOnce()
  }
  return exitCode
}

export type Stores = Pick<HerderOptions, 'configs' | 'statuses' | 'offsets'>

/** What every herder is made of, on these stores. */
export function herderParts(
  { mode, written, props, config, levels, loggers, output, redaction, ...rest }: ProcessParts,
  workerId: string,
  stores: Stores,
): { readonly options: HerderOptions; readonly previews: Previews; readonly spares: SpareThreads | undefined } {
  const { offsets, configs } = stores
  const groupOffsets = new KafkaGroupOffsets(props, loggers.named(LOGGERS.admin), systemClock)
  const file = { written, props, config, redaction, ...rest }
  const log = loggers.named(LOGGERS.worker)
  const spares = mode === 'standalone' ? undefined : spareThreads(file, log)
  const actors = actorOptions(file, levels, log, offsets, line => output.write(line), spares)
  const variables = openVariables(written)
  const worker = new Worker({
    ...actors,
    removeGroupMember: async (groupId, memberId, connectorProps) =>
      groupOffsets.removeMember({ groupId, config: variables.resolve(connectorProps) }, memberId),
  })
  const cluster = new ClusterInfo(props, loggers.named(LOGGERS.kafkaClient), systemClock)
  const jobs = new PiscinaJobPool(written, loggers.named(LOGGERS.validation), { mode, keepsThread: mode === 'distributed' })
  const previews = new Previews({ actors, configs, jobs, variables })
  const options: HerderOptions = {
    ...stores,
    workerId,
    serverInfo: async () => ({ version: VERSION, commit: COMMIT, kafka_cluster_id: await cluster.id() }),
    clock: systemClock,
    log: loggers.named(mode === 'standalone' ? LOGGERS.herder : LOGGERS.distributedHerder),
    worker,
    jobs,
    plugins: new Map<string, ConnectorPlugin>(),
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
  }
  return { options, previews, spares }
}

/** Metrics and REST of a herder that stands. */
export function runningWith<H extends Running['herder'] & { automaticRestarts(connector: string): number }>(
  { config, redaction }: ProcessParts,
  herder: H,
  { options, previews }: ReturnType<typeof herderParts>,
  more: { readonly metrics?: Pick<MetricsSourceOptions, 'own' | 'cluster'>; readonly door?: ClusterDoor } = {},
): Running & { readonly herder: H } {
  const { worker, configs, statuses, plugins } = options
  const automaticRestarts = (name: string) => herder.automaticRestarts(name)
  const app = { version: VERSION, commit: COMMIT }
  const source = metricsSource({
    worker,
    configs,
    statuses,
    plugins,
    automaticRestarts,
    app,
    ...more.metrics,
  })
  const metrics = new MetricsRegistry(source, systemClock, {
    samples: config['metrics.num.samples'],
    windowMs: config['metrics.sample.window.ms'],
  })
  const context: RestContext = {
    herder,
    previews,
    clock: systemClock,
    version: VERSION,
    topicTracking: { enabled: config['topic.tracking.enable'], allowReset: config['topic.tracking.allow.reset'] },
    redact: redaction.text,
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    ...(more.door === undefined ? {} : { cluster: more.door }),
  }
  return { herder, previews, context, metrics }
}
