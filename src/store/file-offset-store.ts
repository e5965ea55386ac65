// The standalone worker's offsets: one file in Java's format, so that a Java worker and this one can take turns on it. The whole file is
// written each time (Java does so too), to a temporary name, fsynced and renamed: a crash leaves the old file or the new one.
// Main thread; called by supervisor/worker.ts.
import { access, constants, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { ConfigError, ConnectError, DataError, toError } from '../base/errors.ts'
import { mapText } from './java-json.ts'
import { readJavaMap, writeJavaMap } from './java-map.ts'
import { canonicalKey, newKeyBytes, parseKey, parseOffset } from './offset-json.ts'
import type { OffsetEntry, OffsetMap, OffsetStore } from './offset-store.ts'

const KEY = 'offset.storage.file.filename'

interface Stored {
  /** the bytes found in the file, kept so that Java finds its own key again */
  readonly keyBytes: Buffer
  readonly connector: string | null
  readonly partition: OffsetMap | null
  valueBytes: Buffer | null
}

export class FileOffsetStore implements OffsetStore {
  readonly #path: string
  readonly #stored = new Map<string, Stored>()
  #isStarted = false
  #writing: Promise<void> | null = null
  #next: Promise<void> | null = null
  /** a put that failed to become durable is written with the next one, and at stop */
  #isDirty = false

  constructor(path: string) {
    this.#path = resolve(path)
  }

  async start(): Promise<void> {
    await this.#checkFolder()
    const bytes = await this.#read()
    if (bytes.length > 0) this.#load(bytes)
    this.#isStarted = true
  }

  get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return Promise.resolve().then(() =>
      partitions.map(partition => {
        const stored = this.#stored.get(canonicalKey(connector, partition))
        return stored === undefined || stored.valueBytes === null ? null : offsetOf(stored.valueBytes, connector, partition)
      }),
    )
  }

  async put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    if (!this.#isStarted) throw new ConnectError(`the offset file ${this.#path} is not open`)
    // All texts before the first change: an entry that has none must not leave half a put behind.
    const changes = entries.map(({ partition, offset }) => ({
      key: canonicalKey(connector, partition),
      keyBytes: newKeyBytes(connector, partition),
      partition,
      valueBytes: offset === null ? null : Buffer.from(mapText(offset)),
    }))
    for (const { key, keyBytes, partition, valueBytes } of changes) {
      const stored = this.#stored.get(key)
      if (valueBytes === null) this.#stored.delete(key)
      else if (stored !== undefined) stored.valueBytes = valueBytes
      else this.#stored.set(key, { keyBytes, connector, partition, valueBytes })
    }
    this.#isDirty = true
    await this.#flush()
  }

  all(connector: string): Promise<OffsetEntry[]> {
    return Promise.resolve().then(() => {
      const entries: OffsetEntry[] = []
      for (const stored of this.#stored.values()) {
        if (stored.connector !== connector || stored.partition === null || stored.valueBytes === null) continue
        entries.push({ partition: stored.partition, offset: readableOffset(stored.valueBytes) })
      }
      return entries
    })
  }

  async stop(): Promise<void> {
    if (this.#isStarted && this.#isDirty) await this.#flush()
    await this.#writing?.catch(() => undefined)
    this.#isStarted = false
  }

  /**
   * A write that has begun may not hold the newest change, so a put waits for the one after it; all puts that arrive meanwhile share
   * that one. Two writes at most stand in line, whatever the number of tasks.
   */
  #flush(): Promise<void> {
    this.#next ??= (this.#writing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.#next = null
        this.#writing = this.#write().finally(() => {
          this.#writing = null
        })
        return this.#writing
      })
    return this.#next
  }

  async #write(): Promise<void> {
    this.#isDirty = false
    const bytes = writeJavaMap([...this.#stored.values()].map(stored => ({ key: stored.keyBytes, value: stored.valueBytes })))
    const temporary = `${this.#path}.tmp`
    try {
      const file = await open(temporary, 'w', 0o644)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.#path)
      await syncFolder(dirname(this.#path))
    } catch (error) {
      this.#isDirty = true
      await unlink(temporary).catch(() => undefined)
      const why = (error as Error).message
      throw new ConnectError(`the offset file ${this.#path} (${KEY}) could not be written: ${why}`, {
        code: 'CONNECT_OFFSET_FILE',
        cause: error,
        retriable: true,
      })
    }
  }

  async #read(): Promise<Buffer> {
    try {
      return await readFile(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
      throw new ConfigError(KEY, `the offset file ${this.#path} (${KEY}) cannot be read: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }

  #load(bytes: Buffer): void {
    try {
      for (const { key, value } of readJavaMap(bytes)) {
        // As Java: a value that cannot be read is the matter of its connector alone, when it asks.
        const parsed = parseKey(key)
        const id = parsed === null ? `foreign ${key.toString('hex')}` : canonicalKey(parsed.connector, parsed.partition)
        this.#stored.set(id, {
          keyBytes: key,
          connector: parsed?.connector ?? null,
          partition: parsed?.partition ?? null,
          valueBytes: value,
        })
      }
    } catch (error) {
      const what = `the offset file ${this.#path} (${KEY}) is damaged: ${(error as Error).message}`
      const advice = 'It was left as it is. Restore it, or move it away to start without offsets'
      throw new ConfigError(KEY, `${what}. ${advice}`, { cause: error })
    }
  }

  async #checkFolder(): Promise<void> {
    const folder = dirname(this.#path)
    try {
      if (await isFolder(this.#path)) throw new Error('it is a folder')
      await access(folder, constants.W_OK)
    } catch (error) {
      const why = (error as Error).message
      throw new ConfigError(KEY, `the offset file ${basename(this.#path)} (${KEY}) cannot be kept in ${folder}: ${why}`, {
        cause: error,
      })
    }
  }
}

/** @throws DataError saying whose it is and how to be rid of it: a task must not begin anew unasked */
function offsetOf(bytes: Buffer, connector: string, partition: OffsetMap): OffsetMap {
  try {
    return parseOffset(bytes)
  } catch (error) {
    const whose = `the stored offset of connector ${connector}, source partition ${mapText(partition)}`
    const advice = `Stop the connector and send DELETE /connectors/${connector}/offsets to begin anew`
    throw new DataError(`${whose}, cannot be read: ${toError(error).message}. ${advice}`, { cause: error })
  }
}

function readableOffset(bytes: Buffer): OffsetMap | null {
  try {
    return parseOffset(bytes)
  } catch {
    return null
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}

/** Makes the rename itself durable; a file system without it (Windows) is let pass. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  if (handle === null) return
  await handle.sync().catch(() => undefined)
  await handle.close()
}
