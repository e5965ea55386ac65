// Keys of the S3 sink: those of every lake sink and those of Confluent's S3 sink, with its names, types and defaults. Some of the latter
// are refused, some accepted without effect, so that its configs and tools work; which, this file says. Task, connector and job threads.
import { ConfigError } from '../../base/errors.ts'
import { MIB } from '../../base/units.ts'
import { atLeast, between, type Check, defineConfig, type KeyDef, nonEmpty, oneOf, Password } from '../../config/define.ts'
import { lakeKeys } from '../../kit/lake/lake-config.ts'

const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'log-delivery-write',
  'bucket-owner-read',
  'bucket-owner-full-control',
  'aws-exec-read',
]
/** What SSE-C takes. */
const CUSTOMER_KEY_BYTES = 32
const TAGS_MAX = 10
/** startOffset, endOffset, recordCount */
const OWN_TAGS = 3
const LONG_MAX = Number.MAX_SAFE_INTEGER

export type CredentialsFrom = 'default' | 'environment' | 'nowhere'

const PROVIDERS: Readonly<Record<string, CredentialsFrom>> = {
  DefaultCredentialsProvider: 'default',
  DefaultAWSCredentialsProviderChain: 'default',
  EnvironmentVariableCredentialsProvider: 'environment',
  AnonymousCredentialsProvider: 'nowhere',
}

const simpleName = (className: string): string => className.slice(className.lastIndexOf('.') + 1)

export const credentialsFrom = (className: string): CredentialsFrom | undefined => PROVIDERS[simpleName(className)]

const knownProvider: Check = (_name, value) =>
  typeof value === 'string' && credentialsFrom(value) !== undefined
    ? null
    : `only ${Object.keys(PROVIDERS).join(', ')} are supported; the default one also finds profiles, web identities and instance roles`

const s3Storage: Check = (_name, value) =>
  typeof value === 'string' && simpleName(value) === 'S3Storage' ? null : 'only io.confluent.connect.s3.storage.S3Storage is'

const isUrl: Check = (_name, value) =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
    ? null
    : 'an endpoint is a URL such as https://minio.example:9000'

const customerKey: Check = (_name, value) => {
  if (!(value instanceof Password) || value.value === '') return null
  const bytes = Buffer.from(value.value, 'base64').length
  return bytes === CUSTOMER_KEY_BYTES ? null : { message: `s3.sse.customer.key must be ${CUSTOMER_KEY_BYTES} bytes in base64` }
}

const tagPairs: Check = (_name, value) => {
  if (!Array.isArray(value)) return null
  const bad = value.find(pair => !/^[^:]+:/.test(String(pair)))
  if (bad !== undefined) return `${bad} is no pair such as team:data`
  return value.length > TAGS_MAX - OWN_TAGS ? `an object has ${TAGS_MAX} tags at most, ${OWN_TAGS} of them are the sink's` : null
}

const unless =
  (empty: string, check: Check): Check =>
  (name, value) =>
    value === empty ? null : check(name, value)

/** A key of Confluent's whose other values would change what is written: refused rather than ignored. */
const only = (neutral: string | number | boolean, why: string): Check => {
  return (_name, value) => (value === neutral ? null : `not supported yet: ${why}`)
}

const storageKeys = {
  's3.bucket.name': { type: 'string', importance: 'high', group: 'S3', check: nonEmpty, doc: 'The bucket. It must exist.' },
  's3.region': { type: 'string', default: 'us-west-2', importance: 'medium', group: 'S3', check: nonEmpty, doc: 'Its region.' },
  'store.url': {
    type: 'string',
    default: null,
    importance: 'high',
    group: 'S3',
    check: isUrl,
    doc: 'The endpoint of a server that speaks the protocol of S3, such as MinIO. Not set: AWS.',
  },
  'storage.class': {
    type: 'class',
    default: 'io.confluent.connect.s3.storage.S3Storage',
    importance: 'low',
    group: 'S3',
    check: s3Storage,
    doc: "Confluent's name of this storage; there is no other.",
  },
  's3.part.size': {
    type: 'int',
    default: 25 * MIB,
    importance: 'high',
    group: 'S3',
    check: between(5 * MIB, 2 ** 31 - 1),
    doc: 'Bytes of a part. A smaller file goes up by one request, a bigger one in parts, four at a time.',
  },
  's3.part.retries': {
    type: 'int',
    default: 3,
    importance: 'medium',
    group: 'S3',
    check: atLeast(0),
    doc: 'Tries of a request after the first. When they are used up, the put is tried again after retry.backoff.ms, for as long as it takes.',
  },
  's3.retry.backoff.ms': {
    type: 'long',
    default: 200,
    importance: 'low',
    group: 'S3',
    check: atLeast(0),
    doc: 'Pause before the second try of a request; it doubles with each, up to a minute.',
  },
  's3.path.style.access.enabled': {
    type: 'boolean',
    default: true,
    importance: 'low',
    group: 'S3',
    doc: 'The bucket stands in the path of URLs, not in the host name.',
  },
  's3.wan.mode': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    group: 'S3',
    doc: 'Transfer acceleration; needs s3.path.style.access.enabled=false.',
  },
  's3.http.send.expect.continue': {
    type: 'boolean',
    default: true,
    importance: 'low',
    group: 'S3',
    doc: 'Large bodies wait for the server to say that it will take them.',
  },
  's3.send.digest': {
    type: 'boolean',
    default: false,
    importance: 'low',
    group: 'S3',
    doc: 'Sends an MD5 beside the CRC32 that is always sent; for servers that ask for it.',
  },
} as const satisfies Record<string, KeyDef>

