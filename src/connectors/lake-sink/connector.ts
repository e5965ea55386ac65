// LakeSink: topics become files of JSON lines, Parquet or raw bytes below a folder, in Confluent's layout. Connector thread; the
// catalogue imports `plugins`. The work is done in kit/lake.
import type { Plugin, Props } from '../../api/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { lakeConnector } from '../../kit/lake/lake-connector.ts'
import { lakePreview } from '../../kit/lake/lake-preview.ts'
import { LakeTask } from '../../kit/lake/lake-task.ts'
import { openStore } from '../../kit/object-store/open-store.ts'
import { CONNECTORS_VERSION } from '../version.ts'
import { lakeSinkConfig } from './config.ts'

function configure(props: Props) {
  const config = lakeSinkConfig.parse(props)
  return { config, store: openStore('store.url', config['store.url']) }
}

export function lakeSinkTask(clock: Clock = systemClock): LakeTask {
  return new LakeTask(clock, configure)
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.sluice.connect.lake.LakeSinkConnector',
    taskClass: 'io.sluice.connect.lake.LakeSinkTask',
    aliases: ['LakeSink', 'LakeSinkConnector'],
    version: CONNECTORS_VERSION,
    config: lakeSinkConfig,
    connector: () => lakeConnector(props => lakeSinkConfig.parse(props)),
    task: () => lakeSinkTask(),
    previewTarget: lakePreview(systemClock, configure),
  },
]
