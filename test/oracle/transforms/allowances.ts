// Differences from Java that docs/differences.md states, each as narrow as it can be told: everything else fails the run. Main thread of
// `npm run test:oracle`.
import { DataError } from '../../../src/base/errors.ts'
import type { ChainCase } from './case.ts'
import type { Difference, JavaResult } from './compare.ts'
import type { TaggedSchema } from './data.ts'
import type { OurResult } from './ours.ts'
import { shownJava, shownOurs } from './shown.ts'

interface Allowance {
  readonly name: string
  covers(java: JavaResult, ours: OurResult, given: ChainCase, schemas: readonly TaggedSchema[]): boolean
}

const isMessage = (java: JavaResult, pattern: RegExp): boolean => 'error' in java && pattern.test(java.error.message ?? '')

const hasStructDefault = (schema: TaggedSchema): boolean =>
  (schema.t === 'struct' && schema.d !== undefined) ||
  ((schema.f ?? []) as [string, TaggedSchema][]).some(([, field]) => hasStructDefault(field))

/** A transform before the one that fails in Java has such a name. */
const hasBefore = (given: ChainCase, java: JavaResult, name: RegExp): boolean =>
  'error' in java && given.transforms.slice(0, java.error.step).some(step => name.test(step.class))

/** Our record passed the step that fails in Java. */
const wentFurther = (java: JavaResult, ours: OurResult, given: ChainCase): boolean => failsFrom(1, java, ours, given)

/** Ours may fail in the same step, for another reason. */
const wentAsFar = (java: JavaResult, ours: OurResult, given: ChainCase): boolean => failsFrom(0, java, ours, given)

function failsFrom(later: number, java: JavaResult, ours: OurResult, given: ChainCase): boolean {
  if (!('error' in java)) return false
  return !('error' in ours) || given.transforms.slice(java.error.step + later).some(step => step.class === ours.className)
}

/** A result as JSON with the texts of doubles and floats replaced by the numbers, and maps in one order. */
function withoutDigits(shown: string): string {
  return JSON.stringify(JSON.parse(shown), (_key, value: unknown) => {
    if (typeof value === 'string' && /^-?\d+\.\d+(E-?\d+)?$/.test(value)) {
      return value.length <= FLOAT_TEXT_MAX ? Math.fround(Number(value)) : Number(value)
    }
    const entries = (value as { m?: unknown[] } | null)?.m
    return Array.isArray(entries) ? { m: entries.map(entry => JSON.stringify(entry)).sort() } : value
  })
}

/** A step makes numbers narrow, and a later one asks how narrow they are. */
function usesWidth({ transforms }: ChainCase): boolean {
  return transforms.some((step, i) => {
    const before = transforms.slice(0, i)
    const wasCastTo = (types: RegExp): boolean =>
      before.some(({ class: name, config }) => name.startsWith('Cast$') && types.test(config.spec ?? ''))
    if (step.class.startsWith('Cast$')) return wasCastTo(/float32/i)
    const hasPartition = before.some(({ config }) => config['partition.field'] !== undefined)
    const masks = step.class.startsWith('MaskField$') && step.config.replacement !== undefined
    return masks && (hasPartition || wasCastTo(/int8|int16|int32|float32/i))
  })
}

/** A result as JSON in which all numbers without schema are the same. */
const withoutNumbers = (shown: string): string => withoutDigits(shown.replace(/\{"[ld]":"[^"]*"\}/g, '"number"'))

/** `-1.23456789E-38` is the longest that a float has. */
const FLOAT_TEXT_MAX = 15

const ALLOWANCES: readonly Allowance[] = [
  {
    // Our side names the limit; a wrong refusal of a time within it would say so too, but with a number that is not beyond it.
    name: 'timestamp beyond JavaScript dates',
    covers: (_java, ours) => {
      if (!('error' in ours && ours.error instanceof DataError)) return false
      const match = /^Could not convert timestamp: (-?\d+) (\w+) is beyond the range of dates$/.exec(ours.error.message)
      const perMs: Readonly<Record<string, number>> = { seconds: 1e-3, milliseconds: 1, microseconds: 1e3, nanoseconds: 1e6 }
      return match !== null && Math.abs(Number(match[1])) / (perMs[match[2] ?? ''] ?? Infinity) > 8.64e15
    },
  },
  {
    // Java refuses the default that stands in the schema itself: its struct has the schema as it was before it had a default.
    name: 'default that is a struct, copied',
    covers: (java, ours, given) =>
      isMessage(java, /^Struct schemas do not match\.$/) && wentAsFar(java, ours, given) && given.schemas.some(hasStructDefault),
  },
  {
    // Java casts the struct's own default as if it were a field.
    name: 'Cast of a struct with a default',
    covers: (java, ours, given) =>
      isMessage(java, /^Cast transformation does not support casting from STRUCT/) &&
      wentFurther(java, ours, given) &&
      given.schemas.some(schema => schema.t === 'struct' && schema.d !== undefined),
  },
  {
    // Without a schema a number here is a Long or a Double; Cast in Java makes it a Byte, Short, Integer or Float, InsertField an Integer.
    name: 'width of a number without schema',
    covers: (java, ours, given) =>
      isMessage(java, /^TimestampConverter does not support class java\.lang\.(Byte|Short|Integer) objects as timestamps$/) &&
      wentFurther(java, ours, given) &&
      hasBefore(given, java, /^Cast|^InsertField/),
  },
  {
    // A Cast to float32 leaves the double with the digits of the float here, from which the next Cast starts with other bits than from
    // Java's Float; and MaskField makes its replacement as narrow as the number it masks.
    name: 'width of a number without schema, used again',
    covers: (java, ours, given, schemas) =>
      'topic' in java &&
      'record' in ours &&
      usesWidth(given) &&
      withoutNumbers(shownJava(java, schemas)) === withoutNumbers(shownOurs(ours)),
  },
  {
    // Java before 19 writes a digit too many for some doubles and floats.
    name: 'digits of doubles in old JDKs',
    covers: (java, ours, given, schemas) =>
      given.transforms.some(step => step.class.startsWith('Cast') && /string/.test(step.config.spec ?? '')) &&
      'topic' in java &&
      'record' in ours &&
      withoutDigits(shownJava(java, schemas)) === withoutDigits(shownOurs(ours)),
  },
]

/** The name of the allowance that covers a difference, or null. */
export function allowanceFor(given: ChainCase, { record, java, ours, schemas }: Difference): string | null {
  if (record < 0) return null
  return ALLOWANCES.find(allowance => allowance.covers(java as JavaResult, ours as OurResult, given, schemas))?.name ?? null
}
