// Faults that the self-test of the oracle puts into our chain; each must be found. Main thread of `npm run test:oracle`.
import type { Transformation } from '../../../src/api/transformation.ts'
import { Headers } from '../../../src/data/headers.ts'
import type { ConnectRecord } from '../../../src/data/record.ts'
import { Struct } from '../../../src/data/struct.ts'
import { Chain } from '../../../src/task/chain.ts'

export interface Plant {
  readonly what: string
  alter(chain: Chain): Chain
}

/** The chain with what a class makes of a record changed. */
function broken(className: string, change: (after: ConnectRecord, before: ConnectRecord) => ConnectRecord): Plant['alter'] {
  return chain => {
    const steps = chain.parts.steps.map(step => {
      if (!step.className.endsWith(className)) return step
      const transform: Transformation = {
        configure: () => {},
        apply: record => {
          const after = step.transform.apply(record)
          return after === null ? null : (change(after, record) as typeof record)
        },
      }
      return { ...step, transform }
    })
    return new Chain({ ...chain.parts, steps })
  }
}

/** The last field of a struct is lost. */
function withoutLast(value: unknown): unknown {
  return value instanceof Struct && value.values.length > 0 ? new Struct(value.schema, value.values.with(-1, null)) : value
}

export const PLANTS: readonly Plant[] = [
  {
    what: 'MaskField$Value masks nothing',
    alter: broken('MaskField$Value', (after, before) => after.with({ value: before.value })),
  },
  { what: 'Flatten$Value loses the last field', alter: broken('Flatten$Value', r => r.with({ value: withoutLast(r.value) })) },
  {
    what: 'InsertHeader puts its header first',
    alter: broken('InsertHeader', r => r.with({ headers: new Headers(r.headers.entries.toReversed()) })),
  },
  {
    what: 'negate is not obeyed',
    alter: chain => new Chain({ ...chain.parts, steps: chain.parts.steps.map(step => ({ ...step, negate: false })) }),
  },
]
