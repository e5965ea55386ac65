// What Java's distributed workers have and this version of Sluice has not yet: the one place that `sluice migrate plan` says it from. Whoever
// builds a thing takes its line out. Main thread of a command; pure.
import type { Props } from '../../store/config-store.ts'

export interface Missing {
  /** stands in reasons, after the name of the key */
  readonly text: string
  /** a key of the worker, which concerns all of its sources; or one of a source */
  readonly concerns: 'worker' | 'source'
  /** the key and value that ask for it, null where nothing does */
  asked(props: Props): { readonly key: string; readonly value: string } | null
}

const asks =
  (key: string, isAsked: (value: string) => boolean) =>
  (props: Props): { key: string; value: string } | null => {
    const value = props[key]?.trim() ?? ''
    return isAsked(value.toLowerCase()) ? { key, value } : null
  }

export const NOT_YET: readonly Missing[] = [
  {
    text: 'exactly-once sources are not in this version of Sluice yet: records would be at least once',
    concerns: 'worker',
    asked: asks('exactly.once.source.support', value => value === 'enabled'),
  },
  {
    text: 'exactly-once sources are not in this version of Sluice yet',
    concerns: 'source',
    asked: asks('exactly.once.support', value => value === 'required'),
  },
  {
    text: 'offsets topics of single connectors are not in this version of Sluice yet',
    concerns: 'source',
    asked: asks('offsets.storage.topic', value => value !== ''),
  },
]
