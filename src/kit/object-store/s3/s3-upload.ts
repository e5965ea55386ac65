// One object on its way to S3. Its bytes gather in a buffer that grows up to the size of a part; what fits into one part goes up by a
// single PutObject, more by a multipart upload whose parts leave while the next one gathers. Either way the object is visible whole
// or not at all. Task threads.
import { createHash, randomUUID } from 'node:crypto'
import type { CompletedPart, CreateMultipartUploadCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3'
import { ConnectError, RetriableError } from '../../../base/errors.ts'
import type { ObjectUpload } from '../object-store.ts'
import { foreignAnswer, isAbsent, isPreconditionFailed, isUploadGone } from './s3-errors.ts'
import type { S3Call, S3Requests } from './s3-requests.ts'
import type { S3Settings } from './s3-settings.ts'

const FIRST_BUFFER_BYTES = 128 * 1024
/** S3's own limit. */
const PARTS_MAX = 10_000
/** Metadata that tells our object from an older one, when the answer to our last request was lost. */
const UPLOAD_ID_METADATA = 'sluice-upload'

interface Tagged {
  readonly ETag?: string | undefined
}

/** @throws S3 would have answered with one: bytes whose writing has none are kept by nobody */
function tagOf({ ETag }: Tagged): string {
  if (ETag === undefined) throw foreignAnswer()
  return ETag
}

export class S3Upload implements ObjectUpload {
  readonly #requests: S3Requests
  readonly #key: string
  readonly #id = randomUUID()
  readonly #stop = new AbortController()
  #buffer: Buffer = Buffer.alloc(0)
  #gathered = 0
  #uploadId: string | null = null
  readonly #parts: CompletedPart[] = []
  #partsBegun = 0
  /** at most PARTS_IN_FLIGHT_MAX over all uploads */
  readonly #inFlight = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | null = null

  constructor(requests: S3Requests, key: string) {
    this.#requests = requests
    this.#key = key
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { partBytes } = this.#requests.settings
    for (let at = 0; at < bytes.length; ) {
      if (this.#gathered === partBytes) await this.#sendPart()
      const count = Math.min(bytes.length - at, partBytes - this.#gathered)
      this.#reserve(this.#gathered + count, partBytes)
      this.#buffer.set(bytes.subarray(at, at + count), this.#gathered)
      this.#gathered += count
      at += count
    }
  }

  async complete(options?: { readonly ifAbsent?: boolean }): Promise<'written' | 'exists'> {
    const ifAbsent = options?.ifAbsent ?? false
    if (this.#uploadId === null) return this.#put(ifAbsent)
    if (this.#gathered > 0) await this.#sendPart()
    await Promise.all(this.#inFlight)
    this.#check()
    return this.#completeParts(this.#uploadId, ifAbsent)
  }

  async abort(): Promise<void> {
    this.#stop.abort()
    this.#buffer = Buffer.alloc(0)
    await Promise.all(this.#inFlight)
    const uploadId = this.#uploadId
    if (uploadId === null) return
    this.#uploadId = null
    await abortMultipart(this.#requests, this.#key, uploadId).catch(() => {
      // What stays is discarded when the partition is opened again.
    })
  }

  #reserve(bytes: number, bytesMax: number): void {
    if (bytes <= this.#buffer.length) return
    if (this.#buffer.length === 0) this.#buffer = this.#requests.takeBuffer()
    if (bytes <= this.#buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.min(bytesMax, Math.max(bytes, FIRST_BUFFER_BYTES, this.#buffer.length * 2)))
    grown.set(this.#buffer.subarray(0, this.#gathered))
    this.#buffer = grown
  }

  /** Sends what has gathered; resolves as soon as it is on its way. */
  async #sendPart(): Promise<void> {
    this.#check()
    const uploadId = this.#uploadId ?? (await this.#begin())
    if (this.#partsBegun === PARTS_MAX) {
      throw new ConnectError(
        `s3://${this.#requests.settings.bucket}/${this.#key} has over ${PARTS_MAX} parts: raise s3.part.size`,
      )
    }
    await this.#requests.enter()
    const number = ++this.#partsBegun
    const buffer = this.#buffer
    const body = buffer.subarray(0, this.#gathered)
    this.#buffer = Buffer.alloc(0)
    this.#gathered = 0
    const sending = this.#uploadPart(uploadId, number, body)
      .then(
        part => {
          this.#parts.push(part)
          this.#requests.giveBuffer(buffer)
        },
        error => {
          this.#failure ??= { error }
        },
      )
      .finally(() => {
        this.#requests.leave()
        this.#inFlight.delete(sending)
      })
    this.#inFlight.add(sending)
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error
  }

  async #begin(): Promise<string> {
    const { settings } = this.#requests
    const options = { action: 'begin', key: this.#key, signal: this.#stop.signal }
    const answer = await this.#requests.send(options, ({ client, sdk, hasChecksums }) => {
      const checksum = hasChecksums ? ({ ChecksumAlgorithm: 'CRC32' } as const) : {}
      return client.send(new sdk.CreateMultipartUploadCommand({ ...this.#newObject(settings), ...checksum }), this.#signal())
    })
    if (answer.UploadId === undefined) throw new ConnectError(`no upload id for s3://${settings.bucket}/${this.#key}`)
    this.#uploadId = answer.UploadId
    return answer.UploadId
  }

  async #uploadPart(uploadId: string, number: number, body: Buffer): Promise<CompletedPart> {
    const { settings } = this.#requests
    const input = { ...this.#object(settings), UploadId: uploadId, PartNumber: number, Body: body, ...md5Of(body, settings) }
    const options = { action: 'write', key: this.#key, signal: this.#stop.signal, isAnswer: isUploadGone }
    const answer = await this.#requests
      .send(options, async ({ client, sdk }) => {
        const got = await client.send(new sdk.UploadPartCommand(input), this.#signal())
        return { ETag: tagOf(got), ChecksumCRC32: got.ChecksumCRC32 }
      })
      .catch(error => {
        throw isUploadGone(error) ? this.#uploadGone() : error
      })
    const checksum = answer.ChecksumCRC32 === undefined ? {} : { ChecksumCRC32: answer.ChecksumCRC32 }
    return { PartNumber: number, ETag: answer.ETag, ...checksum }
  }

  async #put(ifAbsent: boolean): Promise<'written' | 'exists'> {
    const { settings } = this.#requests
    const body = this.#buffer.subarray(0, this.#gathered)
    const input = { ...this.#newObject(settings), Body: body, ...md5Of(body, settings), ...conditionOf(ifAbsent) }
    const outcome = await this.#conclude(isPreconditionFailed, ({ client, sdk }) =>
      client.send(new sdk.PutObjectCommand(input), this.#signal()),
    )
    // An object that exists may be told before the body was read.
    if (outcome === 'written') this.#requests.giveBuffer(this.#buffer)
    this.#buffer = Buffer.alloc(0)
    return outcome
  }

  #completeParts(uploadId: string, ifAbsent: boolean): Promise<'written' | 'exists'> {
    const parts = this.#parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
    const input = {
      ...this.#object(this.#requests.settings),
      UploadId: uploadId,
      MultipartUpload: { Parts: parts },
      ...conditionOf(ifAbsent),
    }
    const isAnswer = (error: unknown) => isPreconditionFailed(error) || isUploadGone(error)
    return this.#conclude(isAnswer, ({ client, sdk }) =>
      client.send(new sdk.CompleteMultipartUploadCommand(input), this.#signal()),
    )
  }

  /**
   * The request that makes the object visible. Its answer may be lost and the next try then finds our own object, or no upload any
   * more: whose object it is, the metadata tells.
   */
  async #conclude(isAnswer: (error: unknown) => boolean, call: S3Call<Tagged>): Promise<'written' | 'exists'> {
    let tries = 0
    const options = {
      action: 'write',
      key: this.#key,
      signal: this.#stop.signal,
      isAnswer: (error: unknown, count: number) => {
        tries = count
        return isAnswer(error)
      },
    }
    try {
      await this.#requests.send(options, async connected => tagOf(await call(connected)))
    } catch (error) {
      if (!isAnswer(error)) throw error
      if (tries > 1 && (await this.#isOurs())) {
        this.#uploadId = null
        return 'written'
      }
      if (isPreconditionFailed(error)) {
        await this.abort()
        return 'exists'
      }
      throw this.#uploadGone()
    }
    this.#uploadId = null
    return 'written'
  }

  /** Another task discarded it: this one is fenced, or slow beyond a rebalance. */
  #uploadGone(): RetriableError {
    const { bucket } = this.#requests.settings
    return new RetriableError(
      `the upload of s3://${bucket}/${this.#key} is gone: another task, or a lifecycle rule of the bucket, ended it`,
    )
  }

  async #isOurs(): Promise<boolean> {
    const input = this.#object(this.#requests.settings)
    const isAnswer = isAbsent
    try {
      const found = await this.#requests.send({ action: 'look at', key: this.#key, isAnswer }, ({ client, sdk }) =>
        client.send(new sdk.HeadObjectCommand(input)),
      )
      return found.Metadata?.[UPLOAD_ID_METADATA] === this.#id
    } catch (error) {
      if (isAbsent(error)) return false
      throw error
    }
  }

  #signal() {
    return { abortSignal: this.#stop.signal }
  }

  #object(settings: S3Settings) {
    return { Bucket: settings.bucket, Key: this.#key, ...customerKeyOf(settings) }
  }

  #newObject(settings: S3Settings) {
    return {
      ...this.#object(settings),
      Metadata: { [UPLOAD_ID_METADATA]: this.#id },
      ...(settings.encryption === null
        ? {}
        : { ServerSideEncryption: settings.encryption as PutObjectCommandInput['ServerSideEncryption'] }),
      ...(settings.kmsKeyId === null ? {} : { SSEKMSKeyId: settings.kmsKeyId }),
      ...(settings.acl === null ? {} : { ACL: settings.acl as PutObjectCommandInput['ACL'] }),
    } satisfies CreateMultipartUploadCommandInput
  }
}

export async function abortMultipart(requests: S3Requests, key: string, uploadId: string): Promise<void> {
  const input = { Bucket: requests.settings.bucket, Key: key, UploadId: uploadId }
  try {
    await requests.send({ action: 'abort the upload of', key, isAnswer: isAbsent }, ({ client, sdk }) =>
      client.send(new sdk.AbortMultipartUploadCommand(input)),
    )
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

/** SSE-C: every request about the object's bytes brings the key. */
export function customerKeyOf({ customerKey }: S3Settings) {
  return customerKey === null ? {} : { SSECustomerAlgorithm: 'AES256', SSECustomerKey: customerKey.value }
}

const conditionOf = (ifAbsent: boolean) => (ifAbsent ? { IfNoneMatch: '*' } : {})

const md5Of = (body: Buffer, settings: S3Settings) =>
  settings.sendsMd5 ? { ContentMD5: createHash('md5').update(body).digest('base64') } : {}
