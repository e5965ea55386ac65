// The connector side of every lake sink: identical task configs, and the checks that concern several keys at once. Connector and
// job threads.
import type { Connector, Props } from '../../api/index.ts'
import { systemClock } from '../../base/clock.ts'
import { ConfigError } from '../../base/errors.ts'
import { createPartitioner } from '../partitioning/partitioner.ts'
import { TimeZone } from '../partitioning/time-zone.ts'
import type { LakeConfig } from './lake-config.ts'
import { createFormat } from './lake-format.ts'

/** @param checkMore what concerns several of the sink's own keys; throws ConfigError */
export function lakeConnector<C extends LakeConfig>(parse: (props: Props) => C, checkMore?: (config: C) => void): Connector {
  let props: Props = {}
  return {
    start(started) {
      parse(started)
      props = started
    },
    taskConfigs: maxTasks => Array.from({ length: maxTasks }, () => props),
    stop() {},
    validate(validated) {
      let config: C
      try {
        config = parse(validated)
      } catch {
        // The single keys have their own messages.
        return []
      }
      return [
        ...errorsOf(() => createPartitioner(config, systemClock)),
        ...errorsOf(() => createFormat(config)),
        ...errorsOf(() => checkSchedule(config)),
        ...errorsOf(() => checkMore?.(config)),
      ]
    },
  }
}

function checkSchedule(config: LakeConfig): void {
  if (config['rotate.schedule.interval.ms'] <= 0) return
  if (config.timezone === '') throw new ConfigError('timezone', 'timezone must be set for rotate.schedule.interval.ms')
  new TimeZone('timezone', config.timezone)
}

function errorsOf(check: () => unknown): { name: string; errors: string[] }[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [{ name: error.key, errors: [error.message] }]
    throw error
  }
}
