// Validates a connector config as a whole: the framework's keys, transforms and predicates, the connector's own keys, client overrides,
// converters (CONNECT.md 1.6). Job thread; called by workers/job.ts for REST and before a config is stored. Java: AbstractHerder.
import type { PluginKind, SinkPlugin, SourcePlugin } from '../api/plugin.ts'
import { ConfigError, toError } from '../base/errors.ts'
import { connectorConfig, sinkConnectorConfig, sinkFaults, sourceKeysOf } from '../config/connector-config.ts'
import { defineConfig, type KeyDef, type KeyDefs, type Props } from '../config/define.ts'
import { type ConfigInfo, type ConfigInfos, keyInfos } from '../config/infos.ts'
import type { Redactor } from '../config/secrets.ts'
import { topicCreationFaults } from '../config/topic-creation.ts'
import { openVariables, resolveWorkerProps, type Variables } from '../config/variables.ts'
import { type Catalogue, type InstalledPlugin, PluginVersionError } from './catalogue.ts'
import { addVersionError, checkClass, classFault, loadChecked } from './class-check.ts'
import { overrideFindings, type WorkerMode } from './client-overrides.ts'
import { addExactlyOnce } from './exactly-once-check.ts'
import { Findings, validatePrefixed } from './findings.ts'
import { addChain } from './validate-chain.ts'

interface ConverterKey {
  readonly key: 'header.converter' | 'key.converter' | 'value.converter'
  readonly kind: PluginKind
  readonly type: string
}

/** In the order Java lists them. */
const CONVERTERS: readonly ConverterKey[] = [
  { key: 'header.converter', kind: 'header_converter', type: 'header' },
  { key: 'key.converter', kind: 'converter', type: 'key' },
  { key: 'value.converter', kind: 'converter', type: 'value' },
]

const HEADER_CONVERTER_DEFAULT = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

/**
 * Findings about a connector config, errors included; what it says about values of config providers shows the variables, not the values.
 * @throws ConfigError when `connector.class` is missing or unknown: without it there is nothing to validate
 */
export async function validateConnectorConfig(
  catalogue: Catalogue,
  written: Props,
  writtenWorker: Props,
  mode: WorkerMode = 'standalone',
): Promise<ConfigInfos> {
  const variables = openVariables(writtenWorker)
  const workerProps = resolveWorkerProps(writtenWorker)
  const props = variables.resolve(written)
  const className = props['connector.class']
  if (className === undefined) {
    throw new ConfigError('connector.class', 'Connector config contains no connector type: connector.class is missing')
  }
  const main = new Findings('messages')
  const plugin = await connectorOrFindings(main, catalogue, props)
  if (plugin === null) return versionFindings(main, variables, written)
  addFramework(main, catalogue, plugin, props, workerProps)
  if (mode === 'distributed' && plugin.kind === 'sink') checkGroupId(main, props, workerProps['group.id']?.trim() ?? '')
  await addChain(main, catalogue, props)
  const converters = await converterFindings(main, catalogue, props)
  const overrides = overrideFindings(plugin.kind, props, workerProps, mode)
  await addConnector(main, plugin, props)
  if (mode === 'distributed' && plugin.kind === 'source') await addExactlyOnce(main, plugin.connector(), props, workerProps)
  const parts = [main, overrides, converters]
  const configs = parts.flatMap(part => part.configs)
  const infos = {
    name: written['connector.class'] ?? className,
    error_count: parts.reduce((sum, part) => sum + part.errorCount, 0),
    groups: [...new Set(parts.flatMap(part => part.groups))],
    configs,
  }
  const redact = variables.redactor([written, writtenWorker], passwordKeys(configs))
  return withoutSecrets(variables.hide(infos, written), redact)
}

const passwordKeys = (configs: readonly ConfigInfo[]) =>
  configs.filter(({ definition }) => definition?.type === 'PASSWORD').map(({ value }) => value.name)

/** A plugin's own messages may hold what it was given. */
function withoutSecrets(infos: ConfigInfos, redact: Redactor): ConfigInfos {
  const configs = infos.configs.map(info => ({ ...info, value: { ...info.value, errors: info.value.errors.map(redact) } }))
  return { ...infos, configs }
}

/** A sink's consumers must not be in the group of the workers. */
function checkGroupId(main: Findings, props: Props, workerGroup: string): void {
  const key = 'consumer.override.group.id'
  const own = props[key]
  const conflict = `conflicts with Connect worker group ${workerGroup}`
  if (own !== undefined) {
    main.add([], [{ name: key, value: own, recommendedValues: [], errors: [], visible: true }])
    if (own === workerGroup) main.addError(key, `Consumer group ${own} ${conflict}`)
  } else if (`connect-${main.get('name')?.value}` === workerGroup) {
    main.addError('name', `Consumer group for sink connector named ${main.get('name')?.value} ${conflict}`)
  }
}

/** The connector in the version that the config asks for. */
export async function loadConnector(
  catalogue: Catalogue,
  className: string,
  version: string | null | undefined,
): Promise<InstalledPlugin<SinkPlugin | SourcePlugin>> {
  const kind = catalogue.has('sink', className) ? 'sink' : 'source'
  return (await catalogue.load(kind, className, 'connector.class', version)) as InstalledPlugin<SinkPlugin | SourcePlugin>
}

