// Java client properties (`bootstrap.servers`, `security.protocol`, `ssl.*`, `sasl.*`, …) turned into what our connections use.
// Any thread; called wherever a Cluster is made. A bad value is a ConfigError that names its key.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { ConfigError } from '../base/errors.ts'
import { parseJaas } from './jaas.ts'
import { oauthToken } from './oauth-token.ts'
import { certificatesOf } from './pkcs12.ts'

export type ClientProps = Readonly<Record<string, string>>

/** As kafkajs takes it; kept structural, for only cluster.ts may know kafkajs. */
export type Sasl =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ value: string }> }

export interface ClientConfig {
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  readonly tls: ConnectionOptions | null
  readonly sasl: Sasl | null
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly metadataMaxAgeMs: number
}

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']

/** @param clientId used where the properties name no `client.id` */
export function clientConfigFrom(props: ClientProps, clientId: string): ClientConfig {
  const protocol = (text(props, 'security.protocol') ?? 'PLAINTEXT').toUpperCase()
  if (!PROTOCOLS.includes(protocol))
    throw invalid('security.protocol', protocol, `String must be one of (case insensitive): ${PROTOCOLS.join(', ')}`)
  return {
    bootstrapServers: bootstrapServers(props),
    clientId: text(props, 'client.id') ?? clientId,
    tls: protocol.endsWith('SSL') ? tlsOptions(props) : null,
    sasl: protocol.startsWith('SASL') ? saslOptions(props) : null,
    requestTimeoutMs: numberOf(props, 'request.timeout.ms', 30_000, 0, INT_MAX),
    connectTimeoutMs: numberOf(props, 'socket.connection.setup.timeout.ms', 10_000, 0, LONG_MAX),
    retryBackoffMs: numberOf(props, 'retry.backoff.ms', 100, 0, LONG_MAX),
    retryBackoffMaxMs: numberOf(props, 'retry.backoff.max.ms', 1000, 0, LONG_MAX),
    metadataMaxAgeMs: numberOf(props, 'metadata.max.age.ms', 300_000, 0, LONG_MAX),
  }
}

export const INT_MAX = 2_147_483_647
/** Java's Long.MAX_VALUE as the nearest number: "for ever" wherever it is met. */
export const LONG_MAX = Number(2n ** 63n - 1n)

export function invalid(key: string, value: unknown, why: string): ConfigError {
  return new ConfigError(key, `Invalid value ${String(value)} for configuration ${key}: ${why}`)
}

/** A trimmed value, or undefined where the key is absent or empty. */
export function text(props: ClientProps, key: string): string | undefined {
  const value = props[key]?.trim()
  return value === undefined || value === '' ? undefined : value
}

export function listOf(props: ClientProps, key: string): string[] | undefined {
  return text(props, key)
    ?.split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}

/** A whole number between `min` and `max`, in Java's words where it is none. */
export function numberOf(props: ClientProps, key: string, otherwise: number, min: number, max: number): number {
  const value = text(props, key)
  if (value === undefined) return otherwise
  if (!/^[+-]?\d+$/.test(value)) throw invalid(key, value, `Not a number of type ${max > INT_MAX ? 'LONG' : 'INT'}`)
  const number = Number(value)
  if (number > max) throw invalid(key, value, `Not a number of type ${max > INT_MAX ? 'LONG' : 'INT'}`)
  if (number < min) throw invalid(key, value, `Value must be at least ${min}`)
  return number
}

export function booleanOf(props: ClientProps, key: string, otherwise: boolean): boolean {
  const value = text(props, key)
  if (value === undefined) return otherwise
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw invalid(key, value, 'Expected value to be either true or false')
}

export function oneOf<T extends string>(props: ClientProps, key: string, otherwise: T, choices: readonly T[]): T {
  const value = text(props, key)
  if (value === undefined) return otherwise
  const found = choices.find(choice => choice === value.toLowerCase())
  if (found === undefined) throw invalid(key, value, `String must be one of: ${choices.join(', ')}`)
  return found
}

