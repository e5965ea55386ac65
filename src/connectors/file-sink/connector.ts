// FileStreamSink: each record's value becomes a line of a text file. Connector thread; the catalogue imports `plugins`.
import type { Connector, Plugin, Props } from '../../api/index.ts'
import { CONNECTORS_VERSION } from '../version.ts'
import { fileSinkConfig } from './config.ts'
import { FileSinkTask } from './task.ts'

function createConnector(): Connector {
  let props: Props = {}
  return {
    start(started, context) {
      props = started
      context.logger.info(`appending lines to ${fileSinkConfig.parse(started).file || 'standard output'}`)
    },
    taskConfigs: maxTasks => Array.from({ length: maxTasks }, () => props),
    stop() {},
    // It keeps no offsets anywhere else and takes any, as Java's.
    alterOffsets: () => true,
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    taskClass: 'org.apache.kafka.connect.file.FileStreamSinkTask',
    aliases: ['FileStreamSink', 'FileStreamSinkConnector'],
    version: CONNECTORS_VERSION,
    config: fileSinkConfig,
    connector: createConnector,
    task: () => new FileSinkTask(),
    previewTarget: props => {
      const path = fileSinkConfig.parse(props).file || 'standard output'
      return () => ({ path, format: 'text lines' })
    },
  },
]
