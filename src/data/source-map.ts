// Whether a source's partition or offset can be stored: a flat map of what JSON has (Java: OffsetUtils.validateFormat, whose words these
// are). Task threads ask before anything is sent to be stored; the stores' own check is that of java-json.ts.
import { DataError } from '../base/errors.ts'
import { kindOf } from '../base/wrong-return.ts'

/**
 * @param what for the message: "the source offset of ..."
 * @throws DataError naming the field
 */
export function checkSourceMap(map: unknown, what: string): void {
  const fault = faultOf(map)
  if (fault !== null) throw new DataError(`${what} cannot be stored: ${fault}`)
}

function faultOf(map: unknown): string | null {
  if (typeof map !== 'object' || map === null || Array.isArray(map) || map instanceof Map) {
    return `Offsets must be specified as a Map (a plain object), this is ${kindOf(map)}`
  }
  for (const [field, value] of Object.entries(map)) {
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') continue
    if (typeof value === 'number' && Number.isFinite(value)) continue
    const found = typeof value === 'number' ? String(value) : kindOf(value)
    return `Offsets may only contain primitive types as values, but field ${field} contains ${found}`
  }
  return null
}
