// What went wrong between us and S3, in our terms: whether another try may help, and what to do where it will not. Task threads.
//
// Errors of the SDK carry the request and, for bad signatures, the string that was signed: of theirs only name, message and stack go on.
import { ConnectError, codeOf, RetriableError, toError } from '../../../base/errors.ts'
import type { S3Settings } from './s3-settings.ts'

const NETWORK = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** By the error codes of S3 and the names that the SDK gives to failures of its own. */
const RETRIABLE = new Set([
  'BandwidthLimitExceeded',
  'BadDigest',
  'ConditionalRequestConflict',
  'IncompleteBody',
  'InternalError',
  'OperationAborted',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
])

const NOT_IMPLEMENTED = 501

interface SdkError {
  readonly name?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  /** there also where the answer was no XML */
  readonly $response?: { readonly statusCode?: number }
}

export interface S3Fault {
  /** S3's error code, or the SDK's name for it */
  readonly name: string
  /** 0 where there was no answer */
  readonly status: number
  readonly isRetriable: boolean
}

export function faultOf(error: unknown): S3Fault {
  const { name = '', $metadata, $response } = error as SdkError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? 0
  const isNetwork = NETWORK.has(codeOf(error) ?? '') || NETWORK.has(codeOf((error as Error).cause) ?? '')
  const isBusy = status === 408 || status === 429 || (status >= 500 && status !== NOT_IMPLEMENTED)
  // An answer that is no XML comes from something between us and S3, or from a server that is going down.
  const isGarbled = status === 200 && !RETRIABLE.has(name)
  return { name, status, isRetriable: isNetwork || isBusy || isGarbled || RETRIABLE.has(name) }
}

/** For an answer that is well, but not S3's: such as a page of a proxy. Another try may reach S3. */
export function foreignAnswer(): Error {
  const error = new Error('the answer has no ETag, so it came from something between this worker and S3')
  return Object.assign(error, { name: 'NoETag', $metadata: { httpStatusCode: 200 } })
}

/** There is no such object (or the upload is gone). */
export function isAbsent(error: unknown): boolean {
  const { name, status } = faultOf(error)
  return name === 'NoSuchKey' || name === 'NotFound' || name === 'NoSuchUpload' || (status === 404 && name !== 'NoSuchBucket')
}

/** Somebody ended the upload, or it is complete; InvalidPart where only some of its parts are gone by then. */
export function isUploadGone(error: unknown): boolean {
  const { name } = faultOf(error)
  return name === 'NoSuchUpload' || name === 'InvalidPart'
}

/** The condition If-None-Match was not met. */
export function isPreconditionFailed(error: unknown): boolean {
  return faultOf(error).status === 412
}

export interface S3Attempt {
  /** such as 'write', for messages */
  readonly action: string
  /** null: the bucket itself */
  readonly key: string | null
  readonly tries: number
}

/** The error that a caller of the store gets. */
export function s3Error(error: unknown, attempt: S3Attempt, settings: S3Settings): ConnectError {
  if (error instanceof ConnectError) return error
  const { name, status, isRetriable } = faultOf(error)
  const place = `s3://${settings.bucket}${attempt.key === null ? '' : `/${attempt.key}`}`
  const unanswered = isRetriable ? `no answer from ${endpointOf(settings)}` : name
  const answer = status === 0 ? unanswered : `${name} (HTTP ${status})`
  const advice = isRetriable ? '' : adviceOn(name, status, settings)
  const tries = attempt.tries > 1 ? `, after ${attempt.tries} tries` : ''
  const { message, stack } = toError(error)
  const text = `cannot ${attempt.action} ${place}: ${answer}: ${message || name}${tries}${advice === '' ? '' : `; ${advice}`}`
  const cause = new Error(message)
  cause.name = name
  if (stack !== undefined) cause.stack = stack
  return isRetriable ? new RetriableError(text, { cause }) : new ConnectError(text, { cause })
}

function adviceOn(name: string, status: number, settings: S3Settings): string {
  const { bucket, region } = settings
  if (name === 'NoSuchBucket') {
    return `make the bucket ${bucket} at ${endpointOf(settings)}, or correct s3.bucket.name and s3.region (now ${region})`
  }
  if (status === 301 || name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed') {
    return `s3.region is ${region}: set it to the region of the bucket ${bucket}`
  }
  if (name === 'InvalidAccessKeyId' || name === 'SignatureDoesNotMatch' || name === 'InvalidToken' || name === 'ExpiredToken') {
    return 'check aws.access.key.id and aws.secret.access.key, or where the default credentials come from'
  }
  if (name === 'CredentialsProviderError') {
    return 'set aws.access.key.id and aws.secret.access.key, or give the worker AWS credentials (environment, profile, instance role)'
  }
  if (status === 403) {
    return `the credentials need s3:PutObject, s3:AbortMultipartUpload, s3:ListBucket and s3:ListBucketMultipartUploads on the bucket ${bucket}`
  }
  if (status === NOT_IMPLEMENTED) return `${endpointOf(settings)} does not know this request or one of its headers`
  return ''
}

export const endpointOf = (settings: S3Settings): string => settings.endpoint ?? `AWS in ${settings.region}`
