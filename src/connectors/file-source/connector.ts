// FileStreamSource: lines of one text file become records. Connector thread; the catalogue imports `plugins`.

import type { Connector, Plugin, Props, SourceMap } from '../../api/index.ts'
import { ConnectError } from '../../base/errors.ts'
import { CONNECTORS_VERSION } from '../version.ts'
import { fileSourceConfig } from './config.ts'
import { FileSourceTask } from './task.ts'

/** A source's stored position must be one that the task can seek to (KIP-875). */
function checkOffset(partition: SourceMap | null, offset: SourceMap | null): void {
  if (partition === null || !Object.hasOwn(partition, 'filename')) {
    throw new ConnectError("Partition objects should contain the key 'filename'")
  }
  if (offset === null) return
  if (!Object.hasOwn(offset, 'position')) {
    throw new ConnectError("Offset objects should either be null or contain the key 'position'")
  }
  const position = offset.position
  const isInteger = typeof position === 'bigint' || (typeof position === 'number' && Number.isSafeInteger(position))
  if (!isInteger) throw new ConnectError("The value for the 'position' key in the offset is expected to be a Long value")
  if (position < 0) throw new ConnectError("The value for the 'position' key in the offset should be a non-negative value")
}

function createConnector(): Connector {
  let props: Props = {}
  return {
    start(started, context) {
      props = started
      const { file } = fileSourceConfig.parse(started)
      context.logger.info(`reading lines from ${file || 'standard input'}`)
    },
    // One task whatever tasks.max says: a file has one reader.
    taskConfigs: () => [props],
    stop() {},
    // A file that is only appended to; what came by standard input cannot be read again.
    exactlyOnceSupport: asked => (fileSourceConfig.parse(asked).file ? 'supported' : 'unsupported'),
    alterOffsets(altered, offsets) {
      if (!fileSourceConfig.parse(altered).file) {
        throw new ConnectError('Offsets cannot be altered while no file is set: standard input has none')
      }
      for (const { partition, offset } of offsets) checkOffset(partition, offset)
      return true
    },
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'source',
    className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    taskClass: 'org.apache.kafka.connect.file.FileStreamSourceTask',
    aliases: ['FileStreamSource', 'FileStreamSourceConnector'],
    version: CONNECTORS_VERSION,
    config: fileSourceConfig,
    connector: createConnector,
    task: () => new FileSourceTask(),
  },
]
