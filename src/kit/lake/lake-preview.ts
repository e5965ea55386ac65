// Which file of a lake each previewed record would go to. It runs the writers of the real task over the records, with their rotation by
// count, size and record time, but finishes files by forgetting them: nothing is encoded and the store is never called. Preview threads.
import type { PreviewTarget, Props, SinkRecord } from '../../api/index.ts'
import type { Clock } from '../../base/clock.ts'
import { DataError } from '../../base/errors.ts'
import { formatName } from './lake-config.ts'
import { type ConfigureLake, recordError, writerParts } from './lake-task.ts'
import { PartitionWriter } from './partition-writer.ts'

/**
 * For `previewTarget` of a lake sink. File names hold the offset of the file's first record: they are those of a sink that begins with the
 * first record shown of its partition.
 * @param configure as for LakeTask
 */
export function lakePreview(clock: Clock, configure: ConfigureLake) {
  return (props: Props) => {
    const { config, store } = configure(props)
    const parts = writerParts(config, store, clock)
    // one for each partition of the records shown
    const writers = new Map<string, PartitionWriter>()
    return (record: SinkRecord): PreviewTarget | null => {
      if (record.value === null || record.value === undefined) {
        if (config['behavior.on.null.values'] === 'ignore') return null
        throw recordError(record, 'it has no value (behavior.on.null.values)')
      }
      const { originalTopic, originalKafkaPartition } = record
      const id = `${originalTopic}\0${originalKafkaPartition}`
      const writer = writers.get(id) ?? new PartitionWriter(originalTopic, originalKafkaPartition, parts, clock.now())
      writers.set(id, writer)
      const path = pathOf(writer, record, clock)
      const folder = path.slice(0, path.lastIndexOf(parts.directoryDelimiter) + 1)
      return { path, folder, store: store.url, format: formatName(config['format.class']) ?? '' }
    }
  }
}

/** @throws DataError as put does */
function pathOf(writer: PartitionWriter, record: SinkRecord, clock: Clock): string {
  try {
    const encoded = writer.encodedPartition(record)
    if (writer.isDueBefore(record, encoded, clock.now())) writer.abandon(clock.now())
    writer.add(record, encoded)
    const path = writer.keyOf(record.topic, encoded) ?? ''
    if (writer.isFull()) writer.abandon(clock.now())
    return path
  } catch (error) {
    throw error instanceof DataError ? recordError(record, error.message, error) : error
  }
}
