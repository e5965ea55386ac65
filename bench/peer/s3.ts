// The lake in a bucket of versitygw, a real S3 server whose objects are files: they are followed and read as those of a folder. One server a
// bench, started when it is first needed; it ends with this process. Main thread of the benches.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type S3Server, startS3Server } from '../../scripts/systems/s3-server.ts'
import { parquetProgress } from '../progress.ts'
import { factsOfLake, lakeKeys, type Work } from './outputs.ts'

let started: Promise<S3Server> | null = null

export const jsonToS3: Work = async place => {
  started ??= startS3Server('versitygw')
  const server = await started
  const bucket = place.connector.toLowerCase()
  await server.makeBucket(bucket)
  const folder = join(dirname(server.logFile), 'data', bucket)
  return {
    config: {
      'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
      ...lakeKeys(place),
      'store.url': server.url,
      's3.bucket.name': bucket,
      's3.region': server.region,
      'aws.access.key.id': server.accessKeyId,
      'aws.secret.access.key': server.secretAccessKey,
    },
    progress: parquetProgress(folder, place.contender, place.connector),
    serverPid: server.pid,
    facts: () => factsOfLake(place, folder),
    remove: async () => rmSync(folder, { recursive: true }),
  }
}
