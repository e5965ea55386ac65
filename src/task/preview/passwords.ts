// Values of PASSWORD keys must not be in a preview, whatever a plugin does with them. Preview threads; called by workers/preview.ts.
import type { PreviewSpec } from '../../actor/preview-messages.ts'
import { clientKeys } from '../../config/client-keys.ts'

/** A shorter one would be found by chance, in numbers and words that have nothing to do with it. */
const LENGTH_MIN = 4
const HIDDEN = '[hidden]'

const CLIENT_PASSWORDS = clientKeys.consumer.names.filter(name => clientKeys.consumer.keys[name]?.type === 'password')

/**
 * Hides these values of the connector's config, those of the Kafka clients in both configs, and whole values that hold a variable: what a
 * provider answered is put back as its variable before, but only where it stands as text.
 * @param written the spec with variables unresolved
 */
export function passwordRedactor(spec: PreviewSpec, written: PreviewSpec): (text: string) => string {
  const values = new Set(spec.secretKeys.map(key => spec.connectorProps[key]))
  for (const config of ['connectorProps', 'workerProps'] as const) {
    for (const [key, value] of Object.entries(spec[config])) {
      const isPassword = CLIENT_PASSWORDS.some(name => key === name || key.endsWith(`.${name}`))
      if (isPassword || value !== written[config][key]) values.add(value)
    }
  }
  const secrets = new Set<string>()
  for (const value of values) {
    if (value === undefined || value.length < LENGTH_MIN) continue
    // As it is, as it stands in a text of JSON, and as JsonConverter writes its bytes.
    for (const form of [value, JSON.stringify(value).slice(1, -1), Buffer.from(value).toString('base64')]) secrets.add(form)
  }
  // The longest first: one may be part of another.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length)
  return text => longestFirst.reduce((shown, secret) => shown.replaceAll(secret, () => HIDDEN), text)
}
