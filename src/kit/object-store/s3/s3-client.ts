// The client of the official AWS SDK, made when the first request goes out: a worker without S3 connectors does not load (or need) it.
// Retries are ours, so that one rule and one clock decide; the SDK tries once. Task threads.
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { ConfigError, ConnectError, codeOf } from '../../../base/errors.ts'
import type { S3Settings } from './s3-settings.ts'

export type S3Sdk = typeof import('@aws-sdk/client-s3')

const PACKAGE = '@aws-sdk/client-s3'
const CONNECT_TIMEOUT_MS = 10_000
/** without a byte in either direction */
const IDLE_TIMEOUT_MS = 60_000

export interface Connected {
  readonly client: S3Client
  readonly sdk: S3Sdk
  /** parts carry CRC32, unless the environment told the SDK otherwise (AWS_REQUEST_CHECKSUM_CALCULATION) */
  readonly hasChecksums: boolean
}

export async function connectS3(settings: S3Settings, idleTimeoutMs = IDLE_TIMEOUT_MS): Promise<Connected> {
  const sdk = await loadSdk()
  const client = new sdk.S3Client(clientConfig(settings, idleTimeoutMs))
  const hasChecksums = (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED'
  if (hasChecksums && isEncrypted(settings)) leaveBodiesUnsigned(client)
  return { client, sdk, hasChecksums }
}

const isEncrypted = ({ endpoint }: S3Settings): boolean => endpoint === null || endpoint.startsWith('https:')

/**
 * Over TLS a body is held by the connection and its CRC32: hashing it for the signature as well would cost as much as all else that we do to
 * it (2 ns a byte). The SDKs of AWS for Java do the same.
 */
function leaveBodiesUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      args => {
        const request = args.request as { headers?: Record<string, string> }
        if ((commandName === 'PutObjectCommand' || commandName === 'UploadPartCommand') && request.headers !== undefined) {
          request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
        }
        return next(args)
      },
    { step: 'build', name: 'sluiceUnsignedBody' },
  )
}

async function loadSdk(): Promise<S3Sdk> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new ConnectError(`S3 needs the npm package ${PACKAGE}: run npm install ${PACKAGE} where Sluice is installed`)
  }
}

function clientConfig(settings: S3Settings, idleTimeoutMs: number): S3ClientConfig {
  return {
    region: settings.region,
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    forcePathStyle: settings.isPathStyle,
    useAccelerateEndpoint: settings.isAccelerated,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: idleTimeoutMs },
    ...(settings.expectsContinue ? {} : { expectContinueHeader: false }),
    ...credentialsOf(settings),
  }
}

function credentialsOf({ credentials }: S3Settings): S3ClientConfig {
  switch (credentials.from) {
    case 'keys':
      return {
        credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey.value },
      }
    case 'environment':
      return { credentials: fromEnvironment }
    case 'nowhere':
      return { credentials: { accessKeyId: '', secretAccessKey: '' }, signer: { sign: async request => request } }
    case 'default':
      return {}
  }
}

async function fromEnvironment() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new ConfigError(
      's3.credentials.provider.class',
      'the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and s3.credentials.provider.class takes the credentials from them',
    )
  }
  const token = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...token }
}
