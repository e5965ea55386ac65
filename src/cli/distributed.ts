// A worker of a cluster: the three topics are opened and read, then it joins the group and waits for a signal. Main thread; called by
// main.ts. Exit codes are Java's: 2 cannot start, 1 it had to end by itself.
import { groupFigures } from '../actor/group-figures.ts'
import { MetricsSlab } from '../actor/metrics-slab.ts'
import { systemClock } from '../base/clock.ts'
import { codeOf, toError } from '../base/errors.ts'
import { LOGGERS } from '../base/logger-names.ts'
import type { DistributedConfig } from '../config/distributed-config.ts'
import { openVariables } from '../config/variables.ts'
import { clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import { type ConfigListener, ConfigTopic } from '../store/config-topic.ts'
import { internalTopics } from '../store/internal-topics.ts'
import { OffsetRouter } from '../store/offset-router.ts'
import { OffsetTopic } from '../store/offset-topic.ts'
import { StatusTopic } from '../store/status-topic.ts'
import type { ConnectProtocolSetting } from '../supervisor/distributed/connect-protocol.ts'
import { DistributedHerder } from '../supervisor/distributed/herder.ts'
import { PulseThread } from '../supervisor/distributed/pulse-thread.ts'
import { checkSignatureConfig, type SignatureConfig } from '../supervisor/distributed/request-signature.ts'
import { WorkerClient } from '../supervisor/distributed/worker-client.ts'
import { KafkaWorkerGroup } from '../supervisor/distributed/worker-group.ts'
import { exactlyOnceLevel, fencingOf, openConfigWriter, transactionalOffsetsOf } from './exactly-once.ts'
import type { Advertised } from './listeners.ts'
import { workerClientTls } from './rest-tls.ts'
import { readDistributedFile } from './worker-file.ts'
import { cliLog, herderParts, type ProcessParts, type Running, runningWith, runWorker, serve } from './worker-process.ts'

type Parts = ProcessParts<DistributedConfig>

const EXIT_START = 2
/** A broker that does not answer at the start is waited for as long as Java's clients do. */
const BROKER_TIMEOUT_MS = 60_000
const BROKER_RETRY_MS = 1_000

interface RunningInCluster extends Running {
  readonly herder: DistributedHerder
  /** settles when the worker must end by itself */
  readonly failed: Promise<Error>
}

/** Runs until it is told to stop; settles with the exit code. */
export function runDistributed(workerFile: string): Promise<number> {
  return runWorker('distributed', workerFile, readDistributedFile, async parts => {
    const signatures = signaturesOf(parts.config)
    checkSignatureConfig(signatures)
    const log = cliLog(parts)
    try {
      return await serve<RunningInCluster>(parts, {
        start: address => start(parts, address, signatures),
        async work({ herder, failed }, signal) {
          herder.start()
          const error = await Promise.race([failed, signal])
          if (error === undefined) return 0
          log.fatal({ error }, `the worker cannot go on and ends: ${error.message}`)
          return 1
        },
      })
    } catch (error) {
      if (codeOf(error) !== 'CONNECT_KAFKA') throw error
      log.fatal(`The worker cannot start. ${toError(error).message}. Check bootstrap.servers and that the brokers run`)
      return EXIT_START
    }
  })
}

function signaturesOf(config: DistributedConfig): SignatureConfig {
  return {
    keyAlgorithm: config['inter.worker.key.generation.algorithm'],
    keyBits: config['inter.worker.key.size'],
    algorithm: config['inter.worker.signature.algorithm'],
    accepted: config['inter.worker.verification.algorithms'],
  }
}

/** The three topics, read to their ends; what the config topic tells from now on goes to `listener`. */
async function openStores(parts: Parts, listener: ConfigListener, onFailed: (error: Error) => void) {
  const { config, written, props, loggers } = parts
  const topics = internalTopics({ config, props, clock: systemClock, log: loggers.named(LOGGERS.kafkaClient) })
  const shared = { clock: systemClock, log: loggers.named(LOGGERS.distributedHerder), onFailed }
  const configs = new ConfigTopic({
    ...shared,
    open: topics.config,
    topic: config['config.storage.topic'],
    listener,
    ...(exactlyOnceLevel(config) === 'disabled' ? {} : { openWriter: () => openConfigWriter(parts) }),
  })
  const statuses = new StatusTopic({ ...shared, open: topics.status, topic: config['status.storage.topic'] })
  const topic = config['offset.storage.topic']
  const global = new OffsetTopic({ ...shared, open: topics.offsets(), topic })
  await Promise.all([global.start(), statuses.start()])
  await configs.start()
  const variables = openVariables(written)
  const offsets = new OffsetRouter({
    global,
    topic,
    workerProps: props,
    log: shared.log,
    configOf(name) {
      const entry = configs.get(name)
      return entry && variables.resolve(entry.config)
    },
    open: (own, client, onFailed) => new OffsetTopic({ ...shared, open: topics.offsets(own, client), topic: own, onFailed }),
  })
  return { configs, statuses, offsets }
}

function groupOptions(config: DistributedConfig, { scheme, host, port }: Advertised) {
  return {
    groupId: config['group.id'],
    protocol: config['connect.protocol'].toLowerCase() as ConnectProtocolSetting,
    restUrl: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`,
    sessionTimeoutMs: config['session.timeout.ms'],
    rebalanceTimeoutMs: config['rebalance.timeout.ms'],
    heartbeatIntervalMs: config['heartbeat.interval.ms'],
    syncTimeoutMs: config['worker.sync.timeout.ms'],
    unsyncBackoffMs: config['worker.unsync.backoff.ms'],
    maxDelayMs: config['scheduled.rebalance.max.delay.ms'],
    retryBackoffMs: config['retry.backoff.ms'],
    retryBackoffMaxMs: config['retry.backoff.max.ms'],
  }
}

async function start(parts: Parts, address: Advertised, signatures: SignatureConfig): Promise<RunningInCluster> {
  const { config, props, loggers } = parts
  const workerId = `${address.host}:${address.port}`
  const clientId = config['client.id'] || `connect-${workerId}`
  const cluster = await connected(parts, clientId)
  const slab = new MetricsSlab()
  const startedMs = systemClock.monotonicMs()
  const failure = Promise.withResolvers<Error>()
  const onFailed = (error: Error) => failure.resolve(error)
  // The stores come first, and what the config topic tells while they are read is in their state.
  let herder: DistributedHerder | null = null
  const stores = await openStores(
    parts,
    toHerder(() => herder, onFailed),
    onFailed,
  )
  const made = herderParts(parts, workerId, stores)
  const client = new WorkerClient({
    tls: workerClientTls(props),
    clock: systemClock,
    algorithm: signatures.algorithm,
  })
  const log = loggers.named(LOGGERS.group)
  const level = exactlyOnceLevel(config)
  const group = groupOptions(config, address)
  const pulse = new PulseThread(group, { ...props, 'client.id': clientId }, clientId, log)
  herder = new DistributedHerder({
    ...made.options,
    ...stores,
    client,
    signatures,
    sessionKeyTtlMs: config['inter.worker.key.ttl.ms'],
    syncTimeoutMs: config['worker.sync.timeout.ms'],
    isExactlyOnce: level === 'enabled',
    fencing:
      level === 'disabled'
        ? null
        : fencingOf(parts, stores.configs, made.options.variables, (name, count) => standing.putTaskCount(name, count)),
    ...(level === 'enabled'
      ? { transactionalOffsets: transactionalOffsetsOf(parts, stores.offsets, made.options.variables) }
      : {}),
    onFailed,
    openGroup: listener =>
      new KafkaWorkerGroup({
        ...group,
        pulse,
        figures: groupFigures(slab, systemClock),
        cluster,
        log,
        clock: systemClock,
        listener,
      }),
    releaseOffsets: name => stores.offsets.release(name),
    onClosed: async () => {
      made.spares?.close()
      await Promise.all([pulse.close(), cluster.close()])
    },
  })
  const standing = herder
  const door = {
    send: client.send.bind(client),
    putTaskConfigs: standing.putTaskConfigs.bind(standing),
    fence: standing.answerFence.bind(standing),
  }
  const metrics = { own: ownOf(standing), cluster: { metrics: slab, startedMs, view: () => standing.clusterView() } }
  return { ...runningWith(parts, standing, made, { metrics, door }), failed: failure.promise }
}

/** For the metrics: what of the cluster's work is here. */
const ownOf = (herder: DistributedHerder) => ({
  connectors: () => herder.ownConnectors(),
  tasks: (name: string) => herder.ownTasks(name),
  hasConnector: (name: string) => herder.hasConnector(name),
})

/** The herder is made of the stores, so it comes after them. */
function toHerder(herder: () => DistributedHerder | null, failed: (error: Error) => void): ConfigListener {
  return {
    connectorChanged: name => herder()?.connectorChanged(name),
    connectorRemoved: name => herder()?.connectorRemoved(name),
    tasksChanged: name => herder()?.tasksChanged(name),
    targetChanged: name => herder()?.targetChanged(name),
    sessionKeyChanged: key => herder()?.sessionKeyChanged(key),
    restartRequested: (name, scope) => herder()?.restartRequested(name, scope),
    loggerLevelChanged: (namespace, level) => herder()?.loggerLevelChanged(namespace, level),
    failed,
  }
}

/** @throws KafkaError where no broker answers in time */
async function connected({ props, loggers }: Parts, clientId: string): Promise<Cluster> {
  const log = loggers.named(LOGGERS.kafkaClient)
  const untilMs = systemClock.monotonicMs() + BROKER_TIMEOUT_MS
  for (;;) {
    const cluster = new Cluster(clientConfigFrom({ ...props, 'client.id': clientId }, clientId), log)
    try {
      await cluster.connect()
      return cluster
    } catch (error) {
      await cluster.close().catch(() => undefined)
      if (codeOf(error) !== 'CONNECT_KAFKA' || systemClock.monotonicMs() >= untilMs) throw error
      log.warn(`no broker yet, again in ${BROKER_RETRY_MS} ms: ${toError(error).message}`)
      await systemClock.sleep(BROKER_RETRY_MS)
    }
  }
}
