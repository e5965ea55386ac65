// Variables in worker and connector configs: `${provider:path:key}` or `${provider:key}`, replaced by what a config provider knows. One that
// nothing answers stays as it is; what stands in a value is not resolved again. Any thread; resolve as late as possible, store and show the
// written text. Java: ConfigTransformer.
import type { Props } from './define.ts'
import type { ConfigInfos } from './infos.ts'
import { type Lookup, type Provider, providersOf } from './providers.ts'
import { type Redactor, redactorOf, type Secrets, SecretsFound } from './secrets.ts'

export function hasVariable(text: string): boolean {
  return !variablesIn(text).next().done
}

interface Variable {
  /** where it begins in its text, and where the text goes on */
  readonly start: number
  readonly end: number
  readonly provider: string
  readonly path: string
  readonly key: string
}

/** What Java's pattern `\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}` matches, in one pass over the text: a pattern looks at `${${${` again and again. */
function* variablesIn(text: string): Generator<Variable, void> {
  let start = text.indexOf('${')
  while (start >= 0) {
    const close = text.indexOf('}', start + 2)
    if (close < 0) return
    const [provider = '', ...rest] = text.slice(start + 2, close).split(':')
    if (rest.length > 0) {
      const path = rest.length > 1 ? (rest.shift() ?? '') : ''
      yield { start, end: close + 1, provider, path, key: rest.join(':') }
    }
    start = text.indexOf('${', close + 1)
  }
}

export interface Variables {
  /** `props` with values in place of variables. @throws ConfigError naming a file that cannot be read */
  resolve(props: Props): Props
  /** when the values that `props` take from providers are to be looked up again; null: never */
  ttlMs(props: Props): number | null
  /** Findings as they may be shown: variables where values came from them, also in messages of other keys and as aliases in names. */
  hide(infos: ConfigInfos, written: Props): ConfigInfos
  /** What must not be shown of these configs. @param secretKeys keys that hold secrets, besides those whose names say so */
  secrets(written: readonly Props[], secretKeys?: readonly string[]): Secrets
  /** Takes those secrets out of a text. */
  redactor(written: readonly Props[], secretKeys?: readonly string[]): Redactor
  /** A task config as it may be stored: variables of the connector config where their values stand. */
  putBack(taskProps: Props, connectorProps: Props): Props
}

/** A value of a provider that is this long is put back into every task key that holds it. */
const PUT_BACK_LENGTH_MIN = 8

/** @throws ConfigError for a provider that is not properly declared */
export function openVariables(workerProps: Props): Variables {
  const providers = providersOf(workerProps)
  return {
    resolve: props => (providers.size === 0 ? props : resolved(props, providers)),
    ttlMs: props => shortestTtl(props, providers),
    hide: (infos, written) => (providers.size === 0 ? infos : hidden(infos, written, providers)),
    secrets: (written, secretKeys) => secretsOf(written, providers, secretKeys),
    redactor: (written, secretKeys) => redactorOf(secretsOf(written, providers, secretKeys)),
    putBack: (taskProps, connectorProps) => withVariables(taskProps, connectorProps, providers),
  }
}

type Providers = ReadonlyMap<string, Provider>
type Lookups = ReadonlyMap<string, Lookup>

const opened = (providers: Providers): Lookups => new Map([...providers].map(([name, provider]) => [name, provider.open()]))

function resolved(props: Props, providers: Providers): Props {
  const lookups = opened(providers)
  return Object.fromEntries(Object.entries(props).map(([name, text]) => [name, resolveText(text, lookups)]))
}

function resolveText(text: string, lookups: Lookups, seen?: (value: string, variable: string) => void): string {
  let resolved = ''
  let done = 0
  for (const { start, end, provider, path, key } of variablesIn(text)) {
    const value = lookups.get(provider)?.(path, key) ?? null
    if (value === null) continue
    seen?.(value, text.slice(start, end))
    resolved += text.slice(done, start) + value
    done = end
  }
  return resolved + text.slice(done)
}

