// Signatures of requests between workers (KIP-507): Base64 of an HMAC over the request's very bytes, with the session key that the leader
// put into the config topic. Main thread; signed by worker-client.ts, checked by the herder. Java: InternalRequestSignature.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { BadRequestError, ConfigError, ConnectError } from '../../base/errors.ts'
import type { SessionKey } from '../../store/cluster-config.ts'

/** As Java's Base64.getDecoder takes it: padded or not, nothing but the alphabet. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

export const SIGNATURE_HEADER = 'X-Connect-Authorization'
export const ALGORITHM_HEADER = 'X-Connect-Request-Signature-Algorithm'

/** An internal request as it came in: what must be signed, and what says that it is. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** the body's bytes, empty where there is none */
  readonly body: Buffer
}

interface Algorithm {
  readonly hash: string
  /** of a key, unless inter.worker.key.size says so; those of Java's key generators */
  readonly keyBytes: number
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  hmacmd5: { hash: 'md5', keyBytes: 64 },
  hmacsha1: { hash: 'sha1', keyBytes: 64 },
  hmacsha224: { hash: 'sha224', keyBytes: 28 },
  hmacsha256: { hash: 'sha256', keyBytes: 32 },
  hmacsha384: { hash: 'sha384', keyBytes: 48 },
  hmacsha512: { hash: 'sha512', keyBytes: 64 },
  'hmacsha512/224': { hash: 'sha512-224', keyBytes: 28 },
  'hmacsha512/256': { hash: 'sha512-256', keyBytes: 32 },
  'hmacsha3-224': { hash: 'sha3-224', keyBytes: 28 },
  'hmacsha3-256': { hash: 'sha3-256', keyBytes: 32 },
  'hmacsha3-384': { hash: 'sha3-384', keyBytes: 48 },
  'hmacsha3-512': { hash: 'sha3-512', keyBytes: 64 },
}

const known = (name: string): Algorithm | undefined =>
  Object.hasOwn(ALGORITHMS, name.toLowerCase()) ? ALGORITHMS[name.toLowerCase()] : undefined

/** How this worker signs and what it accepts. */
export interface SignatureConfig {
  /** inter.worker.key.generation.algorithm */
  readonly keyAlgorithm: string
  /** inter.worker.key.size in bits; null: the algorithm's */
  readonly keyBits: number | null
  /** inter.worker.signature.algorithm */
  readonly algorithm: string
  /** inter.worker.verification.algorithms */
  readonly accepted: readonly string[]
}

/** @throws ConfigError naming the key, for algorithms that are not there or do not go together */
export function checkSignatureConfig({ keyAlgorithm, algorithm, accepted }: SignatureConfig): void {
  const checked: [key: string, name: string][] = [
    ['inter.worker.key.generation.algorithm', keyAlgorithm],
    ['inter.worker.signature.algorithm', algorithm],
    ...accepted.map((name): [string, string] => ['inter.worker.verification.algorithms', name]),
  ]
  for (const [key, name] of checked) {
    if (known(name) !== undefined) continue
    const there = 'HmacSHA256, HmacSHA384, HmacSHA512 and the like'
    throw new ConfigError(key, `Invalid value ${name} for configuration ${key}: there are ${there}`)
  }
  if (accepted.includes(algorithm)) return
  throw new ConfigError(
    'inter.worker.signature.algorithm',
    `inter.worker.signature.algorithm must be present in inter.worker.verification.algorithms list: ${algorithm} is not in ${accepted.join(',')}`,
  )
}

export function keyBytesOf({ keyAlgorithm, keyBits }: SignatureConfig): number {
  return keyBits === null ? (known(keyAlgorithm)?.keyBytes ?? 32) : Math.max(Math.floor(keyBits / 8), 1)
}

export function newSessionKey(config: SignatureConfig, createdAtMs: number): SessionKey {
  return { key: randomBytes(keyBytesOf(config)), algorithm: config.keyAlgorithm, createdAtMs }
}

function signatureOf(algorithm: string, key: Buffer, body: Buffer): Buffer {
  const found = known(algorithm)
  if (found === undefined) throw new BadRequestError(`There is no signature algorithm ${algorithm}`)
  return createHmac(found.hash, key).update(body).digest()
}

/** The two headers of a request with this body. */
export function signedHeaders(algorithm: string, { key }: SessionKey, body: Buffer): Record<string, string> {
  return { [SIGNATURE_HEADER]: signatureOf(algorithm, key, body).toString('base64'), [ALGORITHM_HEADER]: algorithm }
}

/**
 * The order of the checks is Java's: what is said tells a worker that is configured differently from one that is not of the cluster.
 * @param key null: not read from the config topic yet
 * @throws BadRequestError (400) without a signature or with an algorithm that is not accepted; CONNECT_STARTING (503) without a key;
 * CONNECT_FORBIDDEN (403) for a signature of another key or body
 */
export function checkSignature({ headers, body }: SignedRequest, key: SessionKey | null, accepted: readonly string[]): void {
  const header = (name: string) => [headers[name.toLowerCase()]].flat()[0]
  const encoded = header(SIGNATURE_HEADER)
  const algorithm = header(ALGORITHM_HEADER)
  if (encoded === undefined || algorithm === undefined) throw new BadRequestError('Internal request missing required signature')
  if (!accepted.includes(algorithm)) {
    const todo = `This worker is currently configured to use: [${accepted.join(', ')}]. Check that inter.worker.verification.algorithms of all workers permit the same, and restart those that do not`
    throw new BadRequestError(
      `This worker does not support the '${algorithm}' key signing algorithm used by other workers. ${todo}`,
    )
  }
  if (!BASE64.test(encoded.trim())) throw new BadRequestError(`${SIGNATURE_HEADER} is not valid Base64`)
  if (key === null)
    throw new ConnectError(
      'This worker is still starting up and has not been able to read a session key from the config topic yet',
      { code: 'CONNECT_STARTING' },
    )
  const given = Buffer.from(encoded, 'base64')
  const expected = signatureOf(algorithm, key.key, body)
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new ConnectError('Internal request contained invalid signature.', { code: 'CONNECT_FORBIDDEN' })
}