/** null: not installed in the version asked for; the framework's keys are checked, and say so. */
async function connectorOrFindings(
  main: Findings,
  catalogue: Catalogue,
  props: Props,
): Promise<InstalledPlugin<SinkPlugin | SourcePlugin> | null> {
  try {
    return await loadConnector(catalogue, props['connector.class'] ?? '', props['connector.plugin.version'])
  } catch (error) {
    if (!(error instanceof PluginVersionError)) throw error
    const key = 'connector.plugin.version'
    const newest = error.availableVersions.at(-1) ?? null
    const config = defineConfig({ ...connectorConfig.keys, [key]: { ...connectorConfig.keys[key], default: newest } })
    main.add(keyInfos(config), config.validate(props))
    for (const { key: converter } of CONVERTERS) main.conceal(`${converter}.plugin.version`)
    addVersionError(main, ['connector.class', 'connector.plugin.version'], error)
    return null
  }
}

function versionFindings(main: Findings, variables: Variables, written: Props): ConfigInfos {
  const infos = {
    name: written['connector.class'] ?? '',
    error_count: main.errorCount,
    groups: main.groups,
    configs: main.configs,
  }
  return variables.hide(infos, written)
}

/** The framework's keys, with the worker's converters and the installed versions as defaults. */
export function frameworkKeys(
  catalogue: Catalogue,
  plugin: InstalledPlugin<SinkPlugin | SourcePlugin>,
  props: Props,
  workerProps: Props,
): KeyDefs {
  const keys: Record<string, KeyDef> = { ...(plugin.kind === 'sink' ? sinkConnectorConfig.keys : sourceKeysOf(props)) }
  const setDefault = (name: string, value: string | null) => (keys[name] = { ...(keys[name] as KeyDef), default: value })
  setDefault('connector.plugin.version', catalogue.find(plugin.kind, plugin.className)?.version ?? plugin.version)
  for (const { key, kind } of CONVERTERS) {
    const ofWorker = workerProps[key]?.trim() ?? (key === 'header.converter' ? HEADER_CONVERTER_DEFAULT : null)
    setDefault(key, ofWorker === null ? null : (catalogue.find(kind, ofWorker)?.className ?? ofWorker))
    const isOfWorker = props[key] === undefined
    const newest = catalogue.find(kind, props[key] ?? ofWorker ?? '')?.version ?? null
    setDefault(`${key}.plugin.version`, (isOfWorker ? workerProps[`${key}.plugin.version`] : undefined) ?? newest)
  }
  return keys
}

function addFramework(
  main: Findings,
  catalogue: Catalogue,
  plugin: InstalledPlugin<SinkPlugin | SourcePlugin>,
  props: Props,
  workerProps: Props,
): void {
  const config = defineConfig(frameworkKeys(catalogue, plugin, props, workerProps))
  main.add(keyInfos(config), config.validate(props))
  main.setRecommended('connector.plugin.version', catalogue.versions(plugin.kind, plugin.className))
  const createsTopics = workerProps['topic.creation.enable']?.trim().toLowerCase() !== 'false'
  const faults = plugin.kind === 'sink' ? sinkFaults(props) : createsTopics ? topicCreationFaults(props) : []
  for (const { name, message } of faults) main.addError(name, message)
  for (const { key, kind } of CONVERTERS) {
    main.setRecommended(key, catalogue.classNames(kind))
    main.setRecommended(`${key}.plugin.version`, catalogue.versions(kind, main.get(key)?.value ?? ''))
    if (props[key] !== undefined) {
      checkClass(main, catalogue, key, kind, props[key])
      if (main.get(key)?.value === null) main.conceal(`${key}.plugin.version`)
      continue
    }
    const fault = main.get(key)?.value === null ? null : classFault(catalogue, key, kind, main.get(key)?.value ?? '')
    if (fault !== null) main.addError(key, `The worker's ${key} is not usable. ${fault}`)
  }
}

/** Keys of the converters that the connector config itself names. */
async function converterFindings(main: Findings, catalogue: Catalogue, props: Props): Promise<Findings> {
  const found = new Findings('keys')
  for (const { key, kind, type } of CONVERTERS) {
    const name = props[key]
    if (name === undefined || (main.get(key)?.errors.length ?? 0) > 0) continue
    try {
      const plugin = await loadChecked(main, catalogue, kind, [key, `${key}.plugin.version`], props)
      if (plugin === null) continue
      const { definitions, values } = validatePrefixed(plugin.config, `${key}.`, { 'converter.type': type, ...below(props, key) })
      found.add(definitions, values)
    } catch (error) {
      main.addError(key, `Failed to load class ${name}: ${toError(error).message}`)
    }
  }
  return found
}

function below(props: Props, key: string): Props {
  const prefix = `${key}.`
  const own = Object.entries(props).filter(([name]) => name.startsWith(prefix) && name !== `${key}.plugin.version`)
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]))
}

/** The connector's own keys, and what it says about them together. */
async function addConnector(main: Findings, plugin: SinkPlugin | SourcePlugin, props: Props): Promise<void> {
  main.add(keyInfos(plugin.config), plugin.config.validate(props))
  try {
    const faults = await plugin.connector().validate?.(props)
    for (const { name, errors } of faults ?? []) for (const error of errors) main.addError(name, error)
  } catch (error) {
    main.addError('connector.class', `${plugin.className} could not validate this config: ${toError(error).message}`)
  }
}
