// Topics for a test, made and filled without the client under test. Main thread of a test file.
import * as wire from '../../scripts/kafka/wire.ts'

export type { TestRecord, TopicShape } from '../../scripts/kafka/wire.ts'
export { uniqueName } from '../../scripts/unique-name.ts'

async function withConnection<T>(bootstrap: string, run: (connection: wire.WireConnection) => Promise<T>): Promise<T> {
  const connection = await wire.WireConnection.open(bootstrap)
  try {
    return await run(connection)
  } finally {
    connection.close()
  }
}

/** Creates a topic; resolves when every partition has a leader. */
export function createTopic(bootstrap: string, name: string, shape: wire.TopicShape = {}): Promise<void> {
  return withConnection(bootstrap, connection => wire.createTopic(connection, name, shape))
}

export function deleteTopic(bootstrap: string, name: string): Promise<void> {
  return withConnection(bootstrap, connection => wire.deleteTopic(connection, name))
}

/** Appends records, in order within each partition; partition 0 unless a record says another. */
export function produce(bootstrap: string, topic: string, records: Iterable<wire.TestRecord>): Promise<void> {
  return withConnection(bootstrap, connection => wire.produce(connection, topic, records))
}

/** End offset of each partition; an empty list for a topic that is not there. */
export function endOffsets(bootstrap: string, topic: string): Promise<number[]> {
  return withConnection(bootstrap, connection => wire.offsets(connection, topic))
}
