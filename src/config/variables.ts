// Variables in worker and connector configs: `${provider:path:key}` or `${provider:key}`, replaced by what a config provider knows. One that
// nothing answers stays as it is. Any thread; resolve as late as possible, store and show the written text. Java: ConfigTransformer.
import type { Props } from './define.ts'
import type { ConfigValueInfo } from './infos.ts'
import { type Provider, providersOf } from './providers.ts'

const VARIABLE = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g

export function hasVariable(text: string): boolean {
  return text.search(VARIABLE) >= 0
}

export interface Variables {
  /** `props` with values in place of variables. @throws ConfigError naming a file that cannot be read */
  resolve(props: Props): Props
  /** A finding as it may be shown: the variable where its value came from one. */
  hide(info: ConfigValueInfo, written: Props): ConfigValueInfo
}

/** @throws ConfigError for a provider that is not properly declared */
export function openVariables(workerProps: Props): Variables {
  const providers = providersOf(workerProps)
  const resolve = (text: string) => (providers.size === 0 ? text : resolveText(text, providers))
  return {
    resolve: props => (providers.size === 0 ? props : Object.fromEntries(Object.entries(props).map(([k, v]) => [k, resolve(v)]))),
    hide(info, written) {
      const text = written[info.name]
      if (text === undefined || !hasVariable(text)) return info
      const secret = resolve(text)
      if (secret === text) return info
      const hidden = (message: string) => (secret === '' ? message : message.replaceAll(secret, text))
      return {
        ...info,
        value: info.value === null || info.value === '[hidden]' ? info.value : text,
        errors: info.errors.map(hidden),
      }
    },
  }
}

function resolveText(text: string, providers: ReadonlyMap<string, Provider>): string {
  return text.replace(VARIABLE, (variable, name: string, path: string | undefined, key: string) => {
    const provider = providers.get(name)
    return provider?.(path ?? '', key) ?? variable
  })
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
