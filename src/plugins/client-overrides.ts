// Client keys that a connector config overrides (`producer.override.*` and so on): which clients the connector has, whether the worker's
// policy lets the key be overridden, whether the value has the key's type. Job thread; called by validate.ts.
import { clientKeys } from '../config/client-keys.ts'
import { coerce } from '../config/coerce.ts'
import { type ConfigValue, defineConfig, type KeyDef, Password, type Props } from '../config/define.ts'
import { prefixed } from '../config/prefixed.ts'
import { isSecretKey } from '../config/secrets.ts'
import { Findings, validatePrefixed } from './findings.ts'

/** Distributed workers check more. */
export type WorkerMode = 'standalone' | 'distributed'

type Client = 'producer' | 'admin' | 'consumer'

/** The clients a connector has; overrides of others mean nothing. */
function clientsOf(kind: 'sink' | 'source', props: Props, workerProps: Props, mode: WorkerMode): Client[] {
  const hasDeadLetters = (props['errors.deadletterqueue.topic.name'] ?? '').trim() !== ''
  if (kind === 'sink') return hasDeadLetters ? ['producer', 'admin', 'consumer'] : ['consumer']
  const isExactlyOnce = workerProps['exactly.once.source.support']?.trim().toLowerCase() === 'enabled'
  const hasOwnOffsets = isExactlyOnce || (props['offsets.storage.topic'] ?? '').trim() !== ''
  if (mode === 'distributed' && hasOwnOffsets) return ['producer', 'admin', 'consumer']
  const createsTopics = Object.keys(props).some(name => name.startsWith('topic.creation.'))
  return createsTopics || hasDeadLetters ? ['producer', 'admin'] : ['producer']
}

const PRINCIPAL = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']

interface Policy {
  readonly name: string
  allows(key: string): boolean
}

function policyOf(workerProps: Props): Policy {
  const written = (workerProps['connector.client.config.override.policy'] ?? 'All').trim()
  const name = written.replace(/^.*\./, '').replace(/ConnectorClientConfigOverridePolicy$/, '')
  const coerced = coerce('', workerProps['connector.client.config.override.allowlist'] ?? '', 'list')
  const listed = coerced.ok ? (coerced.value as readonly string[]) : []
  switch (name) {
    case 'All':
      return { name, allows: () => true }
    case 'Principal':
      return { name, allows: key => PRINCIPAL.includes(key) }
    case 'Allowlist':
      return { name, allows: key => listed.includes(key) }
    default:
      return { name, allows: () => false }
  }
}

export function overrideFindings(kind: 'sink' | 'source', props: Props, workerProps: Props, mode: WorkerMode): Findings {
  const found = new Findings('keys')
  const policy = policyOf(workerProps)
  for (const client of clientsOf(kind, props, workerProps, mode)) {
    const prefix = `${client}.override.`
    const overrides = prefixed(props, prefix)
    const known = clientKeys[client].keys
    for (const name of Object.keys(overrides)) {
      const def = Object.hasOwn(known, name) ? known[name] : undefined
      if (def === undefined) found.add([], [unknownKey(prefix + name, overrides[name] ?? '')])
      else addKnown(found, prefix, name, def, overrides)
      if (policy.allows(name)) continue
      found.addError(
        prefix + name,
        `The '${policy.name}' policy does not allow '${name}' to be overridden in the connector configuration.`,
      )
    }
  }
  return found
}

function addKnown(found: Findings, prefix: string, name: string, def: KeyDef, overrides: Props): void {
  const { definitions, values } = validatePrefixed(defineConfig({ [name]: def }), prefix, overrides)
  found.add(definitions, values)
}

function unknownKey(name: string, text: string): ConfigValue {
  // A key that no client knows may still be somebody's secret.
  const value = isSecretKey(name) ? new Password(text).toString() : text
  return { name, value, recommendedValues: [], errors: [], visible: true }
}
