// A connection reads into one buffer, a small one until an answer fills it: three of an idle task's connections would hold 256 KiB each.
import assert from 'node:assert/strict'
import dns from 'node:dns'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { openReusingSocket } from '../../src/kafka/broker-socket.ts'

test('a plain socket begins with a small buffer, takes a large one for large answers, and gives every byte in order', async () => {
  const sent = Buffer.alloc(4 << 20)
  for (let i = 0; i < sent.length; i += 4) sent.writeUInt32BE(i, i)
  const server = createServer(peer => peer.end(sent)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const socket = openReusingSocket({ host: '127.0.0.1', port }, () => {})
    const buffers = new Set<ArrayBufferLike>()
    const got: Buffer[] = []
    socket.on('data', (view: Buffer) => {
      buffers.add(view.buffer)
      got.push(Buffer.from(view))
    })
    await once(socket, 'close')
    assert.ok(Buffer.concat(got).equals(sent))
    assert.deepEqual(
      [...buffers].map(({ byteLength }) => byteLength),
      [16 * 1024, 256 * 1024],
    )
  } finally {
    server.close()
  }
})

test('a broker whose name has several addresses is read rightly when only a later one answers', async t => {
  const server = createServer(peer => peer.end('answer')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const addresses = [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]
  t.mock.method(dns, 'lookup', (_host: string, _options: object, done: (error: null, found: typeof addresses) => void) =>
    process.nextTick(done, null, addresses),
  )
  try {
    const { port } = server.address() as AddressInfo
    const socket = openReusingSocket({ host: 'several-addresses', port }, () => {})
    let got = ''
    socket.on('data', (view: Buffer) => {
      got += view.toString()
    })
    await once(socket, 'close')
    assert.equal(got, 'answer')
  } finally {
    server.close()
  }
})
