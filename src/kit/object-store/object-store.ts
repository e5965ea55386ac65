// What a lake sink asks of a store of objects: five methods that S3, Google Cloud Storage, Azure Blob, HDFS and a folder all have.
// An object becomes visible whole or not at all. Task threads; adapters stand beside this file.

export interface ObjectInfo {
  readonly key: string
  readonly bytes: number
  readonly modifiedMs: number
}

/**
 * Whose uploads: those of objects whose key begins with `prefix` and whose last path element begins with `name`. One task at a
 * time owns such a set (a Kafka partition), so unfinished uploads found in it belong to a dead or fenced task.
 */
export interface UploadOwner {
  readonly prefix: string
  readonly name: string
  /** Told more exactly, where names of several owners may begin alike or are divided by something else than slashes. */
  owns?(key: string): boolean
}

/** Which records of its Kafka partition are in an object, for stores that label objects with it. */
export interface ObjectContent {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly records: number
}

/** One object on its way. Nothing is visible before complete. Methods reject with RetriableError where another try may help. */
export interface ObjectUpload {
  /** The bytes may be reused once it settles. */
  write(bytes: Uint8Array): Promise<void>
  /**
   * Makes the object durable, then visible. It replaces an older object of the key, unless `ifAbsent`: then the older one stays
   * and the answer is 'exists'.
   */
  complete(options?: { readonly ifAbsent?: boolean }): Promise<'written' | 'exists'>
  /** Gives up; never rejects. */
  abort(): Promise<void>
}

export interface ObjectStore {
  /** for messages */
  readonly url: string
  /** Why no object can have this key, or null. Absent: every key will do. */
  keyError?(key: string): string | null
  begin(key: string, owner: UploadOwner, content?: ObjectContent): Promise<ObjectUpload>
  /** Null where there is no such object. */
  head(key: string): Promise<ObjectInfo | null>
  /** Objects whose key begins with the prefix, in no order. */
  list(prefix: string): AsyncIterable<ObjectInfo>
  read(key: string): Promise<Buffer>
  /** No error where there is no such object. */
  delete(key: string): Promise<void>
  /** Removes what unfinished uploads of this owner left behind. Called before its first upload. */
  discard?(owner: UploadOwner): Promise<void>
}
