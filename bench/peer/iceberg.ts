// Iceberg's sink for Java Connect, from Maven Central: the worker keys that load it. Main thread of the peer bench.
import { dirname } from 'node:path'
import { jars } from '../../scripts/kafka/maven.ts'

const VERSION = '1.10.1'
const HADOOP_VERSION = '3.4.1'
const ARTIFACTS = [
  ...['iceberg-kafka-connect', 'iceberg-kafka-connect-events', 'iceberg-parquet'].map(
    name => `org.apache.iceberg:${name}:${VERSION}`,
  ),
  ...['hadoop-client-api', 'hadoop-client-runtime'].map(name => `org.apache.hadoop:${name}:${HADOOP_VERSION}`),
]

/** The folder of jars is one plugin of the folder above it. */
export async function icebergPlugin(): Promise<Record<string, string>> {
  return { 'plugin.path': dirname(await jars(`iceberg-connect-${VERSION}`, ARTIFACTS)), 'plugin.discovery': 'service_load' }
}
