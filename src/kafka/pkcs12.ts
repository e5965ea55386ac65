// Trusted certificates of a PKCS12 file, as keytool writes it: TLS of Node takes such files for keys only. Any thread, at start; called by
// client-config.ts.
import { requirePackage } from '../base/layout.ts'

/** All certificates in it, as PEM. Throws where the password is wrong or the file is no PKCS12. */
export function certificatesOf(file: Buffer, password: string): string[] {
  // 2 MB a thread, for the few that read such a file
  const forge = requirePackage('node-forge') as typeof import('node-forge')
  const asn1 = forge.asn1.fromDer(file.toString('binary'))
  const store = forge.pkcs12.pkcs12FromAsn1(asn1, false, password)
  const bags = store.getBags({ bagType: forge.pki.oids.certBag as string })[forge.pki.oids.certBag as string] ?? []
  return bags.map(bag => {
    // A key that forge does not know (elliptic curves) leaves the certificate as it stood.
    const der = bag.cert === undefined || bag.cert === null ? bag.asn1 : forge.pki.certificateToAsn1(bag.cert)
    return forge.pem.encode({ type: 'CERTIFICATE', body: forge.asn1.toDer(der).getBytes() })
  })
}
