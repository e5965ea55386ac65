// Java client properties (`bootstrap.servers`, `security.protocol`, `ssl.*`, `sasl.*`, …) turned into what our connections use.
// Any thread; called wherever a Cluster is made. A bad value is a ConfigError that names its key.
import type { ConnectionOptions } from 'node:tls'
import { ConfigError } from '../base/errors.ts'
import { type ClientProps, INT_MAX, invalid, LONG_MAX, listOf, numberOf, text } from './client-props.ts'
import { parseJaas } from './jaas.ts'
import { type OAuthToken, oauthTokens } from './oauth-token.ts'
import { tlsOptions } from './tls-options.ts'

export type { ClientProps } from './client-props.ts'

/** As kafkajs takes it; kept structural, for only cluster.ts may know kafkajs. */
export type Sasl =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<OAuthToken> }

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
      return { mechanism: 'oauthbearer', oauthBearerProvider: oauthTokens(props, options) }
    }
    default:
      throw invalid('sasl.mechanism', mechanism, 'supported here: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER')
  }
}
