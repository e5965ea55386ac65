// From the options of a command to whom it asks and as whom. Main thread of a command.
import { readFileSync } from 'node:fs'
import { ConfigError, toError } from '../../base/errors.ts'
import type { Invocation } from '../commands.ts'
import type { RestAccess } from './rest-client.ts'

const URL_DEFAULT = 'http://localhost:8083'
const TIMEOUT_SECONDS = 100
const TIMEOUT_SECONDS_MAX = 3600

/** @throws ConfigError for options that make no sense, and for files that cannot be read */
export function accessOf(values: Invocation['values'], env: NodeJS.ProcessEnv): RestAccess {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : null)
  const file = (name: string) => {
    const path = text(name)
    return path === null ? null : readFileOf(path, `--${name}`)
  }
  const url = urlOf(text('url') ?? env.SLUICE_URL ?? URL_DEFAULT)
  const user = text('user')
  const password = file('password-file')?.replace(/\r?\n$/, '') ?? env.SLUICE_PASSWORD ?? null
  if (user !== null && password === null) {
    throw new ConfigError('', 'The password of --user is missing: give it in $SLUICE_PASSWORD, or in the file of --password-file')
  }
  if (user === null && text('password-file') !== null) throw new ConfigError('', '--password-file needs --user')
  const [ca, cert, key] = [file('ca'), file('cert'), file('key')]
  if ((cert === null) !== (key === null)) throw new ConfigError('', '--cert and --key go together')
  if (url.protocol === 'http:' && (ca ?? cert) !== null) throw new ConfigError('', '--ca, --cert and --key are for https:// only')
  return { url, user, password, ca, cert, key, timeoutMs: secondsOf(text('timeout'), TIMEOUT_SECONDS) * 1000 }
}

/** @throws ConfigError */
export function secondsOf(text: string | null, seconds: number): number {
  const value = text === null ? seconds : Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= TIMEOUT_SECONDS_MAX) return value
  throw new ConfigError('', `--timeout must be a whole number of seconds from 1 to ${TIMEOUT_SECONDS_MAX}, not ${text}`)
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError('', `--url must be like http://host:8083 or https://host:8443, not ${text}`)
  }
  // Whatever is shown of the URL later must not show it.
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError('', 'A user and password cannot stand in --url, where lists of processes show them: use --user')
  }
  url.search = ''
  url.hash = ''
  return url
}

function readFileOf(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError('', `The file of ${what} cannot be read: ${toError(error).message}`, { cause: error })
  }
}
