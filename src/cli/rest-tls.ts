// TLS of https listeners, and of calls to other workers, from Java's keys: those with the listeners' prefix when there is one of them, else the
// worker's own `ssl.*`, all or nothing as in Java. Main thread; called by rest-servers.ts at start, and by worker-client.ts.
import type { ServerOptions } from 'node:https'
import { type ConnectionOptions, createSecureContext, type TLSSocket } from 'node:tls'
import { ConfigError, toError } from '../base/errors.ts'
import { oneOf } from '../kafka/client-props.ts'
import { tlsOptions } from '../kafka/tls-options.ts'
import type { Props } from '../store/config-store.ts'
import type { WorkerTls } from '../supervisor/distributed/worker-tls.ts'

const HTTPS_PREFIX = 'listeners.https.'

/** @param prefix `listeners.https.` or `admin.listeners.https.` @throws ConfigError that names the key as it was written */
export function restTlsOptions(props: Props, prefix: string): ServerOptions {
  return withKeysOf(props, prefix, serverOptions)
}

/**
 * How this worker calls others over https: by the keys that an https listener of its own has or would have (Java: RestClient,
 * SSLUtils.createClientSideSslContextFactory). They are read at the first such call: a worker that never makes one may lack them.
 */
export function workerClientTls(props: Props): WorkerTls {
  let read: ConnectionOptions | null = null
  return {
    prefix: hasKeysOf(props, HTTPS_PREFIX) ? HTTPS_PREFIX : '',
    options() {
      read ??= withKeysOf(props, HTTPS_PREFIX, clientOptions)
      return read
    },
  }
}

function clientOptions(ssl: Props): ConnectionOptions {
  const { checkServerIdentity, ...stores } = tlsOptions(ssl)
  const checked = checkServerIdentity === undefined ? {} : { checkServerIdentity }
  try {
    return { secureContext: createSecureContext(stores), ...checked }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const why = `${toError(error).message}. Check type, location and passwords of ssl.keystore.* and ssl.truststore.*`
    throw new ConfigError('ssl.keystore.location', `Its key and certificates cannot be used: ${why}`, { cause: error })
  }
}

function hasKeysOf(props: Props, prefix: string): boolean {
  return Object.keys(props).some(key => key.startsWith(prefix))
}

function withKeysOf<T>(props: Props, prefix: string, options: (ssl: Props) => T): T {
  if (!hasKeysOf(props, prefix)) return options(props)
  const own = Object.entries(props).filter(([key]) => key.startsWith(prefix))
  try {
    return options(Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(prefix, error.message.replaceAll(/(?<![\w.])ssl\./g, `${prefix}ssl.`), { cause: error })
  }
}

function serverOptions(ssl: Props): ServerOptions {
  const { checkServerIdentity: _, ...stores } = tlsOptions(ssl)
  if (stores.cert === undefined && stores.pfx === undefined) {
    const keys =
      'ssl.keystore.location (with ssl.keystore.type PKCS12, JKS or PEM) or ssl.keystore.certificate.chain and ssl.keystore.key'
    throw new ConfigError('ssl.keystore.location', `An https listener needs a key and a certificate: set ${keys}`)
  }
  const auth = oneOf(ssl, 'ssl.client.auth', 'none', ['none', 'requested', 'required'])
  return {
    ...(stores as ServerOptions),
    requestCert: auth !== 'none',
    rejectUnauthorized: auth === 'required',
  }
}

/** `requested`: no certificate is fine, one that is not trusted is not. */
export function refuseUntrusted(socket: TLSSocket): void {
  const certificate = socket.getPeerCertificate()
  const isShown = certificate !== null && Object.keys(certificate).length > 0
  if (isShown && !socket.authorized) socket.destroy()
}

/** Whether callers may show a certificate that must then be trusted. */
export function isCertificateRequested(tls: ServerOptions): boolean {
  return tls.requestCert === true && tls.rejectUnauthorized === false
}
