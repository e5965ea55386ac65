// The source offsets of a cluster as a command sees them: from the worker's topic and from connectors' own (`offsets.storage.topic`), by the
// rules of a worker, each read once and when it is first asked for. Nothing is made or written. Main thread of a command.
import type { Logger } from '../base/log.ts'
import type { Props } from '../store/config-store.ts'
import { OffsetRouter } from '../store/offset-router.ts'
import type { OffsetStore } from '../store/offset-store.ts'
import { OffsetTopic } from '../store/offset-topic.ts'
import { OneReading } from '../store/one-reading.ts'

export interface ReadOnlyOffsetsOptions {
  /** of the worker, variables resolved */
  readonly workerProps: Props
  /** offset.storage.topic */
  readonly topic: string
  /** a connector's config with variables resolved */
  configOf(connector: string): Props | undefined
  readonly clientId: string
  readonly log: Logger
  /** for each topic */
  readonly timeoutMs: number
}

/** A question rejects where a topic cannot be read to its end in time. */
export function readOnlyOffsets({ workerProps, topic, configOf, clientId, log, timeoutMs }: ReadOnlyOffsetsOptions): OffsetStore {
  const open = (name: string, client: Props, onFailed: (error: Error) => void) =>
    new OffsetTopic({
      topic: name,
      log,
      onFailed,
      open: listener => new OneReading({ topic: name, client, clientId, log, timeoutMs }, listener),
    })
  return new OffsetRouter({ global: open(topic, workerProps, () => undefined), topic, workerProps, log, configOf, open })
}
