// A bucket of S3, or of a server that speaks its protocol, as an object store. Task threads.
import { type Clock, systemClock } from '../../../base/clock.ts'
import { isRetriable, toError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import type { ObjectContent, ObjectInfo, ObjectStore, ObjectUpload, UploadOwner } from '../object-store.ts'
import { isAbsent } from './s3-errors.ts'
import { S3Requests } from './s3-requests.ts'
import type { S3Settings, S3Tagging } from './s3-settings.ts'
import { abortMultipart, customerKeyOf, S3Upload } from './s3-upload.ts'

const KEY_BYTES_MAX = 1024
/** of up to 1,000 uploads each */
const UPLOAD_PAGES_MAX = 100
/** A part that arrives while its upload is ended may keep it: S3's manual says to look again. */
const DISCARD_PASSES_MAX = 4

export interface S3StoreOptions {
  readonly clock?: Clock
  readonly logger?: Logger
  /** a connection without a byte for so long is given up */
  readonly idleTimeoutMs?: number
}

export function s3Store(settings: S3Settings, options: S3StoreOptions = {}): ObjectStore {
  const { bucket } = settings
  const requests = new S3Requests(settings, options.clock ?? systemClock, options.idleTimeoutMs)
  return {
    url: `s3://${bucket}`,
    keyError,
    async begin(key, _owner, content) {
      const upload = new S3Upload(requests, key)
      const { tagging } = settings
      return tagging === null ? upload : tagged(upload, requests, key, tagsOf(tagging, content), tagging, options.logger)
    },
    head: key => headObject(requests, key),
    list: prefix => listObjects(requests, prefix),
    read: key =>
      requests.send({ action: 'read', key }, async ({ client, sdk }) => {
        const answer = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...customerKeyOf(settings) }))
        return Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
      }),
    async delete(key) {
      await requests.send({ action: 'delete', key }, ({ client, sdk }) =>
        client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key })),
      )
    },
    discard: owner => discardUploads(requests, owner, options.logger),
  }
}

function keyError(key: string): string | null {
  const bytes = Buffer.byteLength(key)
  if (bytes > KEY_BYTES_MAX) return `a name in S3 has at most ${KEY_BYTES_MAX} bytes, not ${bytes}: ${key}`
  const elements = key.split('/')
  // S3-compatible servers that keep files, and tools that copy buckets to disks, would leave the folder.
  const isUsable = key !== '' && elements.every(e => e !== '.' && e !== '..' && !e.includes('\0'))
  return isUsable ? null : `not a usable object name: ${JSON.stringify(key)}`
}

async function headObject(requests: S3Requests, key: string): Promise<ObjectInfo | null> {
  const { settings } = requests
  try {
    const found = await requests.send({ action: 'look at', key, isAnswer: isAbsent }, ({ client, sdk }) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: settings.bucket, Key: key, ...customerKeyOf(settings) })),
    )
    return { key, bytes: found.ContentLength ?? 0, modifiedMs: found.LastModified?.getTime() ?? 0 }
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

async function* listObjects(requests: S3Requests, prefix: string): AsyncGenerator<ObjectInfo> {
  let token: string | undefined
  do {
    const input = {
      Bucket: requests.settings.bucket,
      Prefix: prefix,
      ...(token === undefined ? {} : { ContinuationToken: token }),
    }
    const page = await requests.send({ action: 'list', key: prefix }, ({ client, sdk }) =>
      client.send(new sdk.ListObjectsV2Command(input)),
    )
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? 0 }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

async function discardOnce(requests: S3Requests, owner: UploadOwner, logger: Logger | undefined): Promise<number> {
  let found = 0
  for await (const { key, uploadId } of unfinishedUploads(requests, owner.prefix, logger)) {
    if (!(owner.owns?.(key) ?? key.slice(key.lastIndexOf('/') + 1).startsWith(owner.name))) continue
    await abortMultipart(requests, key, uploadId)
    found++
  }
  return found
}

/** Also the first request of a task: a bucket that is not there fails here, by name. */
async function discardUploads(requests: S3Requests, owner: UploadOwner, logger: Logger | undefined): Promise<void> {
  const { bucket } = requests.settings
  try {
    for (let pass = 0; pass < DISCARD_PASSES_MAX; pass++) {
      if ((await discardOnce(requests, owner, logger)) === 0) return
    }
  } catch (error) {
    const status = (error as { cause?: { name?: string } }).cause?.name
    if (isRetriable(error) || (status !== 'AccessDenied' && status !== 'NotImplemented')) throw error
    const consequence =
      'what crashed tasks left half uploaded stays, invisible but paid for, until a lifecycle rule of the bucket ends it'
    logger?.warn(`unfinished uploads in s3://${bucket} cannot be ended (${toError(error).message}): ${consequence}`)
  }
}

async function* unfinishedUploads(
  requests: S3Requests,
  prefix: string,
  logger: Logger | undefined,
): AsyncGenerator<{ key: string; uploadId: string }> {
  const { bucket } = requests.settings
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {}
  for (let page = 0; page < UPLOAD_PAGES_MAX; page++) {
    const input = { Bucket: bucket, Prefix: prefix, ...marker }
    const answer = await requests.send({ action: 'list the unfinished uploads of', key: null }, ({ client, sdk }) =>
      client.send(new sdk.ListMultipartUploadsCommand(input)),
    )
    for (const { Key, UploadId } of answer.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) yield { key: Key, uploadId: UploadId }
    }
    if (answer.IsTruncated !== true || answer.NextKeyMarker === undefined) return
    marker = {
      KeyMarker: answer.NextKeyMarker,
      ...(answer.NextUploadIdMarker ? { UploadIdMarker: answer.NextUploadIdMarker } : {}),
    }
  }
  logger?.warn(`over ${UPLOAD_PAGES_MAX},000 unfinished uploads in s3://${bucket}: the rest of them was not looked at`)
}

// ---- tags

function tagsOf(tagging: S3Tagging, content: ObjectContent | undefined): { Key: string; Value: string }[] {
  const own =
    content === undefined
      ? []
      : [
          ['startOffset', String(content.firstOffset)],
          ['endOffset', String(content.lastOffset)],
          ['recordCount', String(content.records)],
        ]
  return [...own, ...tagging.more].map(([Key = '', Value = '']) => ({ Key, Value }))
}

/** Tags come after the object, so that a policy that forbids them does not keep the data out. */
function tagged(
  upload: ObjectUpload,
  requests: S3Requests,
  key: string,
  tags: readonly { Key: string; Value: string }[],
  tagging: S3Tagging,
  logger: Logger | undefined,
): ObjectUpload {
  const input = { Bucket: requests.settings.bucket, Key: key, Tagging: { TagSet: [...tags] } }
  return {
    write: bytes => upload.write(bytes),
    abort: () => upload.abort(),
    async complete(options) {
      const outcome = await upload.complete(options)
      if (outcome === 'exists') return outcome
      try {
        await requests.send({ action: 'tag', key }, ({ client, sdk }) => client.send(new sdk.PutObjectTaggingCommand(input)))
      } catch (error) {
        if (!tagging.isFailureIgnored) throw error
        logger?.warn(`${toError(error).message} (s3.object.behavior.on.tagging.error=ignore)`)
      }
      return outcome
    },
  }
}
