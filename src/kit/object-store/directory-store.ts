// A folder as an object store. An object is written to a staging folder of the same file system, synced, renamed to its place, and
// the place's folder is synced: after complete it survives a power cut, before it nobody sees it. Task threads.
import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, link, mkdir, open, opendir, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConnectError, codeOf, RetriableError, toError } from '../../base/errors.ts'
import type { ObjectInfo, ObjectStore, ObjectUpload, UploadOwner } from './object-store.ts'

/** Hidden from readers that skip names with a dot, as Spark, Hive and DuckDB globs do. */
const STAGING = '.sluice-staging'
/** What Linux takes, the NUL at the end included. */
const PATH_BYTES_MAX = 4096
const NAME_BYTES_MAX = 255
/** Folders made or found, or on their way: uploads that run side by side make each folder once. */
type Folders = Map<string, Promise<void>>
/** Another try may help: room may be made, a network file system may come back. */
const RETRIABLE = new Set(['ENOSPC', 'EDQUOT', 'EAGAIN', 'EMFILE', 'ENFILE', 'ETIMEDOUT', 'ESTALE', 'EBUSY'])

/** @param location a path or a file:// URL; the folder need not exist */
export function directoryStore(location: string): ObjectStore {
  const root = resolve(location.startsWith('file:') ? fileURLToPath(location) : location)
  const folders: Folders = new Map()
  return {
    url: pathToFileURL(root).href,
    keyError: key => keyError(root, key),
    begin: (key, owner) => beginUpload(root, folders, key, owner),
    async head(key) {
      const path = pathOf(root, key)
      return infoOf(key, path)
    },
    list: prefix => listObjects(root, prefix),
    async read(key) {
      const path = pathOf(root, key)
      return readFile(path).catch(error => raise('read', path, error))
    },
    async delete(key) {
      const path = pathOf(root, key)
      await unlink(path).catch(error => (codeOf(error) === 'ENOENT' ? undefined : raise('delete', path, error)))
    },
    async discard(owner) {
      const prefix = `${ownerHash(owner)}.`
      const names = await readdir(join(root, STAGING)).catch(() => [] as string[])
      for (const name of names) if (name.startsWith(prefix)) await rm(join(root, STAGING, name), { force: true })
    },
  }
}

async function beginUpload(root: string, folders: Folders, key: string, owner: UploadOwner): Promise<ObjectUpload> {
  const target = pathOf(root, key)
  const staging = join(root, STAGING)
  const temporary = join(staging, `${ownerHash(owner)}.${randomBytes(8).toString('hex')}`)
  const handle = await openNew(staging, temporary, folders)
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  return {
    async write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
      } catch (error) {
        raise('write', target, error)
      }
    },
    async complete(options) {
      try {
        await handle.sync()
        await close()
        await makeFolder(dirname(target), folders)
        return await place(temporary, target, options?.ifAbsent ?? false)
      } catch (error) {
        // The folder may have been removed by someone: it is made anew at the next try.
        folders.clear()
        raise('write', target, error)
      }
    },
    async abort() {
      await close().catch(() => {})
      await rm(temporary, { force: true }).catch(() => {})
    },
  }
}

async function openNew(staging: string, temporary: string, folders: Folders): Promise<FileHandle> {
  try {
    await makeFolder(staging, folders)
    return await open(temporary, 'wx')
  } catch (error) {
    folders.clear()
    return raise('write', temporary, error)
  }
}

async function place(temporary: string, target: string, ifAbsent: boolean): Promise<'written' | 'exists'> {
  if (ifAbsent) {
    try {
      await link(temporary, target)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      await unlink(temporary)
      return 'exists'
    }
    await unlink(temporary)
  } else {
    await rename(temporary, target)
  }
  await syncFolder(dirname(target))
  return 'written'
}

/** Makes a folder and its parents; each new one is synced into its parent, else a power cut could take it with all its files. */
function makeFolder(folder: string, known: Folders): Promise<void> {
  let making = known.get(folder)
  if (making === undefined) {
    making = makeNew(folder, known)
    known.set(folder, making)
    making.catch(() => known.delete(folder))
  }
  return making
}

/** Not Node's recursive mkdir: that tries for ever where a folder denies having children, as /proc does. */
async function makeNew(folder: string, known: Folders): Promise<void> {
  let error = await mkdir(folder).then(() => null, toError)
  if (error !== null && codeOf(error) === 'ENOENT' && dirname(folder) !== folder) {
    await makeFolder(dirname(folder), known)
    error = await mkdir(folder).then(() => null, toError)
  }
  if (error === null) return syncFolder(dirname(folder))
  const isThere = await stat(folder).then(
    found => found.isDirectory(),
    () => false,
  )
  if (!isThere) raise('make the folder', folder, error)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* listObjects(root: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const slash = prefix.lastIndexOf('/')
  const pending = [slash < 0 ? '' : prefix.slice(0, slash + 1)]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = await opendir(join(root, folder)).catch(error =>
      codeOf(error) === 'ENOENT' ? null : raise('list', join(root, folder), error),
    )
    if (entries === null) continue
    for await (const entry of entries) {
      const key = folder + entry.name
      if (folder === '' && entry.name === STAGING) continue
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) pending.push(`${key}/`)
      } else if (key.startsWith(prefix)) {
        const info = await infoOf(key, join(root, key))
        if (info !== null) yield info
      }
    }
  }
}

async function infoOf(key: string, path: string): Promise<ObjectInfo | null> {
  try {
    const found = await stat(path)
    return found.isFile() ? { key, bytes: found.size, modifiedMs: found.mtimeMs } : null
  } catch (error) {
    return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' ? null : raise('look at', path, error)
  }
}

/** A key never leads out of the root: names come from records. */
function pathOf(root: string, key: string): string {
  const reason = keyError(root, key)
  if (reason !== null) throw new ConnectError(reason)
  return join(root, key)
}

function keyError(root: string, key: string): string | null {
  const elements = key.split('/')
  if (elements.some(e => e === '' || e === '.' || e === '..' || e.includes('\0')) || elements[0] === STAGING) {
    return `not a usable object name: ${JSON.stringify(key)}`
  }
  const long = elements.find(e => Buffer.byteLength(e) > NAME_BYTES_MAX)
  if (long !== undefined) return `a name in a folder has at most ${NAME_BYTES_MAX} bytes, not ${Buffer.byteLength(long)}: ${long}`
  const bytes = Buffer.byteLength(join(root, key)) + 1
  return bytes > PATH_BYTES_MAX ? `a path has at most ${PATH_BYTES_MAX - 1} bytes, not ${bytes - 1}: ${join(root, key)}` : null
}

const ownerHash = (owner: UploadOwner): string =>
  createHash('sha256').update(`${owner.prefix}\0${owner.name}`).digest('hex').slice(0, 24)

function raise(action: string, path: string, error: unknown): never {
  if (error instanceof ConnectError) throw error
  const code = codeOf(error) ?? ''
  const message = `cannot ${action} ${path}: ${code === 'ENOSPC' ? 'the disk is full, ' : ''}${(error as Error).message}`
  // A folder may have been removed, or the staging file: who gets a partition discards what its owner before left there, dead or not.
  if (RETRIABLE.has(code) || (action === 'write' && code === 'ENOENT')) throw new RetriableError(message, { cause: error })
  throw new ConnectError(message, { cause: error })
}
