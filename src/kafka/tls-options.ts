// Java's `ssl.*` keys as Node's TLS takes them: of connections to brokers, and of REST's https listeners. Any thread; called by
// client-config.ts, oauth-token.ts and cli/rest-tls.ts. A bad value is a ConfigError that names its key.
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { ConfigError, toError } from '../base/errors.ts'
import { type ClientProps, invalid, listOf, text } from './client-props.ts'
import { identityOf, pemText, type Store, trustedOf } from './key-stores.ts'

const VERSIONS: readonly string[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] satisfies SecureVersion[]

/** Whom we trust, who we are, what is spoken. @throws ConfigError */
export function tlsOptions(props: ClientProps): ConnectionOptions {
  const options: ConnectionOptions = {
    ...trustOptions(props),
    ...identityOptions(props),
    ...versions(props),
    ...cipherSuites(props),
  }
  if (props['ssl.endpoint.identification.algorithm']?.trim() === '') options.checkServerIdentity = () => undefined
  return options
}

function trustOptions(props: ClientProps): ConnectionOptions {
  const inline = text(props, 'ssl.truststore.certificates')
  if (inline !== undefined) return { ca: pemText(inline) }
  const store = storeOf(props, 'ssl.truststore')
  return store === null ? {} : { ca: read(store, () => trustedOf(store)) }
}

function identityOptions(props: ClientProps): ConnectionOptions {
  const keyPassword = text(props, 'ssl.key.password')
  const chain = text(props, 'ssl.keystore.certificate.chain')
  if (chain !== undefined) {
    const key = text(props, 'ssl.keystore.key')
    if (key === undefined)
      throw new ConfigError('ssl.keystore.key', 'ssl.keystore.certificate.chain is set, so ssl.keystore.key must be set too')
    const identity = { cert: pemText(chain), key: pemText(key) }
    return keyPassword === undefined ? identity : { ...identity, passphrase: keyPassword }
  }
  const store = storeOf(props, 'ssl.keystore')
  return store === null ? {} : read(store, () => identityOf(store, keyPassword))
}

function storeOf(props: ClientProps, prefix: string): Store | null {
  const location = text(props, `${prefix}.location`)
  if (location === undefined) return null
  const type = (text(props, `${prefix}.type`) ?? 'JKS').toUpperCase()
  if (type !== 'PEM' && type !== 'PKCS12' && type !== 'JKS')
    throw invalid(`${prefix}.type`, type, 'supported here: PEM, PKCS12, JKS')
  return { prefix, location, type, password: text(props, `${prefix}.password`) }
}

function read<T>({ prefix, location, password }: Store, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    const { message } = toError(cause)
    const hint = /mac|password|decrypt/i.test(message)
      ? `; is ${prefix}.password ${password === undefined ? 'missing' : 'right'}?`
      : ''
    throw new ConfigError(`${prefix}.location`, `cannot read ${prefix}.location ${location}: ${message}${hint}`, { cause })
  }
}

function versions(props: ClientProps): ConnectionOptions {
  const enabled = listOf(props, 'ssl.enabled.protocols')
  if (enabled === undefined || enabled.length === 0) return {}
  const unknown = enabled.find(version => !VERSIONS.includes(version))
  if (unknown !== undefined) throw invalid('ssl.enabled.protocols', unknown, `there are ${VERSIONS.join(', ')}`)
  const sorted = VERSIONS.filter(version => enabled.includes(version)) as SecureVersion[]
  return { minVersion: sorted[0] as SecureVersion, maxVersion: sorted.at(-1) as SecureVersion }
}

function cipherSuites(props: ClientProps): ConnectionOptions {
  const names = listOf(props, 'ssl.cipher.suites') ?? []
  return names.length === 0 ? {} : { ciphers: names.map(cipherNamed).join(':') }
}

/** Java has the names of the standard, OpenSSL its own for those before TLS 1.3. */
function cipherNamed(name: string): string {
  const own = name
    .replace(/^TLS_(?:RSA_WITH_)?/, '')
    .replace('_WITH_', '-')
    .replace(/AES_(\d+)_CBC/, 'AES$1')
    .replace(/AES_(\d+)/, 'AES$1')
    .replace(/(CHACHA20_POLY1305)_SHA256$/, '$1')
    .replaceAll('_', '-')
  const known = process.getBuiltinModule('node:tls').getCiphers()
  for (const candidate of [name, own]) if (known.includes(candidate.toLowerCase())) return candidate
  throw invalid('ssl.cipher.suites', name, 'there is no such cipher suite here')
}
