// Tokens for SASL/OAUTHBEARER, under Java's keys: the unsecured JWT of Java's test login module (KIP-255), a file (KIP-768: a `file:` URL), or the
// client-credentials grant of a token end point (KIP-768, KIP-1139). Any thread; the provider is called by the connection at each
// (re)authentication.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '../base/clock.ts'
import { ConfigError, KafkaError, toError } from '../base/errors.ts'
import { booleanOf, type ClientProps, invalid, numberOf, text } from './client-props.ts'
import { tlsOptions } from './tls-options.ts'
import { postForm, type TokenEndpoint } from './token-endpoint.ts'

type JaasOptions = Readonly<Record<string, string>>

/** As kafkajs sends it. */
export interface OAuthToken {
  readonly value: string
  /** KIP-342: what else the broker is told, `logicalCluster` and the like */
  readonly extensions: Readonly<Record<string, string>>
}

const ENDPOINT = 'sasl.oauthbearer.token.endpoint.url'
const HANDLER = 'sasl.login.callback.handler.class'
const RETRIEVER = 'sasl.oauthbearer.jwt.retriever.class'
const JAVA = 'org.apache.kafka.common.security.oauthbearer.'
/** Java's own classes that do what is done here; what others do is not known. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  [HANDLER]: [
    'OAuthBearerLoginCallbackHandler',
    'internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler',
    'secured.OAuthBearerLoginCallbackHandler',
  ],
  [RETRIEVER]: ['DefaultJwtRetriever', 'ClientCredentialsJwtRetriever', 'FileJwtRetriever'],
}
/** Share of its life that a token is used for (Java: sasl.login.refresh.window.factor). */
const REFRESH_FACTOR_DEFAULT = 0.8
const CONNECT_TIMEOUT_MS_DEFAULT = 10_000

/** @param options of the JAAS entry @throws ConfigError for what cannot give a token */
export function oauthTokens(props: ClientProps, options: JaasOptions, clock: Clock = systemClock): () => Promise<OAuthToken> {
  for (const [key, classes] of Object.entries(KNOWN)) {
    const name = text(props, key)
    if (name !== undefined && !classes.some(known => name === JAVA + known))
      throw invalid(
        key,
        name,
        `a class of Java that does not run here; there are ${classes.map(known => JAVA + known).join(', ')}`,
      )
  }
  const extensions = extensionsOf(options)
  const value = tokenSource(props, options, clock)
  return async () => ({ value: await value(), extensions })
}

function tokenSource(props: ClientProps, options: JaasOptions, clock: Clock): () => Promise<string> {
  const endpoint = text(props, ENDPOINT)
  if (endpoint === undefined) return unsecuredTokens(options, clock)
  let url: URL
  try {
    url = new URL(endpoint)
  } catch {
    throw invalid(ENDPOINT, endpoint, 'it is no URL')
  }
  if (url.protocol === 'file:') return () => tokenIn(url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(ENDPOINT, endpoint, 'its protocol must be https, http or file')
  return cached(clientCredentials(url, props, options), clock, refreshFactor(props))
}

async function tokenIn(url: URL): Promise<string> {
  try {
    return (await readFile(fileURLToPath(url), 'utf8')).trim()
  } catch (cause) {
    throw new KafkaError('SaslAuthenticate', -1, `cannot read the token of ${ENDPOINT}: ${toError(cause).message}`, true, cause)
  }
}

function clientCredentials(url: URL, props: ClientProps, options: JaasOptions): () => Promise<string> {
  const own = (key: string, option: string) => text(props, key) ?? options[option]
  const id = own('sasl.oauthbearer.client.credentials.client.id', 'clientId')
  const secret = own('sasl.oauthbearer.client.credentials.client.secret', 'clientSecret')
  const scope = own('sasl.oauthbearer.scope', 'scope')
  if (id === undefined || secret === undefined) {
    const key = `sasl.oauthbearer.client.credentials.client.${id === undefined ? 'id' : 'secret'}`
    const option = id === undefined ? 'clientId' : 'clientSecret'
    throw new ConfigError(key, `OAUTHBEARER with ${ENDPOINT} needs ${key}, or the option ${option} in sasl.jaas.config`)
  }
  const encoded = booleanOf(props, 'sasl.oauthbearer.header.urlencode', false) ? encodeURIComponent : (part: string) => part
  const endpoint: TokenEndpoint = {
    url,
    // Java takes the trust store of the end point from the options of the JAAS entry
    tls: url.protocol === 'https:' ? tlsOptions(options) : null,
    authorization: `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}`,
    timeoutMs: numberOf(props, 'sasl.login.connect.timeout.ms', CONNECT_TIMEOUT_MS_DEFAULT, 1, 2 ** 31 - 1),
  }
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  return () => postForm(endpoint, form)
}

/** A token is asked for again when most of its life is over, not for every connection. */
function cached(ask: () => Promise<string>, clock: Clock, factor: number): () => Promise<string> {
  let running: Promise<string> | null = null
  let untilMs = 0
  return () => {
    if (running !== null && clock.now() < untilMs) return running
    const asked = ask().then(token => {
      const nowMs = clock.now()
      untilMs = nowMs + (expiryMs(token, nowMs) - nowMs) * factor
      return token
    })
    running = asked
    untilMs = Infinity
    asked.catch(() => {
      if (running === asked) running = null
    })
    return asked
  }
}

/** `exp` of a JWT; now for a token that is none, which is then not kept. */
function expiryMs(token: string, nowMs: number): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown }
    return typeof claims.exp === 'number' ? claims.exp * 1000 : nowMs
  } catch {
    return nowMs
  }
}

