// What Sluice makes of the worker file of a Java cluster: keys that it refuses, keys that it does not know, and what goes into connecting and
// validating. Main thread of a command; reads the files that the worker file names, connects to nothing.
import { ConfigError, codeOf, toError } from '../../base/errors.ts'
import { distributedConfig } from '../../config/distributed-config.ts'
import { idleKeyMessage, idleKeys, unknownKeyMessage, unknownWorkerKeys } from '../../config/unknown-keys.ts'
import { openVariables, resolveWorkerProps } from '../../config/variables.ts'
import { type ClientConfig, clientConfigFrom } from '../../kafka/client-config.ts'
import type { Props } from '../../store/config-store.ts'
import { Redaction } from '../../supervisor/redaction.ts'
import { LOGIN_CONFIG, restCredentials } from '../rest-access.ts'
import { restTlsOptions } from '../rest-tls.ts'
import { TOPIC_KEYS, type TopicKey } from './cluster-state.ts'

export interface WorkerFinding {
  readonly key: string
  readonly message: string
  /** whether a worker of Sluice would not start, or not do the same, with this key */
  readonly isProblem: boolean
}

export interface WorkerChecked {
  /** variables unresolved, without what Sluice cannot do: for validation */
  readonly written: Props
  readonly props: Props
  readonly client: ClientConfig
  readonly groupId: string
  readonly topics: Readonly<Record<TopicKey, string>>
  readonly findings: readonly WorkerFinding[]
  /** names of config providers that are classes of Java's */
  readonly missingProviders: readonly string[]
  /** takes secrets of the file out of a text */
  readonly redact: (text: string) => string
}

/**
 * @param file as it is written
 * @param pluginPath of ours: that of the file names Java's jars
 * @throws ConfigError where the cluster could not be found or connected to by this file
 */
export function checkWorker(file: Props, pluginPath: string): WorkerChecked {
  const { 'plugin.path': _, ...ofJava } = file
  const ours = pluginPath === '' ? ofJava : { ...ofJava, 'plugin.path': pluginPath }
  const { written, findings, missingProviders } = withoutForeignProviders(ours)
  const redaction = new Redaction(openVariables(written), written)
  const problem = (key: string, message: string) => findings.push({ key, message: redaction.text(message), isProblem: true })
  try {
    const props = resolveWorkerProps(written)
    const [groupId, ...names] = ['group.id', ...TOPIC_KEYS].map(key => needed(props, key))
    for (const { name, errors } of distributedConfig.validate(props)) for (const error of errors) problem(name, error)
    checkRest(props, problem)
    for (const unknown of unknownWorkerKeys(file)) {
      findings.push({ key: unknown.name, message: unknownKeyMessage(unknown), isProblem: false })
    }
    for (const key of idleKeys(file, '.')) findings.push({ key, message: idleKeyMessage(key), isProblem: false })
    const client = clientConfigFrom(props, 'sluice-migrate')
    const topics = Object.fromEntries(TOPIC_KEYS.map((key, i) => [key, names[i] as string])) as Record<TopicKey, string>
    return { written, props, client, groupId: groupId ?? '', topics, findings, missingProviders, redact: redaction.text }
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    throw new ConfigError('', redaction.text(toError(error).message))
  }
}

function needed(props: Props, key: string): string {
  const value = props[key]?.trim() ?? ''
  if (value === '') throw new ConfigError(key, `The file has no ${key}: it must be the worker file of a distributed Java worker`)
  return value
}

interface Providers {
  readonly written: Props
  readonly findings: WorkerFinding[]
  readonly missingProviders: string[]
}

/** A provider that is a class of Java's is taken out: its variables stay as they are written. */
function withoutForeignProviders(file: Props): Providers {
  const names = (file['config.providers'] ?? '').split(',').map(name => name.trim())
  const findings: WorkerFinding[] = []
  const missingProviders: string[] = []
  for (const name of names.filter(one => one !== '')) {
    const own = Object.entries(file).filter(([key]) => key.startsWith(`config.providers.${name}.`))
    try {
      openVariables({ ...Object.fromEntries(own), 'config.providers': name })
    } catch (error) {
      if (codeOf(error) !== 'CONNECT_CONFIG') throw error
      missingProviders.push(name)
      findings.push({ key: `config.providers.${name}.class`, message: toError(error).message, isProblem: true })
    }
  }
  const kept = names.filter(name => !missingProviders.includes(name)).join(',')
  const isGone = (key: string) => missingProviders.some(name => key.startsWith(`config.providers.${name}.`))
  const entries = Object.entries(file).filter(([key]) => !isGone(key))
  const written = Object.fromEntries(entries.map(([key, value]) => [key, key === 'config.providers' ? kept : value]))
  return { written, findings, missingProviders }
}

/** What the REST servers of a worker would say at its start. */
function checkRest(props: Props, problem: (key: string, message: string) => void): void {
  const list = (key: string) =>
    (props[key] ?? '')
      .split(',')
      .map(text => text.trim())
      .filter(text => text !== '')
  const attempt = (key: string, run: () => unknown) => {
    try {
      run()
    } catch (error) {
      if (codeOf(error) !== 'CONNECT_CONFIG') throw error
      problem(key, toError(error).message)
    }
  }
  const extensions = list('rest.extension.classes')
  attempt('rest.extension.classes', () => restCredentials(extensions, props[LOGIN_CONFIG] ?? null, process.env.KAFKA_OPTS))
  for (const key of ['listeners', 'admin.listeners']) {
    if (list(key).some(text => text.startsWith('https:'))) attempt(key, () => restTlsOptions(props, `${key}.https.`))
  }
}
