// Opens the object store that a URL names. Task threads.
import { ConfigError } from '../../base/errors.ts'
import { directoryStore } from './directory-store.ts'
import type { ObjectStore } from './object-store.ts'

/** Null where the URL names a store that can be opened, else why not. */
export function storeUrlError(url: string): string | null {
  if (url === '') return 'a folder or a file:// URL is needed'
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file') return null
  return `stores of scheme ${scheme} are not supported yet; a folder or a file:// URL is`
}

export function openStore(key: string, url: string): ObjectStore {
  const reason = storeUrlError(url)
  if (reason !== null) throw new ConfigError(key, `Invalid value ${url} for configuration ${key}: ${reason}`)
  return directoryStore(url)
}
