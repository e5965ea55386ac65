// Stores under test on a real S3 server, and a look at the bucket by a client of the test's own. Main thread of a test file.
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3'
import { Password } from '../../src/config/define.ts'
import type { S3Settings } from '../../src/kit/object-store/s3/s3-settings.ts'
import { s3Store } from '../../src/kit/object-store/s3/s3-store.ts'
import type { StoreSystem } from '../conformance/store.ts'
import type { S3Server } from './s3-server.ts'
import { uniqueName } from './topics.ts'
import { until } from './until.ts'

export const PART_BYTES_MIN = 5 << 20

export function settingsFor(server: S3Server, bucket: string, more: Partial<S3Settings> = {}): S3Settings {
  return {
    bucket,
    region: server.region,
    endpoint: server.url,
    credentials: { from: 'keys', accessKeyId: server.accessKeyId, secretAccessKey: new Password(server.secretAccessKey) },
    isPathStyle: true,
    isAccelerated: false,
    partBytes: PART_BYTES_MIN,
    retries: 3,
    retryBackoffMs: 10,
    encryption: null,
    kmsKeyId: null,
    customerKey: null,
    acl: null,
    sendsMd5: false,
    expectsContinue: true,
    tagging: null,
    ...more,
  }
}

/** A bucket of the caller's own. */
export async function freshBucket(server: S3Server): Promise<string> {
  const bucket = uniqueName('lake')
  await server.makeBucket(bucket)
  return bucket
}

export async function unfinishedUploads(server: S3Server, bucket: string): Promise<number> {
  const answer = await (await server.client()).send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  return answer.Uploads?.length ?? 0
}

/** Waits until each unfinished upload has so many parts. */
export async function partsArrived(server: S3Server, bucket: string, parts: number): Promise<void> {
  const client = await server.client()
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  for (const { Key, UploadId } of Uploads) {
    await until(async () => {
      const found = await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }))
      return (found.Parts?.length ?? 0) >= parts
    })
  }
}

export async function bucketSystem(server: S3Server, more: Partial<S3Settings> = {}): Promise<StoreSystem> {
  const bucket = await freshBucket(server)
  return {
    store: s3Store(settingsFor(server, bucket, more)),
    unfinished: () => unfinishedUploads(server, bucket),
    // the suite writes two parts and a little
    arrived: () => partsArrived(server, bucket, 2),
  }
}
