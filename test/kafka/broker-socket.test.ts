// A connection reads into one buffer, a small one until an answer fills it: three of an idle task's connections would hold 256 KiB each.
import assert from 'node:assert/strict'
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