function refreshFactor(props: ClientProps): number {
  const key = 'sasl.login.refresh.window.factor'
  const factor = Number(text(props, key) ?? REFRESH_FACTOR_DEFAULT)
  if (!(factor >= 0.5 && factor <= 1)) throw invalid(key, props[key], 'Value must be between 0.5 and 1')
  return factor
}

// ---- options of the JAAS entry

/** `extension_<name>="value"`, as Java's OAuthBearerClientInitialResponse lets them. */
function extensionsOf(options: JaasOptions): Record<string, string> {
  const extensions: Record<string, string> = {}
  for (const [option, value] of Object.entries(options)) {
    const [, name] = /^extension_(.*)$/.exec(option) ?? []
    if (name === undefined) continue
    if (!/^[A-Za-z]+$/.test(name) || name === 'auth')
      throw new ConfigError(
        'sasl.jaas.config',
        `${option} in sasl.jaas.config: the name of an extension has letters only, and is not auth`,
      )
    extensions[name] = value
  }
  return extensions
}

const LIFETIME = 'unsecuredLoginLifetimeSeconds'

/** Claims by `unsecuredLoginStringClaim_<name>`, `…NumberClaim_…` and `…ListClaim_…`, whose first character separates its items. */
function unsecuredTokens(options: JaasOptions, clock: Clock): () => Promise<string> {
  const principal = options.unsecuredLoginPrincipalClaimName ?? 'sub'
  const claims: Record<string, unknown> = {}
  for (const [option, value] of Object.entries(options)) {
    const [, kind, name] = /^unsecuredLogin(String|Number|List)Claim_(.+)$/.exec(option) ?? []
    if (name === undefined) continue
    claims[name] = kind === 'String' ? value : kind === 'Number' ? Number(value) : value.slice(1).split(value.slice(0, 1))
  }
  if (claims[principal] === undefined) {
    const own = `sasl.jaas.config must give unsecuredLoginStringClaim_${principal} for one that nobody signs`
    throw new ConfigError(ENDPOINT, `OAUTHBEARER has no token: ${ENDPOINT} names who gives one, or ${own}`)
  }
  const seconds = Number(options[LIFETIME] ?? 3600)
  if (!(seconds > 0)) throw new ConfigError('sasl.jaas.config', `${LIFETIME} in sasl.jaas.config must be a number above 0`)
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return async () => {
    const iat = clock.now() / 1000
    return `${part({ alg: 'none' })}.${part({ ...claims, iat, exp: iat + seconds })}.`
  }
}
