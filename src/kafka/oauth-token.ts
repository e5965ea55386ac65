// Tokens for SASL/OAUTHBEARER: the unsecured JWT of Java's test login module, or the client-credentials grant of a token end point
// (KIP-768). Any thread; the provider is called by the connection at each (re)authentication.
import { systemClock } from '../base/clock.ts'
import { ConfigError, KafkaError } from '../base/errors.ts'
import { type ClientProps, text } from './client-config.ts'

/** Answers of token end points are small; a larger one is a mistake. */
const TOKEN_BYTES_MAX = 1024 * 1024
const TOKEN_TIMEOUT_MS = 10_000

export function oauthToken(props: ClientProps, options: Readonly<Record<string, string>>): () => Promise<{ value: string }> {
  const endpoint = text(props, 'sasl.oauthbearer.token.endpoint.url')
  const subject = options.unsecuredLoginStringClaim_sub
  if (endpoint !== undefined) return () => clientCredentials(endpoint, options)
  if (subject === undefined)
    throw new ConfigError(
      'sasl.oauthbearer.token.endpoint.url',
      'OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url (with clientId and clientSecret in sasl.jaas.config)',
    )
  return async () => ({ value: unsecuredToken(subject) })
}

function unsecuredToken(subject: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const issued = Math.floor(systemClock.now() / 1000)
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: issued, exp: issued + 3600 })}.`
}

async function clientCredentials(endpoint: string, options: Readonly<Record<string, string>>): Promise<{ value: string }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (options.scope !== undefined) body.set('scope', options.scope)
  const secret = Buffer.from(`${options.clientId ?? ''}:${options.clientSecret ?? ''}`).toString('base64')
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `Basic ${secret}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body,
    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  })
  const text = (await response.text()).slice(0, TOKEN_BYTES_MAX)
  if (!response.ok)
    throw new KafkaError(
      'SaslAuthenticate',
      -1,
      `token end point ${endpoint} answered ${response.status}`,
      response.status >= 500,
    )
  const token = (JSON.parse(text) as { access_token?: unknown }).access_token
  if (typeof token !== 'string')
    throw new KafkaError('SaslAuthenticate', -1, `token end point ${endpoint} gave no access_token`, false)
  return { value: token }
}
