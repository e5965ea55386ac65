// Java as the oracle of a test: single .java files, or the real Connect. Main thread of a test file.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { classpath } from '../../scripts/kafka/java.ts'
import { jars, KAFKA_VERSION, requireJava } from '../../scripts/kafka/maven.ts'

export { CONNECT_ARTIFACTS, classpath, javaCommand, runJava } from '../../scripts/kafka/java.ts'

/**
 * The command line of Java's worker, for startWorker.
 * @param more jar files that are on its class path besides
 */
export async function javaWorkerCommand(
  mode: 'Standalone' | 'Distributed' = 'Standalone',
  more: readonly string[] = [],
): Promise<readonly string[]> {
  const path = [await classpath(), ...more].join(':')
  return [requireJava(), '-Xmx512m', '-cp', path, `org.apache.kafka.connect.cli.Connect${mode}`]
}

/** The jar of Kafka's own test connectors. They are not for plugin.path: Java does not isolate their package, and would not find the classes. */
export async function testConnectorsJar(): Promise<string> {
  const lib = await jars(`connect-test-plugins-${KAFKA_VERSION}`, [`org.apache.kafka:connect-test-plugins:${KAFKA_VERSION}`])
  return join(lib, `connect-test-plugins-${KAFKA_VERSION}.jar`)
}

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
