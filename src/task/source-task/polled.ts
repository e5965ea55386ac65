// What a source task handed over, looked at before anything is done with it: a record that is none would fail somewhere in the middle, or not at
// all. It ends the task whatever is tolerated, since errors.tolerance is for records. Task thread; called by source-runner.ts and sender.ts.
// Java: ClassCastException or NullPointerException of the task, and ProducerRecord's refusals, which no tolerance covers either.
import type { OffsetEntry } from '../../actor/messages.ts'
import { ConnectError } from '../../base/errors.ts'
import { kindOf, wrongReturn, wrongReturnError } from '../../base/wrong-return.ts'
import type { SourceMap, SourceRecord } from '../../data/record.ts'
import { checkSourceMap } from '../../data/source-map.ts'
import { TextRecords } from '../../data/text-records.ts'

/**
 * Null for none, which a task may also say by returning nothing.
 * @throws ConnectError naming the task's class
 */
export function polledOf(returned: unknown, taskClass: string): readonly SourceRecord[] | TextRecords | null {
  if (returned === null || returned === undefined) return null
  if (Array.isArray(returned) || returned instanceof TextRecords) return returned
  throw wrongReturn(`${taskClass}.poll`, returned, 'a list of records, or null where there are none')
}

/**
 * @param known the partition of the record before, which need not be looked at again
 * @throws ConnectError naming the task's class and the field
 */
export function checkRecord(record: SourceRecord, known: SourceMap | null, taskClass: string): void {
  if (typeof record !== 'object' || record === null) throw noRecord(taskClass, `is ${kindOf(record)}`)
  const { headers, sourceOffset, sourcePartition } = record
  if (typeof headers !== 'object' || headers === null || !Array.isArray(headers.entries))
    throw noRecord(taskClass, `has ${kindOf(headers)} as headers: new Headers([...]) makes them, NO_HEADERS are none`)
  if (typeof sourceOffset !== 'object' || Array.isArray(sourceOffset))
    throw noRecord(taskClass, `has ${kindOf(sourceOffset)} as sourceOffset: it must be an object`)
  if (sourcePartition !== known || known === null)
    checkSourceMap(sourcePartition, `the sourcePartition of a record of ${taskClass}`)
}

function noRecord(taskClass: string, fault: string): ConnectError {
  return wrongReturnError(`${taskClass}.poll returned a list with a record that ${fault}`)
}

/**
 * Where the record is to go, behind all transforms.
 * @param describe the record's place in the source
 * @throws ConnectError naming the field
 */
export function checkTarget(topic: unknown, partition: unknown, describe: () => string): void {
  if (typeof topic !== 'string')
    throw noTarget(describe, topic === null ? 'Topic cannot be null.' : `its topic is ${kindOf(topic)}`)
  if (partition === null || partition === undefined) return
  if (typeof partition !== 'number' || !Number.isInteger(partition)) {
    const found = typeof partition === 'number' ? String(partition) : kindOf(partition)
    throw noTarget(describe, `its kafkaPartition is ${found}, it must be a whole number or null`)
  }
  if (partition < 0)
    throw noTarget(describe, `Invalid partition: ${partition}. Partition number should always be non-negative or null.`)
}

function noTarget(describe: () => string, fault: string): ConnectError {
  return new ConnectError(`${describe()} cannot be sent: ${fault}`, { code: 'CONNECT_RECORD_TARGET' })
}

/** Before offsets go to be stored. @throws DataError naming the field */
export function checkOffsets(entries: readonly OffsetEntry[]): void {
  for (const { partition, offset } of entries)
    if (offset !== null) checkSourceMap(offset, `the sourceOffset of a record of source partition ${JSON.stringify(partition)}`)
}
