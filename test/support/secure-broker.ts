// A broker of a test that has, beside its plain listener, one with TLS and SASL PLAIN, and what a client of it sets. Main thread of a test file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, ownBroker } from './broker.ts'
import { Authority } from './certificates.ts'

export interface SecureBroker {
  /** its bootstrap is the plain listener */
  readonly broker: Broker
  /** "127.0.0.1:port" of the listener with TLS and SASL */
  readonly bootstrap: string
  /** keys of a client: security.protocol, SASL and the authority to trust */
  readonly client: Record<string, string>
  stop(): Promise<void>
}

const STORE_PASSWORD = 'store-password'
const [USER, PASSWORD] = ['connect', 'connect-password']

const plain = (options: string) => `org.apache.kafka.common.security.plain.PlainLoginModule required ${options};`

/** Must be stopped by the caller. */
export async function secureBroker(): Promise<SecureBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-secure-'))
  const authority = new Authority('test authority')
  const [keyStore, trusted] = [join(folder, 'broker.p12'), join(folder, 'authority.pem')]
  writeFileSync(keyStore, authority.identity('broker').pkcs12(STORE_PASSWORD))
  writeFileSync(trusted, authority.certificate)
  const broker = await ownBroker({
    listeners: { SASL_SSL: 'SASL_SSL' },
    config: {
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': plain(`user_${USER}="${PASSWORD}"`),
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': keyStore,
      'ssl.keystore.password': STORE_PASSWORD,
    },
  })
  return {
    broker,
    bootstrap: broker.bootstrapOf('SASL_SSL'),
    client: {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': plain(`username="${USER}" password="${PASSWORD}"`),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': trusted,
    },
    async stop() {
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
