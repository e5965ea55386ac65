// Texts that must not be shown: values of config providers, values of keys that hold secrets, the passwords inside of a JAAS line. Any
// thread: each puts what it says to others (log lines, traces, dead letters, error answers) through a redactor of the configs it knows.
import { clientKeys } from './client-keys.ts'
import { Password, type Props } from './define.ts'

/** What is shown in place of a secret, by secret. */
export type Secrets = ReadonlyMap<string, string>
export type Redactor = (text: string) => string

/** A shorter secret is replaced only in messages about its own key: elsewhere it would be found by chance. */
export const SECRET_LENGTH_MIN = 4
/** A line of a key file or certificate is a secret by itself from this length on. */
const LINE_LENGTH_MIN = 16
/** In base64 a secret is found only where it stands alone. */
const BASE64_LENGTH_MIN = 8
const HIDDEN = new Password('').toString()

const PREFIXES = /^(?:(?:producer|consumer|admin)\.(?:override\.)?|(?:admin\.)?listeners\.https\.)/
/** Keys of plugins, and of clients that nobody declared. */
const SECRET_NAME = /password|passphrase|secret|credential|jaas|user\.info|(?:^|[._-])(?:token|api[._-]?key|private[._-]?key)$/i

const clientTypes = new Map(
  Object.values(clientKeys).flatMap(config => Object.entries(config.keys).map(([name, { type }]) => [name, type])),
)

/** Whether the value of a key is a secret however it is given: by the type of a client's key, or else by the name. */
export function isSecretKey(name: string): boolean {
  const type = clientTypes.get(name.replace(PREFIXES, ''))
  return type === undefined ? SECRET_NAME.test(name) : type === 'password'
}

/** `option="value"` of a JAAS line. Looked for where a word begins: any secret comes here, and a long one may be a single word. */
const JAAS_OPTION = /(?<![\w.])([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s;"']+))/g

/** As they are written, and without the backslashes, as they are sent. */
function passwordsIn(jaas: string): string[] {
  const options = [...jaas.matchAll(JAAS_OPTION)]
  const written = options.filter(([, name = '']) => SECRET_NAME.test(name)).map(([, , a, b, c]) => a ?? b ?? c ?? '')
  return written.flatMap(password => [password, password.replace(/\\(.)/g, '$1')])
}

/** The forms in which a secret may stand in a text: as it is, trimmed, in JSON, in a URL, line by line. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter(line => line.length >= LINE_LENGTH_MIN && !line.startsWith('-----'))
  const plain = [secret, secret.trim(), ...lines]
  const encoded = secret.length >= BASE64_LENGTH_MIN ? [Buffer.from(secret).toString('base64')] : []
  return [...new Set([...plain, ...plain.map(inJson), ...plain.map(inUrl), ...encoded])].filter(form => form.trim() !== '')
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function inUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

export class SecretsFound {
  readonly #secrets = new Map<string, string>()

  /** @param shown a variable, or nothing to tell */
  add(secret: string, shown: string = HIDDEN): void {
    for (const form of formsOf(secret))
      if (!this.#secrets.has(form)) this.#secrets.set(form, form.includes('\\') ? inJson(shown) : shown)
  }

  /** Values of keys that hold secrets. */
  addKeys(props: Props, secretKeys: readonly string[] = []): void {
    for (const [name, value] of Object.entries(props)) {
      if (!isSecretKey(name) && !secretKeys.includes(name)) continue
      // the whole last: what is known already has a variable to show
      for (const password of passwordsIn(value)) this.add(password)
      this.add(value)
    }
  }

  /** Those that are long enough to be looked for everywhere. */
  get anywhere(): Secrets {
    return new Map([...this.#secrets].filter(([secret]) => secret.length >= SECRET_LENGTH_MIN))
  }

  get all(): Secrets {
    return this.#secrets
  }
}

/** The longest first: one secret may be part of another. */
export function redactorOf(secrets: Secrets): Redactor {
  const bySize = [...secrets].sort(([a], [b]) => b.length - a.length)
  return text =>
    bySize.reduce((rest, [secret, shown]) => (rest.includes(secret) ? rest.replaceAll(secret, () => shown) : rest), text)
}
