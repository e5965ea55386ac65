// Keys and certificates for tests: an authority of our own, what it signs, and PKCS12 files of them. Main thread of a test file.
import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'

export interface Identity {
  readonly key: string
  readonly certificate: string
  /** key and certificate as PKCS12 */
  pkcs12(password: string): Buffer
}

interface Signer {
  readonly subject: forge.pki.CertificateField[]
  readonly key: forge.pki.rsa.PrivateKey
}

const IP_HERE = { type: 7, ip: '127.0.0.1' }

export class Authority {
  readonly certificate: string
  readonly #signer: Signer
  #serial = 1

  constructor(name: string) {
    const { key, certificate } = this.#made(name, null)
    this.#signer = { subject: [{ name: 'commonName', value: name }], key }
    this.certificate = forge.pki.certificateToPem(certificate)
  }

  /** For `host`, or for 127.0.0.1 and localhost. */
  identity(name: string, host?: string): Identity {
    const { key, certificate } = this.#made(name, this.#signer, host)
    return {
      key: forge.pki.privateKeyToPem(key),
      certificate: forge.pki.certificateToPem(certificate),
      pkcs12: password => der(forge.pkcs12.toPkcs12Asn1(key, [certificate], password, { algorithm: 'aes256' })),
    }
  }

  /** Its own certificate as keytool keeps what is trusted: without a key. */
  trustStore(password: string): Buffer {
    const certificate = forge.pki.certificateFromPem(this.certificate)
    return der(
      forge.pkcs12.toPkcs12Asn1(null as unknown as forge.pki.rsa.PrivateKey, [certificate], password, { algorithm: 'aes256' }),
    )
  }

  #made(
    name: string,
    signer: Signer | null,
    host?: string,
  ): { key: forge.pki.rsa.PrivateKey; certificate: forge.pki.Certificate } {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const key = forge.pki.privateKeyFromPem(pair.privateKey)
    const certificate = forge.pki.createCertificate()
    certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey)
    certificate.serialNumber = (this.#serial++).toString(16).padStart(4, '0')
    certificate.validity.notBefore = new Date(Date.now() - 86_400_000)
    certificate.validity.notAfter = new Date(Date.now() + 86_400_000)
    const subject = [{ name: 'commonName', value: name }]
    certificate.setSubject(subject)
    certificate.setIssuer(signer?.subject ?? subject)
    certificate.setExtensions([
      { name: 'basicConstraints', cA: signer === null },
      {
        name: 'subjectAltName',
        altNames: host === undefined ? [IP_HERE, { type: 2, value: 'localhost' }] : [{ type: 2, value: host }],
      },
    ])
    certificate.sign(signer?.key ?? key, forge.md.sha256.create())
    return { key, certificate }
  }
}

function der(asn1: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary')
}
