// What the main thread must not say: secrets of the worker's config and of every connector's. Its log, the traces of statuses and the errors
// of REST go through here; threads do the same for themselves, with the values they were started with. Main thread.
import { type Redactor, redactorOf, type Secrets } from '../config/secrets.ts'
import type { Variables } from '../config/variables.ts'
import type { Props } from '../store/config-store.ts'

export class Redaction {
  readonly #variables: Pick<Variables, 'secrets'>
  readonly #worker: Secrets
  readonly #connectors = new Map<string, Secrets>()
  #redact: Redactor
  /** bound, to be handed on */
  readonly text = (text: string): string => this.#redact(text)

  constructor(variables: Pick<Variables, 'secrets'>, workerProps: Props) {
    this.#variables = variables
    this.#worker = variables.secrets([workerProps])
    this.#redact = redactorOf(this.#worker)
  }

  /** Called whenever the connector's config is read: values of providers may have changed, and the old ones may still be in use. */
  know(connector: string, written: Props, secretKeys: readonly string[] = []): void {
    const found = this.#variables.secrets([written], secretKeys)
    const before = this.#connectors.get(connector)
    // a generation back, not all that ever were
    this.#connectors.set(connector, found)
    this.#redact = redactorOf(new Map([...(before ?? []), ...this.#all()]))
  }

  forget(connector: string): void {
    if (this.#connectors.delete(connector)) this.#redact = redactorOf(new Map(this.#all()))
  }

  *#all(): Iterable<[string, string]> {
    yield* this.#worker
    for (const secrets of this.#connectors.values()) yield* secrets
  }
}
