// The JSON lines of the verifiable connectors, as Java prints them: members in the order of its HashMap, values by Jackson's ObjectMapper.
// Task threads.
import { DataError, toError } from '../../base/errors.ts'
import type { Schema } from '../../data/schema.ts'
import { Struct } from '../../data/struct.ts'
import { jsonText } from '../../kit/formats/json-text.ts'

/** A HashMap of 16 buckets with these keys gives them in this order, whichever are there; seen of Java 17, compared in test/broker. */
const ORDER = ['committed', 'task', 'seqno', 'offset', 'time_ms', 'name', 'topic', 'sinkTask', 'flushed'] as const
export type Member = (typeof ORDER)[number]

/** The JSON texts of members. */
export type Line = Readonly<Partial<Record<Member, string>>>

/** What Jackson says of a Struct, which has nothing that it can write. */
const NO_SERIALIZER =
  'No serializer found for class org.apache.kafka.connect.data.Struct and no properties discovered to create BeanSerializer (to avoid exception, disable SerializationFeature.FAIL_ON_EMPTY_BEANS) (through reference chain: java.util.HashMap'

/** The JSON text of a record's key or value. @throws DataError for a struct: Java's line says so in place of the record */
export function valueText(member: Member, value: unknown, schema: Schema | null): string {
  if (value instanceof Struct) throw new DataError(`${NO_SERIALIZER}["${member}"])`)
  // Dates and decimals are numbers here, whatever their schemas say; floats need theirs to be told from integers.
  return jsonText(value, schema?.name == null ? schema : null, 'NUMERIC')
}

/** With its line break. */
export function lineText(line: Line): string {
  const members = ORDER.filter(member => line[member] !== undefined).map(member => `"${member}":${line[member]}`)
  return `{${members.join(',')}}\n`
}

/** In place of a line with a value that JSON has no form for. */
export function badLineText(error: unknown): string {
  return `Bad data can't be written as json: ${toError(error).message}\n`
}
