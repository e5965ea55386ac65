// Key and trust stores as files: PEM, PKCS12 and Java's JKS. Any thread, at start; called by tls-options.ts. Errors are plain ones that say what is
// wrong with the file; the caller adds its name.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { JKS_MAGIC, jksPrivateKey, readJks } from './jks.ts'
import { certificatesOf, keyOf } from './pkcs12.ts'

export interface Store {
  /** `ssl.keystore` or `ssl.truststore` */
  readonly prefix: string
  readonly location: string
  readonly type: 'PEM' | 'PKCS12' | 'JKS'
  readonly password: string | undefined
}

type Opened = { readonly form: 'pem'; readonly text: string } | { readonly form: 'pkcs12' | 'jks'; readonly file: Buffer }

const DER_SEQUENCE = 0x30

/**
 * The JDK reads PKCS12 files under the type JKS and the other way round (keystore.type.compat), and its keytool has written PKCS12 since
 * Java 9, whatever the file is called: the content decides.
 */
function open({ location, type, prefix }: Store): Opened {
  const file = readFileSync(location)
  const isPem = file.includes('-----BEGIN ')
  if (type === 'PEM' && !isPem) throw new Error('it is no PEM file')
  if (type === 'PEM') return { form: 'pem', text: pemText(file.toString()) }
  if (file.length >= 4 && file.readUInt32BE() === JKS_MAGIC) return { form: 'jks', file }
  if (file[0] === DER_SEQUENCE) return { form: 'pkcs12', file }
  throw new Error(isPem ? `it is a PEM file: set ${prefix}.type=PEM` : 'it is neither a JKS nor a PKCS12 file')
}

/** The certificates in it, as PEM. */
export function trustedOf(store: Store): string | string[] {
  const opened = open(store)
  if (opened.form === 'pem') return opened.text
  if (opened.form === 'pkcs12') return certificatesOf(opened.file, store.password ?? '')
  const { trusted } = readJks(opened.file, store.password)
  return trusted.map(der => pemOf('CERTIFICATE', der))
}

/** The first key in it, with its certificates. @param keyPassword where it is not the store's */
export function identityOf(store: Store, keyPassword: string | undefined): ConnectionOptions {
  const opened = open(store)
  if (opened.form === 'pem') {
    const identity = { cert: opened.text, key: opened.text }
    const passphrase = keyPassword ?? store.password
    return passphrase === undefined ? identity : { ...identity, passphrase }
  }
  const password = store.password ?? keyPassword ?? ''
  if (opened.form === 'pkcs12') return pkcs12Identity(opened.file, password)
  const [key] = readJks(opened.file, store.password).keys
  if (key === undefined) throw new Error('there is no key in it')
  const der = jksPrivateKey(key, keyPassword ?? password)
  return { key: pemOf('PRIVATE KEY', der), cert: key.chain.map(one => pemOf('CERTIFICATE', one)).join('') }
}

function pkcs12Identity(file: Buffer, password: string): ConnectionOptions {
  const identity = { pfx: file, passphrase: password }
  try {
    process.getBuiltinModule('node:tls').createSecureContext(identity)
    return identity
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_CRYPTO_UNSUPPORTED_OPERATION') throw error
    return keyOf(file, password)
  }
}

/** Java takes PEM on one line too, as a properties file with `\` at line ends has it; OpenSSL wants lines. */
export function pemText(text: string): string {
  return text.replace(/-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----\n?/g, (_, type: string, body: string) =>
    pemBlock(type, body.replaceAll(/\s+/g, '')),
  )
}

const pemOf = (type: string, der: Buffer) => pemBlock(type, der.toString('base64'))

function pemBlock(type: string, base64: string): string {
  return `-----BEGIN ${type}-----\n${base64.replaceAll(/(.{64})(?!$)/g, '$1\n')}\n-----END ${type}-----\n`
}
