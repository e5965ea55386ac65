// Config providers: where the values of variables come from. Java's three, under their class names. Any thread that starts something
// from a config; files are small and read synchronously. Values are secrets: they stand in no message.
import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import { atLeast } from './checks.ts'
import { coerce } from './coerce.ts'
import { defineConfig, type Props } from './define.ts'
import { patternFault, wholePattern } from './java-pattern.ts'
import { key } from './key.ts'
import { prefixed } from './prefixed.ts'
import { parseProperties } from './properties.ts'

/** The value of a key at a path, or null where there is none. @throws ConfigError naming a file that cannot be read */
export type Lookup = (path: string, key: string) => string | null

export interface Provider {
  /** For one config: what it reads, it reads once. */
  open(): Lookup
  /** values are looked up again after this long; null: never */
  readonly ttlMs: number | null
}

type LookupFactory = (param: (name: string) => string, params: Props) => () => Lookup

const PACKAGE = 'org.apache.kafka.common.config.provider.'
const FACTORIES: Readonly<Record<string, LookupFactory>> = {
  DirectoryConfigProvider: directoryLookup,
  EnvVarConfigProvider: envLookup,
  FileConfigProvider: fileLookup,
}

/** Reading files more often than this is no life for a worker. */
const TTL_MS_MIN = 100

/** Params of every provider, Sluice's own. */
export const providerParams = defineConfig({
  'ttl.ms': key(
    'long',
    null,
    'low',
    'How long values count before they are looked up again; connectors whose values have changed are restarted, unless `config.action.reload=none`.',
    (name, value) => (value === null ? null : atLeast(TTL_MS_MIN)(name, value)),
  ),
})

function listOf(text: string | undefined): readonly string[] {
  const coerced = coerce('', text ?? '', 'list')
  return coerced.ok ? (coerced.value as readonly string[]) : []
}

/** Java's class, the last part of its name, or that without `ConfigProvider`. */
function factoryNamed(written: string): LookupFactory | undefined {
  const simple = written.startsWith(PACKAGE) ? written.slice(PACKAGE.length) : written
  return Object.entries(FACTORIES).find(([name]) => name === simple || name === `${simple}ConfigProvider`)?.[1]
}

/** The providers that a worker config declares. @throws ConfigError for a missing or unknown class, or a bad param */
export function providersOf(workerProps: Props): ReadonlyMap<string, Provider> {
  const providers = new Map<string, Provider>()
  for (const name of listOf(workerProps['config.providers'])) {
    const classKey = `config.providers.${name}.class`
    const className = workerProps[classKey]?.trim()
    if (className === undefined)
      throw new ConfigError(classKey, `Missing required configuration "${classKey}" for the config provider ${name}.`)
    const factory = factoryNamed(className)
    if (factory === undefined) {
      const known = Object.keys(FACTORIES)
        .map(simple => PACKAGE + simple)
        .join(', ')
      const message = `Invalid value ${className} for configuration ${classKey}: there is no such config provider. There are: ${known}`
      throw new ConfigError(classKey, message)
    }
    const prefix = `config.providers.${name}.param.`
    const params = prefixed(workerProps, prefix)
    const open = factory(param => prefix + param, params)
    providers.set(name, { open, ttlMs: ttlOf(prefix, params) })
  }
  return providers
}

function ttlOf(prefix: string, params: Props): number | null {
  const declared = defineConfig({ [`${prefix}ttl.ms`]: providerParams.keys['ttl.ms'] })
  const written = params['ttl.ms']
  return declared.parse(written === undefined ? {} : { [`${prefix}ttl.ms`]: written })[`${prefix}ttl.ms`] ?? null
}

/** `allowlist.pattern`: the names that may be read, as a pattern for the whole name. */
function envLookup(param: (name: string) => string, params: Props): () => Lookup {
  const pattern = params['allowlist.pattern'] ?? '.*'
  const allowed = wholePattern(pattern)
  if (allowed === null) {
    const name = param('allowlist.pattern')
    throw new ConfigError(name, `Invalid value ${pattern} for configuration ${name}: ${patternFault(pattern)}`)
  }
  return () => (path, variable) => {
    if (path !== '') {
      const message = `Path is not supported for EnvVarConfigProvider, invalid value '${path}'`
      throw new ConfigError('config.providers', message)
    }
    return allowed.test(variable) ? (process.env[variable] ?? null) : null
  }
}

/** Whether a path lies in one of the `allowed.paths`; all do where that is not given. */
function pathGuard(param: (name: string) => string, params: Props): (path: string) => boolean {
  const allowed = listOf(params['allowed.paths']).map(path => withoutEnd(normalize(path)))
  for (const path of allowed) {
    if (!isAbsolute(path)) throw new ConfigError(param('allowed.paths'), `Path ${path} is not absolute`)
    if (!existsSync(path)) throw new ConfigError(param('allowed.paths'), `Path ${path} does not exist`)
  }
  if (allowed.length === 0) return () => true
  return path => allowed.some(folder => `${normalize(path)}${sep}`.startsWith(folder === sep ? sep : folder + sep))
}

function withoutEnd(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path
}

function fileLookup(param: (name: string) => string, params: Props): () => Lookup {
  const isAllowed = pathGuard(param, params)
  return () => {
    const read = new Map<string, Props>()
    return (path, name) => {
      if (path === '' || !isAllowed(path)) return null
      const props = read.get(path) ?? parseProperties(readText(path, 'Could not read properties from file'))
      read.set(path, props)
      return Object.hasOwn(props, name) ? (props[name] ?? null) : null
    }
  }
}

/** A file a key, as Kubernetes mounts secrets. What is no folder has no keys. */
function directoryLookup(param: (name: string) => string, params: Props): () => Lookup {
  const isAllowed = pathGuard(param, params)
  return () => (path, name) => {
    if (path === '' || !isAllowed(path) || !filesIn(path).includes(name)) return null
    return readText(join(path, name), 'Could not read file')
  }
}

/** Regular files, and links to them. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter(entry => !entry.isDirectory() && isFile(join(folder, entry.name))).map(entry => entry.name)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw new ConfigError('config.providers', `Could not list directory ${folder}: ${(error as Error).message}`, { cause: error })
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** What is larger is no file of secrets. */
const FILE_SIZE_MAX_BYTES = 4 << 20

/** A path comes from whoever may write a config: a pipe or a device must not hold the thread that reads it. */
function readText(path: string, what: string): string {
  let file: number | null = null
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a directory' : 'it is not a regular file')
    if (stat.size > FILE_SIZE_MAX_BYTES) throw new Error(`it has ${stat.size} bytes, more than ${FILE_SIZE_MAX_BYTES}`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError('config.providers', `${what} ${path}: ${(error as Error).message}`, { cause: error })
  } finally {
    if (file !== null) closeSync(file)
  }
}
