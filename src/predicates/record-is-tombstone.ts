// RecordIsTombstone: true for records without a value. Task threads, every record.
import type { Plugin } from '../api/plugin.ts'
import type { Predicate } from '../api/transformation.ts'
import { defineConfig } from '../config/define.ts'
import type { ConnectRecord } from '../data/record.ts'

class RecordIsTombstone implements Predicate {
  configure(): void {}

  test(record: ConnectRecord): boolean {
    return record.value === null || record.value === undefined
  }

  /** Records without a value never are columns, nor do transforms of columns make any. */
  columns(): () => boolean {
    return () => false
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'predicate',
    className: 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
    aliases: ['RecordIsTombstone'],
    version: '4.3.0',
    config: defineConfig({}),
    create: () => new RecordIsTombstone(),
  },
]
