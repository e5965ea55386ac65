// What the test plugins share: a connector that hands every task the same props, and how many tasks it makes. Plugins for tests,
// loaded through `plugin.path`; task and connector threads.
import type { Connector, Props } from '../../../src/api/index.ts'

/** Each task gets the connector's props and its number as `task.number`. */
export function countedConnector(): Connector {
  let props: Props = {}
  return {
    start(started) {
      props = started
    },
    taskConfigs: maxTasks => Array.from({ length: maxTasks }, (_, i) => ({ ...props, 'task.number': String(i) })),
    stop() {},
  }
}
