// https between workers: what a call needs, and what a user is told when one fails: which worker, why, and the key to look at. Main thread;
// used by worker-client.ts. Java says what its TLS engine says, and no more.
import type { ConnectionOptions } from 'node:tls'
import { codeOf, toError } from '../../base/errors.ts'

export interface WorkerTls {
  /** of the keys that count, `listeners.https.` or none */
  readonly prefix: string
  /** for tls.connect. @throws ConfigError for stores that cannot be used, naming the key as it was written */
  options(): ConnectionOptions
}

const ITS_VALIDITY = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
const ITS_AUTHORITY = /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_CA$)/
const OUR_CERTIFICATE = /ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/
const NO_TLS = /wrong version number|packet length too long|http request/

/**
 * Why a worker gave no answer, with the key that may have to change and the worker where it stands.
 * @param error as node:http and node:https give it
 * @param prefix of this worker's TLS keys, as in WorkerTls
 */
export function whyNoAnswer(error: unknown, url: URL, prefix: string): string {
  const message = reasonOf(toError(error))
  const code = codeOf(error) ?? ''
  const key = (name: string) => `${prefix}${name}`
  if (url.protocol !== 'https:')
    return code === 'ECONNRESET'
      ? `${message}. Where that is a port of https, rest.advertised.listener=https is missing on ${url.host}`
      : message
  if (ITS_VALIDITY.includes(code)) return `the certificate of ${url.host} is out of date (${message}): renew its key store`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${url.host} is for another host (${message}): let rest.advertised.host.name there be a name in it, or switch the check off here by an empty ${key('ssl.endpoint.identification.algorithm')}`
  if (ITS_AUTHORITY.test(code))
    return `this worker does not trust the certificate of ${url.host} (${message}): its authority must be in the trust store here, ${key('ssl.truststore.location')} or ${key('ssl.truststore.certificates')}`
  if (OUR_CERTIFICATE.test(code))
    return `${url.host} does not accept the certificate of this worker (${message}): is it in the key store here, ${key('ssl.keystore.location')}, and its authority in the trust store there?`
  if (NO_TLS.test(message)) return `${url.host} speaks no TLS (${message}): look at listeners and rest.advertised.* there`
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return `TLS with ${url.host} failed (${message}): look at ${key('ssl.enabled.protocols')} and ${key('ssl.cipher.suites')} of both`
  if (code === 'ECONNRESET')
    return `${url.host} closed the connection (${message}): with ssl.client.auth there it wants a certificate that it trusts, from ${key('ssl.keystore.location')} here`
  return message
}

/** Without the places in OpenSSL's source, where it is OpenSSL that speaks. */
function reasonOf({ message }: Error): string {
  return /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message
}
