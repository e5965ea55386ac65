// Java as the oracle of a test: single .java files, or the real Connect; see scripts/kafka/java.ts. Main thread of a test file.
import { spawnSync } from 'node:child_process'
import { requireJava } from '../../scripts/kafka/maven.ts'

export {
  CONNECT_ARTIFACTS,
  classpath,
  javaCommand,
  javaWorkerCommand,
  runJava,
  testConnectorsJar,
} from '../../scripts/kafka/java.ts'

/** A trust store as administrators make it for Java: PKCS12 with `certificate` (PEM) in it, protected by `password`. */
export function javaTrustStore(path: string, certificate: string, password: string): string {
  const keytool = requireJava('javac').replace(/javac$/, 'keytool')
  const args = [
    '-importcert',
    '-noprompt',
    '-alias',
    'ca',
    '-storetype',
    'PKCS12',
    '-keystore',
    path,
    '-storepass:env',
    'STOREPASS',
  ]
  const env = { ...process.env, STOREPASS: password }
  const { error, status, stdout, stderr } = spawnSync(keytool, args, { input: certificate, encoding: 'utf8', env })
  if (error) throw error
  if (status !== 0) throw new Error(`${keytool} ended with ${status}:\n${stdout}${stderr}`)
  return path
}
