// Java as the oracle of a test: single .java files, or the real Connect. Main thread of a test file.
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
