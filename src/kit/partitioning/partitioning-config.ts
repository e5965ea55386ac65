// The keys of partitioners, spread into the config of each lake sink; names, types and defaults are Confluent's. Task, connector
// and job threads.
import { type Check, nonEmpty, type Parsed } from '../../config/define.ts'
import { PARTITIONERS, simplePartitionerName } from './partitioner.ts'

const knownPartitioner: Check = (_name, value) =>
  typeof value === 'string' && simplePartitionerName(value) !== undefined ? null : `must be one of ${PARTITIONERS.join(', ')}`

export const partitioningKeys = {
  'partitioner.class': {
    type: 'class',
    default: 'io.confluent.connect.storage.partitioner.DefaultPartitioner',
    importance: 'high',
    group: 'Partitioner',
    check: knownPartitioner,
    doc: 'How the folder of a record is chosen: DefaultPartitioner (its Kafka partition), FieldPartitioner, TimeBasedPartitioner, DailyPartitioner or HourlyPartitioner.',
  },
  'partition.field.name': {
    type: 'list',
    default: '',
    importance: 'medium',
    group: 'Partitioner',
    doc: 'FieldPartitioner: the fields whose values name the folders, outermost first; a dot goes into nested fields.',
  },
  'partition.duration.ms': {
    type: 'long',
    default: -1,
    importance: 'medium',
    group: 'Partitioner',
    doc: 'TimeBasedPartitioner: the span of time that shares a folder.',
  },
  'path.format': {
    type: 'string',
    default: '',
    importance: 'medium',
    group: 'Partitioner',
    doc: "TimeBasedPartitioner: the pattern of the folder, such as 'year'=YYYY/'month'=MM/'day'=dd with literals in quotes.",
  },
  locale: {
    type: 'string',
    default: '',
    importance: 'medium',
    group: 'Partitioner',
    doc: 'Language of month and day names in the pattern.',
  },
  timezone: {
    type: 'string',
    default: '',
    importance: 'medium',
    group: 'Partitioner',
    doc: 'Zone of the pattern and of rotate.schedule.interval.ms, such as UTC or Europe/Berlin.',
  },
  'timestamp.extractor': {
    type: 'string',
    default: 'Wallclock',
    importance: 'medium',
    group: 'Partitioner',
    doc: 'Where time-based partitioners take the time from: Wallclock (now), Record (the Kafka timestamp) or RecordField.',
  },
  'timestamp.field': {
    type: 'string',
    default: 'timestamp',
    importance: 'medium',
    group: 'Partitioner',
    doc: 'RecordField: the field with the time (epoch milliseconds, ISO 8601 text or a Connect Timestamp); a dot goes into nested fields.',
  },
  'directory.delim': {
    type: 'string',
    default: '/',
    importance: 'medium',
    group: 'Partitioner',
    check: nonEmpty,
    doc: 'What stands between folders.',
  },
} as const

export type PartitioningConfig = Parsed<typeof partitioningKeys>
