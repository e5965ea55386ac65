// Config providers: where the values of variables come from. Java's three, under their class names. Any thread that starts something
// from a config; files are small and read synchronously. Values are secrets: they stand in no message.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, resolve, sep } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import { coerce } from './coerce.ts'
import type { Props } from './define.ts'
import { prefixed } from './prefixed.ts'
import { parseProperties } from './properties.ts'

/** The value of a key at a path, or null where there is none. */
export type Provider = (path: string, key: string) => string | null

type ProviderFactory = (name: string, params: Props) => Provider

const PACKAGE = 'org.apache.kafka.common.config.provider.'
const FACTORIES: Readonly<Record<string, ProviderFactory>> = {
  [`${PACKAGE}EnvVarConfigProvider`]: envProvider,
  [`${PACKAGE}FileConfigProvider`]: fileProvider,
  [`${PACKAGE}DirectoryConfigProvider`]: directoryProvider,
}

function listOf(text: string | undefined): readonly string[] {
  const coerced = coerce('', text ?? '', 'list')
  return coerced.ok ? (coerced.value as readonly string[]) : []
}

/** The providers that a worker config declares. @throws ConfigError for a missing or unknown class */
export function providersOf(workerProps: Props): ReadonlyMap<string, Provider> {
  const providers = new Map<string, Provider>()
  for (const name of listOf(workerProps['config.providers'])) {
    const key = `config.providers.${name}.class`
    const className = workerProps[key]?.trim()
    if (className === undefined)
      throw new ConfigError(key, `Missing required configuration "${key}" for the config provider ${name}.`)
    const known = Object.keys(FACTORIES)
    const full = known.find(k => k === className || k === PACKAGE + className)
    const factory = full === undefined ? undefined : FACTORIES[full]
    if (factory === undefined) {
      throw new ConfigError(
        key,
        `Invalid value ${className} for configuration ${key}: there is no such config provider. There are: ${known.join(', ')}`,
      )
    }
    providers.set(name, factory(name, prefixed(workerProps, `config.providers.${name}.param.`)))
  }
  return providers
}

/** `allowlist.pattern`: the names that may be read, as a pattern for the whole name. */
function envProvider(name: string, params: Props): Provider {
  const key = `config.providers.${name}.param.allowlist.pattern`
  let allowed: RegExp
  try {
    allowed = new RegExp(`^(?:${params['allowlist.pattern'] ?? '.*'})$`, 's')
  } catch (error) {
    throw new ConfigError(
      key,
      `Invalid value ${params['allowlist.pattern']} for configuration ${key}: ${(error as Error).message}`,
    )
  }
  return (path, variable) => (path === '' && allowed.test(variable) ? (process.env[variable] ?? null) : null)
}

/** Whether a path lies in one of the `allowed.paths`; all do where that is not given. */
function pathGuard(params: Props): (path: string) => boolean {
  const allowed = listOf(params['allowed.paths']).map(path => resolve(path))
  if (allowed.length === 0) return () => true
  return path =>
    allowed.some(folder => resolve(path) === folder || resolve(path).startsWith(folder.endsWith(sep) ? folder : folder + sep))
}

function fileProvider(_name: string, params: Props): Provider {
  const isAllowed = pathGuard(params)
  const read = new Map<string, Props>()
  return (path, key) => {
    if (path === '' || !isAllowed(path)) return null
    let props = read.get(path)
    if (props === undefined) {
      props = parseProperties(readText(path))
      read.set(path, props)
    }
    return Object.hasOwn(props, key) ? (props[key] ?? null) : null
  }
}

/** A file a key, as Kubernetes mounts secrets. */
function directoryProvider(_name: string, params: Props): Provider {
  const isAllowed = pathGuard(params)
  return (path, key) => {
    if (path === '' || !isAllowed(path) || basename(key) !== key) return null
    return filesIn(path).includes(key) ? readText(`${path}/${key}`) : null
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new ConfigError('config.providers', `Could not read directory ${folder}: ${(error as Error).message}`, { cause: error })
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError('config.providers', `Could not read file ${path}: ${(error as Error).message}`, { cause: error })
  }
}
