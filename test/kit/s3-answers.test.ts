// Goal: bytes count as written only where S3 said so. A proxy before it that answers with a page of its own, HTTP 200, kept nothing.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { MIB } from '../../src/base/units.ts'
import { s3Store } from '../../src/kit/object-store/s3/s3-store.ts'

const PAGE = '<html><body>back soon</body></html>'
const PART_BYTES = 5 * MIB
const OWNER = { prefix: '', name: 'events+0+' }

/** S3 behind a proxy that answers the first request of each kind itself. `heard`: what came, in order; a star: the proxy answered. */
async function behindProxy(t: TestContext) {
  const heard: string[] = []
  const server = createServer((request, answer) => {
    const query = new URL(request.url ?? '', 'http://s3').searchParams
    const kind = `${request.method}${query.has('uploads') ? ' begin' : ''}${query.has('partNumber') ? ' part' : ''}`
    request.resume().on('end', () => {
      // The upload's beginning has no answer that could be mistaken.
      const isProxy = kind !== 'POST begin' && !heard.includes(`${kind}*`)
      heard.push(isProxy ? `${kind}*` : kind)
      if (isProxy) return answer.end(PAGE)
      if (request.method === 'PUT') return answer.setHeader('ETag', '"x"').end()
      answer.setHeader('Content-Type', 'application/xml')
      if (kind === 'POST begin')
        return answer.end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>')
      return answer.end('<CompleteMultipartUploadResult><ETag>"x-1"</ETag></CompleteMultipartUploadResult>')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const store = s3Store({
    bucket: 'b',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { from: 'nowhere' },
    isPathStyle: true,
    isAccelerated: false,
    partBytes: PART_BYTES,
    retries: 1,
    retryBackoffMs: 1,
    encryption: null,
    kmsKeyId: null,
    customerKey: null,
    acl: null,
    sendsMd5: false,
    expectsContinue: false,
    tagging: null,
  })
  return { store, heard }
}

test('an object that a proxy answered for is sent again', async t => {
  const { store, heard } = await behindProxy(t)
  const upload = await store.begin('small', OWNER)
  await upload.write(Buffer.from('bytes'))
  assert.equal(await upload.complete(), 'written')
  assert.deepEqual(heard, ['PUT*', 'PUT'])
})

test('so are a part, and the request that makes an object of parts', async t => {
  const { store, heard } = await behindProxy(t)
  const upload = await store.begin('large', OWNER)
  await upload.write(Buffer.alloc(PART_BYTES))
  await upload.write(Buffer.alloc(1))
  assert.equal(await upload.complete(), 'written')
  assert.deepEqual(heard.filter(kind => kind !== 'PUT part').toSorted(), ['POST', 'POST begin', 'POST*', 'PUT part*'])
  assert.equal(heard.filter(kind => kind === 'PUT part').length, 2)
})