const credentialKeys = {
  'aws.access.key.id': { type: 'string', default: '', importance: 'high', group: 'Credentials', doc: 'Access key id.' },
  'aws.secret.access.key': { type: 'password', default: '', importance: 'high', group: 'Credentials', doc: 'Secret access key.' },
  's3.credentials.provider.class': {
    type: 'class',
    default: 'software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider',
    importance: 'low',
    group: 'Credentials',
    check: knownProvider,
    doc: 'Where credentials come from when no keys are set: DefaultCredentialsProvider (environment, profile, web identity, container, instance), EnvironmentVariableCredentialsProvider or AnonymousCredentialsProvider.',
  },
} as const satisfies Record<string, KeyDef>

const objectKeys = {
  's3.compression.type': {
    type: 'string',
    default: 'none',
    importance: 'low',
    group: 'Files',
    check: oneOf('none', 'gzip', 'zstd'),
    doc: 'Compression of JSON and bytes files; zstd is an addition to Confluent.',
  },
  's3.compression.level': {
    type: 'int',
    default: -1,
    importance: 'low',
    group: 'Files',
    check: between(-1, 9),
    doc: "The level of gzip; -1: the library's default.",
  },
  's3.ssea.name': {
    type: 'string',
    default: '',
    importance: 'low',
    group: 'Objects',
    check: unless('', oneOf('AES256', 'aws:kms', 'aws:kms:dsse')),
    doc: "Server-side encryption: AES256, aws:kms or aws:kms:dsse; empty: the bucket's own rule.",
  },
  's3.sse.kms.key.id': {
    type: 'string',
    default: '',
    importance: 'low',
    group: 'Objects',
    doc: 'The KMS key for aws:kms; empty: the default key of the account.',
  },
  's3.sse.customer.key': {
    type: 'password',
    default: '',
    importance: 'low',
    group: 'Objects',
    check: customerKey,
    doc: 'A key of your own (SSE-C), 32 bytes in base64; with s3.ssea.name=AES256.',
  },
  's3.acl.canned': {
    type: 'string',
    default: null,
    importance: 'low',
    group: 'Objects',
    check: oneOf(...CANNED_ACLS),
    doc: 'A canned ACL such as bucket-owner-full-control.',
  },
  's3.object.tagging': {
    type: 'boolean',
    default: false,
    importance: 'low',
    group: 'Objects',
    doc: 'Tags objects with startOffset, endOffset and recordCount, once they are visible.',
  },
  's3.object.tagging.key.value.pairs': {
    type: 'list',
    default: [],
    importance: 'low',
    group: 'Objects',
    check: tagPairs,
    doc: 'More tags, such as team:data,env:prod; with s3.object.tagging.',
  },
  's3.object.behavior.on.tagging.error': {
    type: 'string',
    default: 'ignore',
    importance: 'low',
    group: 'Objects',
    check: oneOf('ignore', 'fail'),
    doc: 'An object cannot be tagged: log it, or fail.',
  },
} as const satisfies Record<string, KeyDef>

const refused = { importance: 'low', group: 'Of Confluent' } as const

const refusedKeys = {
  's3.proxy.url': {
    ...refused,
    type: 'string',
    default: '',
    check: only('', 'proxies'),
    doc: 'Must stay empty: no proxies yet.',
  },
  'store.kafka.keys': {
    ...refused,
    type: 'boolean',
    default: false,
    check: only(false, 'files of keys'),
    doc: 'Must stay false: no files of keys yet.',
  },
  'store.kafka.headers': {
    ...refused,
    type: 'boolean',
    default: false,
    check: only(false, 'files of headers'),
    doc: 'Must stay false: no files of headers yet.',
  },
  's3.schema.partition.affix.type': {
    ...refused,
    type: 'string',
    default: 'NONE',
    check: only('NONE', 'schema names in folders'),
    doc: 'Must stay NONE: no schema names in folders yet.',
  },
  'partitioner.max.open.files': {
    ...refused,
    type: 'int',
    default: -1,
    check: only(-1, 'buffer.max.bytes bounds the open files'),
    doc: 'Must stay -1: buffer.max.bytes bounds what open files hold.',
  },
} as const satisfies Record<string, KeyDef>

