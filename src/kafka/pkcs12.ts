// What Node's TLS does not take of PKCS12 files: trusted certificates as keytool writes them, and keys under the ciphers of old (Java before 17 wrote
// RC2 and triple DES, which OpenSSL 3 refuses). Any thread, at start; called by key-stores.ts.
import type forgeModule from 'node-forge'
import { requirePackage } from '../base/layout.ts'

type Forge = typeof forgeModule

/** All certificates in it, as PEM. Throws where the password is wrong or the file is no PKCS12. */
export function certificatesOf(file: Buffer, password: string): string[] {
  const { forge, store } = open(file, password)
  return certificateBags(forge, store).map(bag => certificatePem(forge, bag))
}

/** The first key and its chain, the key's own certificate first, as PEM. @throws as certificatesOf */
export function keyOf(file: Buffer, password: string): { key: string; cert: string } {
  const { forge, store } = open(file, password)
  const { pkcs8ShroudedKeyBag, keyBag } = forge.pki.oids as Record<string, string>
  const [bag] = [pkcs8ShroudedKeyBag, keyBag].flatMap(type => bagsOf(store, type ?? ''))
  if (bag === undefined) throw new Error('there is no key in it')
  const idOf = ({ attributes }: forgeModule.pkcs12.Bag) => String((attributes as { localKeyId?: string[] }).localKeyId?.[0])
  const chain = certificateBags(forge, store)
  const own = chain.filter(one => idOf(one) === idOf(bag))
  const key = bag.key == null ? pem(forge, 'PRIVATE KEY', bag.asn1) : forge.pki.privateKeyToPem(bag.key)
  return { key, cert: [...new Set([...own, ...chain])].map(one => certificatePem(forge, one)).join('') }
}

interface Opened {
  readonly forge: Forge
  readonly store: forgeModule.pkcs12.Pkcs12Pfx
}

/**
 * The last ones of this thread, oldest first: each of a task's clients reads the same two, and a file of Java 8, whose hundred thousand rounds forge
 * makes in JavaScript, takes a second and more.
 */
const opened = new Map<string, Opened>()
const OPENED_MAX = 4

function open(file: Buffer, password: string): Opened {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const key = createHash('sha256').update(file).update(password).digest('hex')
  const known = opened.get(key)
  if (known !== undefined) return known
  // 2 MB a thread, for the few that read such a file
  const forge = requirePackage('node-forge') as Forge
  const made = { forge, store: forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(file.toString('binary')), false, password) }
  opened.set(key, made)
  for (const oldest of opened.keys()) if (opened.size > OPENED_MAX) opened.delete(oldest)
  return made
}

const bagsOf = (store: forgeModule.pkcs12.Pkcs12Pfx, type: string) => store.getBags({ bagType: type })[type] ?? []

const certificateBags = (forge: Forge, store: forgeModule.pkcs12.Pkcs12Pfx) => bagsOf(store, forge.pki.oids.certBag as string)

function certificatePem(forge: Forge, { cert, asn1 }: forgeModule.pkcs12.Bag): string {
  // A key that forge does not know (elliptic curves) leaves the certificate as it stood.
  return pem(forge, 'CERTIFICATE', cert == null ? asn1 : forge.pki.certificateToAsn1(cert))
}

const pem = (forge: Forge, type: string, asn1: forgeModule.asn1.Asn1) =>
  forge.pem.encode({ type, body: forge.asn1.toDer(asn1).getBytes() })
