// One record through the transforms, with what each of them made of it. Preview threads; used for sinks and sources.
import type { PreviewError, PreviewStep, ShownRecord } from '../../actor/preview-messages.ts'
import { NeedsSchema } from '../../api/needs-schema.ts'
import { ConnectError, type Stage, toError } from '../../base/errors.ts'
import type { ConnectRecord } from '../../data/record.ts'
import type { Chain } from '../chain.ts'
import type { Renderer } from './renderer.ts'

/** A converter that asks for the same schema again and again is broken. */
const SCHEMA_LOADS_MAX = 5
/** Of a chain of errors, what is told. */
const CAUSES_MAX = 3

export interface StepsContext {
  readonly chain: Chain
  readonly renderer: Renderer
  /** what is under way, should it never end */
  entered(step: string): void
}

export interface Transformed<R> {
  /** null: dropped, or an error */
  readonly record: R | null
  readonly steps: readonly PreviewStep[]
  readonly error?: PreviewError
}

/** Runs what may ask for a schema first. */
export async function attempt<T>(run: () => T): Promise<T> {
  for (let loads = 0; ; loads++) {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof NeedsSchema) || loads >= SCHEMA_LOADS_MAX) throw error
      await error.load()
    }
  }
}

export async function transformed<R extends ConnectRecord>(context: StepsContext, record: R): Promise<Transformed<R>> {
  const { chain, renderer } = context
  const steps: PreviewStep[] = []
  let current = record
  for (const step of chain.parts.steps) {
    const { alias, className, predicate, negate, transform } = step
    const add = (result: PreviewStep['result'], shown?: ShownRecord) =>
      steps.push({ alias, class: className, result, ...(shown === undefined ? {} : { record: shown }) })
    context.entered(`transform ${alias} (${className})`)
    try {
      if (predicate !== null && (await attempt(() => predicate.test(current))) === negate) {
        add('not_applied')
        continue
      }
      const after = await attempt(() => transform.apply(current))
      if (after === null) {
        add('dropped')
        return { record: null, steps }
      }
      if (typeof after !== 'object') throw new ConnectError(`${className}.apply returned no record`)
      if (isSame(current, after)) add('unchanged')
      else add('changed', renderer.record(after))
      current = after
    } catch (error) {
      add('failed')
      return { record: null, steps, error: { ...errorAt('TRANSFORMATION', className, error, renderer), transform: alias } }
    }
  }
  return { record: current, steps }
}

/** Many transforms make a new record though nothing in it is new. */
function isSame(a: ConnectRecord, b: ConnectRecord): boolean {
  return (
    a === b ||
    (a.topic === b.topic &&
      a.kafkaPartition === b.kafkaPartition &&
      a.keySchema === b.keySchema &&
      a.key === b.key &&
      a.valueSchema === b.valueSchema &&
      a.value === b.value &&
      a.timestamp === b.timestamp &&
      a.headers === b.headers)
  )
}

/** Message and causes; no stack, which is for logs. */
export function errorAt(stage: Stage, className: string, thrown: unknown, renderer: Renderer): PreviewError {
  const messages: string[] = []
  let error: unknown = thrown
  // null and undefined can be thrown; as a cause they are none
  for (let i = 0; i === 0 || (i <= CAUSES_MAX && error !== undefined && error !== null); i++) {
    const { message, cause } = toError(error)
    if (!messages.some(known => known.includes(message))) messages.push(message)
    error = cause
  }
  return { stage, class: className, message: renderer.text(messages.join('; caused by: ')) }
}
