// `converter.type`, the one key that all converters have, and the roles it names. Task threads, and the job thread for validation.
// Java: org.apache.kafka.connect.storage.{ConverterConfig,ConverterType}.
import type { Props } from '../api/connector.ts'
import { type KeyDef, oneOf } from '../config/define.ts'

export const converterType = {
  'converter.type': {
    type: 'string',
    importance: 'low',
    doc: 'Set by the framework: key, value or header.',
    check: oneOf('key', 'value', 'header'),
    internal: true,
  },
} as const satisfies Readonly<Record<string, KeyDef>>

/** The properties with the role, which is not the user's to choose. @param isKey undefined for a header converter */
export function withConverterType(props: Props, isKey: boolean | undefined): Props {
  return { ...props, 'converter.type': isKey === undefined ? 'header' : isKey ? 'key' : 'value' }
}
