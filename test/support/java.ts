// Java as the oracle of a test: single .java files, or the real Connect. Main thread of a test file.
import { classpath } from '../../scripts/kafka/java.ts'
import { requireJava } from '../../scripts/kafka/maven.ts'

export { CONNECT_ARTIFACTS, classpath, javaCommand, runJava } from '../../scripts/kafka/java.ts'

/** The command line of Java's standalone worker, for startWorker. */
export async function javaWorkerCommand(): Promise<readonly string[]> {
  return [requireJava(), '-Xmx512m', '-cp', await classpath(), 'org.apache.kafka.connect.cli.ConnectStandalone']
}
