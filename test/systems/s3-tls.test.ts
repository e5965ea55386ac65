// Over TLS, as S3 itself is met: what is written reads back, bodies are covered by a checksum and not hashed for the signature as well, and a
// certificate that nobody signed is refused.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connectS3 } from '../../src/kit/object-store/s3/s3-client.ts'
import { s3Store } from '../../src/kit/object-store/s3/s3-store.ts'
import { Authority } from '../support/certificates.ts'
import { PART_BYTES_MIN, settingsFor } from '../support/s3-buckets.ts'
import { startS3Server } from '../support/s3-server.ts'
import { tempFolder } from '../support/temp-folder.ts'

const authority = new Authority('sluice test authority')
const server = await startS3Server('versitygw', { tls: authority.identity('s3') })
after(() => server.stop())

test('what goes up over TLS reads back, small and in parts', t => {
  const ca = join(tempFolder(t), 'ca.pem')
  writeFileSync(ca, authority.certificate)
  const url = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href)
  const script = `
    const { s3Store } = await import(${url('src/kit/object-store/s3/s3-store.ts')})
    const { connectS3 } = await import(${url('src/kit/object-store/s3/s3-client.ts')})
    const { settingsFor } = await import(${url('test/support/s3-buckets.ts')})
    const settings = settingsFor(${JSON.stringify({ url: server.url, region: server.region, accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey })}, 'lake')
    const { client, sdk } = await connectS3(settings)
    await client.send(new sdk.CreateBucketCommand({ Bucket: 'lake' }))
    const store = s3Store(settings)
    const same = []
    for (const size of [0, 3, ${2 * PART_BYTES_MIN + 5}]) {
      const bytes = Buffer.alloc(size, 'over TLS ')
      const upload = await store.begin('topics/' + size, { prefix: '', name: '' })
      await upload.write(bytes)
      await upload.complete({ ifAbsent: true })
      same.push(bytes.equals(await store.read('topics/' + size)))
    }
    process.stdout.write(JSON.stringify(same))
  `
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca }
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' })
  assert.equal(answer, '[true,true,true]')
})

test('a certificate that nobody signed is refused, and no other try is made', async () => {
  const store = s3Store(settingsFor(server, 'lake'))
  await assert.rejects(store.head('x'), (error: Error & { retriable?: boolean }) => {
    assert.match(error.message, /certificate/)
    return error.retriable === false
  })
})

test('over TLS a body has a checksum and no hash in the signature; in the clear it has both', async () => {
  const headersOf = async (endpoint: string, sendsTo: 'PutObjectCommand' | 'UploadPartCommand') => {
    const { client, sdk } = await connectS3(settingsFor(server, 'lake', { endpoint }))
    let headers: Record<string, string> = {}
    client.middlewareStack.add(
      () => async args => {
        headers = (args.request as { headers: Record<string, string> }).headers
        throw new Error('not sent')
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const about = { Bucket: 'lake', Key: 'x', Body: Buffer.from('x') }
    const command =
      sendsTo === 'PutObjectCommand'
        ? client.send(new sdk.PutObjectCommand(about))
        : client.send(new sdk.UploadPartCommand({ ...about, UploadId: 'u', PartNumber: 1 }))
    await assert.rejects(command, /not sent/)
    return headers
  }
  for (const command of ['PutObjectCommand', 'UploadPartCommand'] as const) {
    const encrypted = await headersOf('https://127.0.0.1:9', command)
    assert.equal(encrypted['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
    assert.match(String(encrypted['x-amz-checksum-crc32']), /^.{8}$/)
    assert.match(String(encrypted.authorization), /SignedHeaders=[^,]*x-amz-checksum-crc32[^,]*x-amz-content-sha256/)
    const clear = await headersOf('http://127.0.0.1:9', command)
    assert.match(String(clear['x-amz-content-sha256']), /^[0-9a-f]{64}$/)
    assert.match(String(clear['x-amz-checksum-crc32']), /^.{8}$/)
  }
})
