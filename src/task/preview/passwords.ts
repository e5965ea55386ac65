// Values of PASSWORD keys must not be in a preview, whatever a plugin does with them. Preview threads; called by workers/preview.ts.
import type { PreviewSpec } from '../../actor/preview-messages.ts'
import { type Redactor, redactorOf, SecretsFound } from '../../config/secrets.ts'

/**
 * Hides the connector's secrets, those of the Kafka clients in both configs, and whole values that hold a variable: what a provider answered is put
 * back as its variable before, but only where it stands as text.
 * @param written the spec with variables unresolved
 */
export function passwordRedactor(spec: PreviewSpec, written: PreviewSpec): Redactor {
  const secrets = new SecretsFound()
  secrets.addKeys(spec.connectorProps, spec.secretKeys)
  secrets.addKeys(spec.workerProps)
  for (const config of ['connectorProps', 'workerProps'] as const) {
    for (const [key, value] of Object.entries(spec[config])) if (value !== written[config][key]) secrets.add(value)
  }
  return redactorOf(secrets.anywhere)
}
