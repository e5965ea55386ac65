// What an S3 store needs to know, in the terms of the kit; connectors read it from their keys. Task threads.
import type { Password } from '../../../config/define.ts'

/** Where signatures get their keys from. `default`: the SDK's chain (environment, profile files, web identity, container, instance). */
export type S3Credentials =
  | { readonly from: 'default' }
  | { readonly from: 'environment' }
  | { readonly from: 'nowhere' }
  | { readonly from: 'keys'; readonly accessKeyId: string; readonly secretAccessKey: Password }

export interface S3Settings {
  readonly bucket: string
  readonly region: string
  /** null: AWS itself */
  readonly endpoint: string | null
  readonly credentials: S3Credentials
  readonly isPathStyle: boolean
  /** transfer acceleration */
  readonly isAccelerated: boolean
  /** an object of more bytes goes up in parts of this size */
  readonly partBytes: number
  /** tries after the first, of one request */
  readonly retries: number
  readonly retryBackoffMs: number
  /** such as AES256 or aws:kms; null: the bucket's own rule */
  readonly encryption: string | null
  readonly kmsKeyId: string | null
  /** SSE-C, in base64 */
  readonly customerKey: Password | null
  /** a canned ACL */
  readonly acl: string | null
  readonly sendsMd5: boolean
  readonly expectsContinue: boolean
  readonly tagging: S3Tagging | null
}

/** Objects get the tags startOffset, endOffset, recordCount and `more` once they are visible. */
export interface S3Tagging {
  readonly more: readonly (readonly [string, string])[]
  readonly isFailureIgnored: boolean
}