const noEffect = { importance: 'low', group: 'Of Confluent' } as const
const AVRO = 'Accepted without effect: for Avro files, which do not exist yet.'
const WITH_REFUSED = 'Accepted without effect: belongs to a key that is refused.'

/** Keys whose other values change nothing that is written; a value that is not the default is logged at the start. */
export const keysWithoutEffect = {
  's3.proxy.user': { ...noEffect, type: 'string', default: null, doc: WITH_REFUSED },
  's3.proxy.password': { ...noEffect, type: 'password', default: '', doc: WITH_REFUSED },
  'keys.format.class': {
    ...noEffect,
    type: 'class',
    default: 'io.confluent.connect.s3.format.avro.AvroFormat',
    doc: WITH_REFUSED,
  },
  'headers.format.class': {
    ...noEffect,
    type: 'class',
    default: 'io.confluent.connect.s3.format.avro.AvroFormat',
    doc: WITH_REFUSED,
  },
  'tombstone.encoded.partition': { ...noEffect, type: 'string', default: 'tombstone', doc: WITH_REFUSED },
  'enable.conditional.writes': {
    ...noEffect,
    type: 'boolean',
    default: true,
    doc: 'Accepted without effect: rotate.schedule.interval.ms is at least once here.',
  },
  'max.files.scan.limit': {
    ...noEffect,
    type: 'int',
    default: 100,
    doc: 'Accepted without effect: as enable.conditional.writes.',
  },
  'max.write.duration.ms': {
    ...noEffect,
    type: 'long',
    default: LONG_MAX,
    doc: 'Accepted without effect: a long put does not keep the consumer from its group here.',
  },
  's3.elastic.buffer.enable': {
    ...noEffect,
    type: 'boolean',
    default: false,
    doc: 'Accepted without effect: buffers always grow with what is in them.',
  },
  's3.elastic.buffer.init.capacity': {
    ...noEffect,
    type: 'int',
    default: 131_072,
    doc: 'Accepted without effect: as s3.elastic.buffer.enable.',
  },
  'schemas.cache.config': { ...noEffect, type: 'int', default: 1000, doc: AVRO },
  'enhanced.avro.schema.support': { ...noEffect, type: 'boolean', default: true, doc: AVRO },
  'connect.meta.data': { ...noEffect, type: 'boolean', default: true, doc: AVRO },
  'allow.optional.map.keys': { ...noEffect, type: 'boolean', default: false, doc: AVRO },
  'avro.codec': { ...noEffect, type: 'string', default: null, doc: AVRO },
} as const satisfies Record<string, KeyDef>

// Here compression has names of its own.
const { 'compression.type': _type, 'compression.level': _level, ...sharedKeys } = lakeKeys

export const s3SinkConfig = defineConfig({
  ...storageKeys,
  ...credentialKeys,
  ...objectKeys,
  ...sharedKeys,
  ...refusedKeys,
  ...keysWithoutEffect,
})

export type S3SinkConfig = ReturnType<typeof s3SinkConfig.parse>

/** What concerns several keys at once. @throws ConfigError */
export function checkS3Config(config: S3SinkConfig): void {
  const hasId = config['aws.access.key.id'] !== ''
  const hasSecret = config['aws.secret.access.key'].value !== ''
  if (hasId !== hasSecret) {
    const [missing, there] = ['aws.access.key.id', 'aws.secret.access.key']
    const [key, other] = hasId ? [there, missing] : [missing, there]
    throw new ConfigError(key ?? '', `${key} must be set where ${other} is`)
  }
  if (config['s3.wan.mode'] && config['s3.path.style.access.enabled']) {
    throw new ConfigError('s3.path.style.access.enabled', 's3.path.style.access.enabled must be false for s3.wan.mode=true')
  }
  if (config['s3.wan.mode'] && config['store.url'] !== null) {
    throw new ConfigError('s3.wan.mode', 's3.wan.mode is for AWS: store.url must not be set')
  }
  if (config['s3.sse.customer.key'].value !== '' && config['s3.ssea.name'] !== 'AES256') {
    throw new ConfigError('s3.ssea.name', 's3.ssea.name must be AES256 for s3.sse.customer.key')
  }
}
