// `sluice migrate plan`: reads a Java cluster, judges its connectors, prints. Nothing is written to Kafka: topics are read from their beginning
// without a group, groups are looked at from outside. Main thread of a command; called by main.ts.
import { ConfigError, codeOf, toError } from '../../base/errors.ts'
import { Loggers } from '../../base/log.ts'
import { LOGGERS } from '../../base/logger-names.ts'
import { openVariables } from '../../config/variables.ts'
import { Admin } from '../../kafka/admin.ts'
import { Cluster } from '../../kafka/cluster.ts'
import { openCatalogue } from '../../plugins/catalogue.ts'
import { sharePluginIndex } from '../../plugins/plugin-index.ts'
import { pluginPathOf } from '../../plugins/plugin-path.ts'
import { ownOffsetsTopic } from '../../store/offset-router.ts'
import { PiscinaJobPool } from '../../supervisor/job-pool.ts'
import { type Invocation, invocationOf, migrateCommands } from '../commands.ts'
import { readText } from '../connector-file.ts'
import { withKafkaLogin } from '../kafka-login.ts'
import { readOnlyOffsets } from '../read-only-offsets.ts'
import { secondsOf } from '../remote/access.ts'
import { ofProcess, type Surroundings } from '../remote/run.ts'
import { printable } from '../terminal-text.ts'
import { parseWorkerFile } from '../worker-file.ts'
import { type ClusterState, readClusterState } from './cluster-state.ts'
import { type ConnectorPlan, type Judges, planConnector } from './plan.ts'
import { type Plan, planText } from './plan-text.ts'
import { checkWorker, type WorkerChecked } from './worker-check.ts'

const EXIT_USAGE = 1
const EXIT_UNREACHABLE = 2
const EXIT_REFUSED = 3
const EXIT_CHECK = 4
const TIMEOUT_SECONDS = 60

interface Asked {
  readonly file: string
  readonly pluginPath: string
  readonly timeoutMs: number
  readonly isJson: boolean
  readonly isCheck: boolean
}

/** @throws ConfigError for wrong usage */
function askedOf({ values }: Invocation): Asked {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : null)
  const file = text('properties')
  if (file === null) throw new ConfigError('', 'migrate plan needs --properties FILE, the worker file of the Java cluster')
  return {
    file,
    pluginPath: text('plugin-path') ?? '',
    timeoutMs: secondsOf(text('timeout'), TIMEOUT_SECONDS) * 1000,
    isJson: values.json === true,
    isCheck: values.check === true,
  }
}

/** Settles with the exit code. */
export async function runMigrate(
  args: readonly string[],
  { out, err }: Pick<Surroundings, 'out' | 'err'> = ofProcess,
): Promise<number> {
  let asked: Asked
  try {
    asked = askedOf(invocationOf(migrateCommands, args))
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    err(`${printable(toError(error).message)}\nHelp: sluice migrate --help\n`)
    return EXIT_USAGE
  }
  let checked: WorkerChecked
  try {
    const written = parseWorkerFile(await readText(asked.file, 'worker file'))
    checked = checkWorker(withKafkaLogin(written, process.env.KAFKA_OPTS), asked.pluginPath)
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    err(`${printable(toError(error).message)}\nCheck ${asked.file}\n`)
    return EXIT_REFUSED
  }
  try {
    const plan = await planOf(checked, asked, err)
    out(asked.isJson ? `${JSON.stringify(plan, null, 2)}\n` : planText(plan))
    return asked.isCheck && plan.connectors.some(({ runs }) => !runs) ? EXIT_CHECK : 0
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (!code.startsWith('CONNECT_') || code === 'CONNECT_ASSERTION') throw error
    err(
      `The cluster at ${checked.client.bootstrapServers.join(',')} cannot be read: ${printable(checked.redact(toError(error).message))}\n`,
    )
    return code === 'CONNECT_CONFIG' ? EXIT_REFUSED : EXIT_UNREACHABLE
  }
}

async function planOf(checked: WorkerChecked, { timeoutMs, pluginPath }: Asked, err: (text: string) => void): Promise<Plan> {
  const log = new Loggers({ root: 'ERROR' }, { write: err }).named(LOGGERS.distributed)
  const cluster = new Cluster(checked.client, log)
  const jobs = new PiscinaJobPool(checked.written, log, { mode: 'distributed' })
  try {
    await cluster.connect()
    const state = await readClusterState({ cluster, log, timeoutMs, groupId: checked.groupId, topics: checked.topics })
    if (state.topics.some(({ key, found }) => key === 'config.storage.topic' && found === null)) {
      const topic = checked.topics['config.storage.topic']
      throw new ConfigError(
        '',
        `there is no topic ${topic} (config.storage.topic). Is this the worker file of a cluster that has run?`,
      )
    }
    const paths = pluginPathOf({ 'plugin.path': pluginPath })
    if (paths.length > 0) await sharePluginIndex(paths)
    const admin = new Admin(cluster, { log, timeoutMs })
    const variables = openVariables(checked.written)
    const topic = checked.topics['offset.storage.topic']
    const offsets = readOnlyOffsets({
      workerProps: checked.props,
      topic,
      configOf: name => variables.resolve(state.config.get(name)?.config ?? {}),
      clientId: 'sluice-migrate',
      log,
      timeoutMs,
    })
    const judges: Judges = {
      catalogue: await openCatalogue(paths),
      validate: config => jobs.validate(config),
      missingProviders: checked.missingProviders,
      committed: async groupId => (await admin.groupOffsets(groupId)).size,
      async ownOffsets(name, config) {
        const own = ownOffsetsTopic(variables.resolve(config), checked.props, topic)
        return own === null ? null : { partitions: (await offsets.all(name)).length, in: own.topic }
      },
    }
    const connectors: ConnectorPlan[] = []
    for (const name of state.config.names()) connectors.push(await planConnector(name, state, checked.props, judges))
    return {
      group: { id: checked.groupId, bootstrap: checked.client.bootstrapServers.join(','), members: state.members },
      topics: state.topics,
      worker: checked.findings,
      connectors,
      left: leftOffsets(state),
      problems: state.problems,
    }
  } finally {
    await jobs.close()
    await cluster.close().catch(() => undefined)
  }
}

function leftOffsets({ sourceOffsets, config }: ClusterState): Plan['left'] {
  const names = new Set(config.names())
  const left = [...sourceOffsets].filter(([connector]) => !names.has(connector))
  return left.map(([connector, partitions]) => ({ connector, partitions }))
}
