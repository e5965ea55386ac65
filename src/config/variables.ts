// Variables in worker and connector configs: `${provider:path:key}` or `${provider:key}`, replaced by what a config provider knows. One that
// nothing answers stays as it is. Any thread; resolve as late as possible, store and show the written text. Java: ConfigTransformer.
import type { Props } from './define.ts'
import type { ConfigInfo } from './infos.ts'
import { type Provider, providersOf } from './providers.ts'

const VARIABLE = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g

export function hasVariable(text: string): boolean {
  return text.search(VARIABLE) >= 0
}

export interface Variables {
  /** `props` with values in place of variables. @throws ConfigError naming a file that cannot be read */
  resolve(props: Props): Props
  /** Findings as they may be shown: variables where values came from them, also in messages of other keys. */
  hide(infos: readonly ConfigInfo[], written: Props): ConfigInfo[]
  /** For logs and traces: puts the variables of `written` back wherever their values stand in a text. */
  redactor(written: readonly Props[]): (text: string) => string
}

/** A shorter secret is replaced only in messages about its own key: elsewhere it would be found by chance. */
const SECRET_LENGTH_MIN = 4

/** @throws ConfigError for a provider that is not properly declared */
export function openVariables(workerProps: Props): Variables {
  const providers = providersOf(workerProps)
  return {
    resolve: props => (providers.size === 0 ? props : resolved(props, providers)),
    redactor: written => (providers.size === 0 ? text => text : redactorOf(written, providers)),
    hide: (infos, written) => (providers.size === 0 ? [...infos] : hidden(infos, written, providers)),
  }
}

type Providers = ReadonlyMap<string, Provider>

function resolved(props: Props, providers: Providers): Props {
  return Object.fromEntries(Object.entries(props).map(([name, text]) => [name, resolveText(text, providers)]))
}

function resolveText(text: string, providers: Providers, seen?: (value: string, variable: string) => void): string {
  return text.replace(VARIABLE, (variable, name: string, path: string | undefined, key: string) => {
    const value = providers.get(name)?.(path ?? '', key) ?? null
    if (value !== null) seen?.(value, variable)
    return value ?? variable
  })
}

function hidden(infos: readonly ConfigInfo[], written: Props, providers: Providers): ConfigInfo[] {
  const all = new Map<string, string>()
  const own = new Map<string, Map<string, string>>()
  for (const [name, text] of Object.entries(written)) {
    const secrets = new Map<string, string>()
    resolveText(text, providers, (value, variable) => {
      for (const form of [value, value.trim()]) if (form !== '') secrets.set(form, variable)
    })
    if (secrets.size > 0) own.set(name, secrets)
    for (const [secret, variable] of secrets) if (secret.length >= SECRET_LENGTH_MIN) all.set(secret, variable)
  }
  return infos.map(info => {
    const { name, value, errors } = info.value
    const secrets = new Map([...all, ...(own.get(name) ?? [])])
    const isOwn = own.has(name) && value !== null && value !== '[hidden]'
    const shown = isOwn ? (written[name] ?? value) : value
    return { ...info, value: { ...info.value, value: shown, errors: errors.map(error => replaced(error, secrets)) } }
  })
}

/** The longest first: one secret may be part of another. */
function replaced(message: string, secrets: ReadonlyMap<string, string>): string {
  const bySize = [...secrets].sort(([a], [b]) => b.length - a.length)
  return bySize.reduce((text, [secret, variable]) => text.replaceAll(secret, () => variable), message)
}

function redactorOf(written: readonly Props[], providers: Providers): (text: string) => string {
  const secrets = new Map<string, string>()
  const note = (value: string, variable: string) => {
    if (value.length < SECRET_LENGTH_MIN) return
    secrets.set(value, variable)
    // as it stands in a line of JSON
    secrets.set(JSON.stringify(value).slice(1, -1), JSON.stringify(variable).slice(1, -1))
  }
  for (const props of written) for (const text of Object.values(props)) resolveText(text, providers, note)
  return text => replaced(text, secrets)
}

/** The worker's own config with its variables resolved. */
export function resolveWorkerProps(workerProps: Props): Props {
  const resolved = openVariables(workerProps).resolve(workerProps)
  const path = workerProps['plugin.path']
  return path === undefined ? resolved : { ...resolved, 'plugin.path': path }
}

/** A task config as it may be stored: keys that the connector config has as variables get the variable back. */
export function withVariables(taskProps: Props, connectorProps: Props): Props {
  const entries = Object.entries(taskProps).map(([name, value]): [string, string] => {
    const written = connectorProps[name]
    return [name, written !== undefined && hasVariable(written) ? written : value]
  })
  return Object.fromEntries(entries)
}
