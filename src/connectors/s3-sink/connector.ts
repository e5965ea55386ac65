// S3Sink: topics become objects in a bucket, with the class name, keys and layout of Confluent's S3 sink. Connector and task threads; the
// catalogue imports `plugins`. The work is done in kit/lake and kit/object-store/s3.
import type { Plugin, Props } from '../../api/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { lakeConnector } from '../../kit/lake/lake-connector.ts'
import { lakePreview } from '../../kit/lake/lake-preview.ts'
import { type ConfigureLake, LakeTask } from '../../kit/lake/lake-task.ts'
import type { S3Settings } from '../../kit/object-store/s3/s3-settings.ts'
import { s3Store } from '../../kit/object-store/s3/s3-store.ts'
import { CONNECTORS_VERSION } from '../version.ts'
import { checkS3Config, credentialsFrom, keysWithoutEffect, type S3SinkConfig, s3SinkConfig } from './config.ts'

export function s3SinkTask(clock: Clock = systemClock): LakeTask {
  return new LakeTask(clock, configureS3(clock))
}

/** With compression under the names that the kit reads. */
function parse(props: Props) {
  const config = s3SinkConfig.parse(props)
  const { 's3.compression.type': type, 's3.compression.level': level } = config
  return { ...config, 'compression.type': type, 'compression.level': level }
}

/** For tasks and previews. */
export function configureS3(clock: Clock): ConfigureLake {
  return (props, logger) => {
    const config = parse(props)
    checkS3Config(config)
    const ignored = Object.entries(keysWithoutEffect).filter(
      ([name, def]) => Object.hasOwn(props, name) && props[name] !== String(def.default),
    )
    if (ignored.length > 0) logger?.warn(`without effect in this sink: ${ignored.map(([name]) => name).join(', ')}`)
    return { config, store: s3Store(settingsOf(config), logger === undefined ? { clock } : { clock, logger }) }
  }
}

export function settingsOf(config: S3SinkConfig): S3Settings {
  const orNull = (text: string) => (text === '' ? null : text)
  const customerKey = config['s3.sse.customer.key'].value === '' ? null : config['s3.sse.customer.key']
  return {
    bucket: config['s3.bucket.name'],
    region: config['s3.region'],
    endpoint: config['store.url'],
    credentials: credentialsOf(config),
    isPathStyle: config['s3.path.style.access.enabled'],
    isAccelerated: config['s3.wan.mode'],
    partBytes: config['s3.part.size'],
    retries: config['s3.part.retries'],
    retryBackoffMs: config['s3.retry.backoff.ms'],
    encryption: customerKey === null ? orNull(config['s3.ssea.name']) : null,
    kmsKeyId: orNull(config['s3.sse.kms.key.id']),
    customerKey,
    acl: config['s3.acl.canned'],
    sendsMd5: config['s3.send.digest'],
    expectsContinue: config['s3.http.send.expect.continue'],
    tagging: config['s3.object.tagging'] ? taggingOf(config) : null,
  }
}

/** Keys that are set win over the provider, as in Java. */
function credentialsOf(config: S3SinkConfig): S3Settings['credentials'] {
  const accessKeyId = config['aws.access.key.id']
  if (accessKeyId !== '') return { from: 'keys', accessKeyId, secretAccessKey: config['aws.secret.access.key'] }
  return { from: credentialsFrom(config['s3.credentials.provider.class']) ?? 'default' }
}

function taggingOf(config: S3SinkConfig): S3Settings['tagging'] {
  const more = config['s3.object.tagging.key.value.pairs'].map(pair => {
    const at = pair.indexOf(':')
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  })
  return { more, isFailureIgnored: config['s3.object.behavior.on.tagging.error'] === 'ignore' }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.confluent.connect.s3.S3SinkConnector',
    taskClass: 'io.confluent.connect.s3.S3SinkTask',
    aliases: ['S3Sink', 'S3SinkConnector'],
    version: CONNECTORS_VERSION,
    config: s3SinkConfig,
    connector: () => lakeConnector(parse, checkS3Config),
    task: () => s3SinkTask(),
    previewTarget: lakePreview(systemClock, configureS3(systemClock)),
  },
]
