// The assignors by the names and Java classes that `partition.assignment.strategy` may give. Any thread; called by
// consumer-membership.ts and consumer-config.ts.
import { ConfigError } from '../../base/errors.ts'
import { cooperativeStickyAssignor } from './cooperative-sticky.ts'
import { rangeAssignor } from './range.ts'
import { roundRobinAssignor } from './round-robin.ts'
import type { Assignor } from './types.ts'

const ASSIGNORS: readonly Assignor[] = [rangeAssignor, roundRobinAssignor, cooperativeStickyAssignor]

const JAVA_CLASSES: ReadonlyMap<string, Assignor> = new Map([
  ['org.apache.kafka.clients.consumer.RangeAssignor', rangeAssignor],
  ['org.apache.kafka.clients.consumer.RoundRobinAssignor', roundRobinAssignor],
  ['org.apache.kafka.clients.consumer.CooperativeStickyAssignor', cooperativeStickyAssignor],
])

/** @param name as it stands in the group protocol, or a Java class name */
export function assignorNamed(name: string): Assignor {
  const found = ASSIGNORS.find(a => a.name === name) ?? JAVA_CLASSES.get(name)
  if (found === undefined)
    throw new ConfigError(
      'partition.assignment.strategy',
      `Invalid value ${name} for configuration partition.assignment.strategy: known here are ${[...JAVA_CLASSES.keys()].join(', ')}`,
    )
  return found
}
