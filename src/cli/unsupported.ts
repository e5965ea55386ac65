// Keys of Java's worker that this version does not act upon. Those that guard something are refused: a worker that ignored them would be
// open. The others are told in the log. Main thread; called by standalone.ts.
import { ConfigError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { unknownKeyMessage, unknownWorkerKeys } from '../config/unknown-keys.ts'
import type { Props } from '../store/config-store.ts'

const REFUSED: readonly (readonly [key: string, why: string])[] = [
  ['rest.extension.classes', 'REST would be open to everybody without them'],
  ['admin.listeners', 'the /admin endpoints would be on the public listeners'],
]
const IGNORED = ['access.control.allow.origin', 'response.http.headers.config']

const isSet = (props: Props, key: string) => (props[key] ?? '').trim() !== ''

/** @throws ConfigError for a key that must not be ignored */
export function refuseUnsupported(props: Props): void {
  for (const [key, why] of REFUSED) {
    if (isSet(props, key))
      throw new ConfigError(key, `${key} is not supported by this version of Sluice, and ${why}. Remove it to start`)
  }
}

export function warnOfIgnored(props: Props, log: Logger): void {
  for (const key of IGNORED)
    if (isSet(props, key)) log.warn(`${key} is not supported by this version of Sluice and has no effect`)
  for (const unknown of unknownWorkerKeys(props)) log.warn(unknownKeyMessage(unknown))
}
