// Java's own key store format, JKS: which certificates are trusted, and keys with their chains, under a password. Any thread, at start; called by
// key-stores.ts. As the JDK's sun.security.provider.JavaKeyStore and KeyProtector write it (big-endian):
//   0xFEEDFEED, version 1 or 2, count, then as many entries, then SHA-1 of password, "Mighty Aphrodite" and all before it
//   entry: 1 alias time key chain | 2 alias time certificate
//   key: length and EncryptedPrivateKeyInfo, chain: count and certificates; certificate: (version 2: type) length and DER

export const JKS_MAGIC = 0xfeedfeed

export interface JksStore {
  /** DER */
  readonly trusted: readonly Buffer[]
  readonly keys: readonly JksKey[]
}

export interface JksKey {
  readonly alias: string
  /** EncryptedPrivateKeyInfo, see `jksPrivateKey` */
  readonly encrypted: Buffer
  /** DER, the key's own first */
  readonly chain: readonly Buffer[]
}

const KEY = 1
const SALT_BYTES = 20
const DIGEST_BYTES = 20

class Entries {
  readonly #file: Buffer
  #at = 0

  constructor(file: Buffer) {
    this.#file = file
  }

  int32(): number {
    return this.bytes(4).readUInt32BE()
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.#file.length - DIGEST_BYTES) throw new Error('the JKS file is cut off or damaged')
    return this.#file.subarray(this.#at, (this.#at += length))
  }

  /** DataOutput.writeUTF; aliases and types are only shown */
  text(): string {
    return this.bytes(this.bytes(2).readUInt16BE()).toString()
  }

  certificate(version: number): Buffer {
    if (version === 2) this.text()
    return this.bytes(this.int32())
  }
}

/** @param password undefined: the file is not checked, as in Java @throws Error for a wrong password or a damaged file */
export function readJks(file: Buffer, password: string | undefined): JksStore {
  const entries = new Entries(file)
  if (entries.int32() !== JKS_MAGIC) throw new Error('it is no JKS file')
  const version = entries.int32()
  if (version !== 1 && version !== 2) throw new Error(`JKS version ${version} is not known`)
  if (password !== undefined) checkDigest(file, password)
  const trusted: Buffer[] = []
  const keys: JksKey[] = []
  for (let left = entries.int32(); left > 0; left--) {
    const tag = entries.int32()
    const alias = entries.text()
    entries.bytes(8)
    if (tag !== KEY) {
      trusted.push(entries.certificate(version))
      continue
    }
    const encrypted = entries.bytes(entries.int32())
    const chain: Buffer[] = []
    for (let more = entries.int32(); more > 0; more--) chain.push(entries.certificate(version))
    keys.push({ alias, encrypted, chain })
  }
  return { trusted, keys }
}

const sha1 = (...parts: readonly Uint8Array[]) => {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** UTF-16, big-endian. */
const passwordBytes = (password: string) => Buffer.from(password, 'utf16le').swap16()

function checkDigest(file: Buffer, password: string): void {
  const end = file.length - DIGEST_BYTES
  const digest = sha1(passwordBytes(password), Buffer.from('Mighty Aphrodite'), file.subarray(0, end))
  if (!digest.equals(file.subarray(end))) throw new Error('the password is wrong, or the file is damaged')
}

/** The key as PKCS #8 in DER. @throws Error for a wrong password */
export function jksPrivateKey({ alias, encrypted }: JksKey, password: string): Buffer {
  const data = innerOctets(encrypted)
  const secret = passwordBytes(password)
  const key = Buffer.from(data.subarray(SALT_BYTES, data.length - DIGEST_BYTES))
  let pad = data.subarray(0, SALT_BYTES)
  for (let at = 0; at < key.length; at++) {
    if (at % DIGEST_BYTES === 0) pad = sha1(secret, pad)
    key[at] = (key[at] ?? 0) ^ (pad[at % DIGEST_BYTES] ?? 0)
  }
  if (!sha1(secret, key).equals(data.subarray(data.length - DIGEST_BYTES)))
    throw new Error(`the password of the key ${alias} is wrong`)
  return key
}

/** EncryptedPrivateKeyInfo: a sequence of the algorithm (there is one only) and the octets. */
function innerOctets(der: Buffer): Buffer {
  const outer = derContent(der, 0)
  const algorithm = derContent(der, outer.start)
  const octets = derContent(der, algorithm.end)
  return der.subarray(octets.start, octets.end)
}

function derContent(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + lengthBytes
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes)
  return { start, end: start + length }
}