function shortestTtl(props: Props, providers: Providers): number | null {
  let shortest: number | null = null
  for (const text of Object.values(props)) {
    for (const { provider } of variablesIn(text)) {
      const ttlMs = providers.get(provider)?.ttlMs ?? null
      if (ttlMs !== null && (shortest === null || ttlMs < shortest)) shortest = ttlMs
    }
  }
  return shortest
}

function hidden(infos: ConfigInfos, written: Props, providers: Providers): ConfigInfos {
  const lookups = opened(providers)
  const all = new SecretsFound()
  const own = new Map<string, SecretsFound>()
  for (const [name, text] of Object.entries(written)) {
    const found = new SecretsFound()
    resolveText(text, lookups, (value, variable) => {
      found.add(value, variable)
      all.add(value, variable)
    })
    if (found.all.size > 0) own.set(name, found)
  }
  const configs = infos.configs.map(info => {
    const { name, value, errors } = info.value
    const redact = redactorOf(new Map([...all.anywhere, ...(own.get(name)?.all ?? [])]))
    const isOwn = own.has(name) && value !== null && value !== '[hidden]'
    const shown = isOwn ? (written[name] ?? value) : value
    return { ...info, value: { ...info.value, value: shown, errors: errors.map(redact) } }
  })
  const ofAliases = LISTS_OF_ALIASES.flatMap(list => [...(own.get(list)?.anywhere ?? [])])
  return ofAliases.length === 0 ? { ...infos, configs } : withoutAliases({ ...infos, configs }, redactorOf(new Map(ofAliases)))
}

const LISTS_OF_ALIASES = ['transforms', 'predicates'] as const
const NAMED_BY_ALIAS = /^(?:transforms\.|predicates\.|Transforms: |Predicates: |Transformation |Predicate )/

/** An alias stands in the names of its keys, in its group's, in what keys are shown as and told about. */
function withoutAliases(infos: ConfigInfos, redact: Redactor): ConfigInfos {
  const named = (text: string) => (NAMED_BY_ALIAS.test(text) ? redact(text) : text)
  const configs = infos.configs.map(({ definition, value }) => ({
    definition: definition && {
      ...definition,
      name: named(definition.name),
      group: definition.group && named(definition.group),
      display_name: named(definition.display_name),
      documentation: named(definition.name) === definition.name ? definition.documentation : redact(definition.documentation),
    },
    value: { ...value, name: named(value.name) },
  }))
  return { ...infos, groups: infos.groups.map(named), configs }
}

function secretsOf(written: readonly Props[], providers: Providers, secretKeys?: readonly string[]): Secrets {
  const found = new SecretsFound()
  const lookups = opened(providers)
  for (const props of written) {
    const values = Object.entries(props).map(([name, text]) => [
      name,
      resolveText(text, lookups, (...pair) => found.add(...pair)),
    ])
    found.addKeys(Object.fromEntries(values), secretKeys)
  }
  return found.anywhere
}

/** The worker's own config with its variables resolved. */
export function resolveWorkerProps(workerProps: Props): Props {
  const resolved = openVariables(workerProps).resolve(workerProps)
  const path = workerProps['plugin.path']
  return path === undefined ? resolved : { ...resolved, 'plugin.path': path }
}

/**
 * Keys that the connector config has as variables get them back, and so do values that a connector carried over to other keys. A value that
 * is as it was written is no such value, whatever it happens to hold: on another worker the variable may mean something else.
 */
function withVariables(taskProps: Props, connectorProps: Props, providers: Providers): Props {
  const values = new Map<string, string>()
  const lookups = opened(providers)
  for (const text of Object.values(connectorProps)) {
    resolveText(text, lookups, (value, variable) => {
      if (value.length >= PUT_BACK_LENGTH_MIN) values.set(value, variable)
    })
  }
  const redact = redactorOf(values)
  const entries = Object.entries(taskProps).map(([name, value]): [string, string] => {
    const written = connectorProps[name]
    const isWritten = written !== undefined && (written === value || hasVariable(written))
    return [name, isWritten ? written : redact(value)]
  })
  return Object.fromEntries(entries)
}