function bootstrapServers(props: ClientProps): string[] {
  const servers = listOf(props, 'bootstrap.servers')
  if (servers === undefined || servers.length === 0)
    throw new ConfigError('bootstrap.servers', 'Missing required configuration "bootstrap.servers" which has no default value.')
  return servers.map(server => {
    const parts = /^(?:[A-Za-z_]+:\/\/)?(\[[0-9A-Fa-f:.%\w]+\]|[^:[\]]+):(\d{1,5})$/.exec(server)
    if (parts === null || Number(parts[2]) > 65_535)
      throw new ConfigError('bootstrap.servers', `Invalid url in bootstrap.servers: ${server}`)
    return `${parts[1]}:${parts[2]}`
  })
}

const ADVICE =
  'JKS is a format of Java alone; convert with: keytool -importkeystore -srckeystore old.jks -destkeystore new.p12 -deststoretype PKCS12'

/** PEM trust and key stores, inline or as files; PKCS12 stores. */
export function tlsOptions(props: ClientProps): ConnectionOptions {
  const options: ConnectionOptions = {}
  const ca = text(props, 'ssl.truststore.certificates') ?? trusted(props)
  if (ca !== undefined) options.ca = ca
  const chain = text(props, 'ssl.keystore.certificate.chain')
  const passphrase = text(props, 'ssl.key.password') ?? text(props, 'ssl.keystore.password')
  if (chain !== undefined) {
    options.cert = chain
    const key = text(props, 'ssl.keystore.key')
    if (key === undefined)
      throw new ConfigError('ssl.keystore.key', 'ssl.keystore.certificate.chain is set, so ssl.keystore.key must be set too')
    options.key = key
  } else {
    const store = storeFile(props, 'ssl.keystore', ['PEM', 'PKCS12'])
    if (store !== undefined && (text(props, 'ssl.keystore.type') ?? '').toUpperCase() === 'PKCS12') options.pfx = store
    else if (store !== undefined) {
      options.cert = store
      options.key = store
    }
  }
  if (passphrase !== undefined) options.passphrase = passphrase
  if (props['ssl.endpoint.identification.algorithm']?.trim() === '') options.checkServerIdentity = () => undefined
  return options
}

function trusted(props: ClientProps): string | string[] | undefined {
  const store = storeFile(props, 'ssl.truststore', ['PEM', 'PKCS12'])
  if (store === undefined || text(props, 'ssl.truststore.type')?.toUpperCase() !== 'PKCS12') return store?.toString()
  try {
    return certificatesOf(store, text(props, 'ssl.truststore.password') ?? '')
  } catch (cause) {
    const why = `cannot read ssl.truststore.location ${props['ssl.truststore.location']} as PKCS12: ${(cause as Error).message}`
    throw new ConfigError('ssl.truststore.location', `${why}; is ssl.truststore.password right?`, { cause })
  }
}

function storeFile(props: ClientProps, prefix: string, types: readonly string[]): Buffer | undefined {
  const location = text(props, `${prefix}.location`)
  if (location === undefined) return undefined
  const type = (text(props, `${prefix}.type`) ?? 'JKS').toUpperCase()
  if (!types.includes(type)) throw invalid(`${prefix}.type`, type, `supported here: ${types.join(', ')} (${ADVICE})`)
  try {
    return readFileSync(location)
  } catch (cause) {
    throw new ConfigError(`${prefix}.location`, `cannot read ${prefix}.location ${location}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function saslOptions(props: ClientProps): Sasl {
  const mechanism = text(props, 'sasl.mechanism') ?? 'GSSAPI'
  const jaas = text(props, 'sasl.jaas.config')
  switch (mechanism) {
    case 'PLAIN':
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512': {
      const options = parseJaas(jaas, mechanism === 'PLAIN' ? 'PlainLoginModule' : 'ScramLoginModule')
      const { username, password } = options
      if (username === undefined || password === undefined)
        throw new ConfigError('sasl.jaas.config', `sasl.jaas.config for ${mechanism} must give username="…" and password="…"`)
      return { mechanism: mechanism.toLowerCase() as 'plain', username, password }
    }
    case 'OAUTHBEARER': {
      const options = parseJaas(jaas, 'OAuthBearerLoginModule')
      return { mechanism: 'oauthbearer', oauthBearerProvider: oauthToken(props, options) }
    }
    default:
      throw invalid('sasl.mechanism', mechanism, 'supported here: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER')
  }
}
