// A broker of a few lines that wants SASL PLAIN: SaslHandshake v1, SaslAuthenticate v1, ApiVersions v0, Metadata v7 with no topics. It
// writes its answers in pieces of a chosen size. Main thread of a test file.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'

export interface SaslBroker {
  readonly bootstrap: string
  /** API keys of the requests, in order; -1 for a new connection */
  readonly seen: number[]
  /** takes the connection down instead of answering this API */
  dropAt: number
  /** what SaslAuthenticate says; the session never ends where 0 */
  sessionMs: number
  pieceBytes: number
  /** rack of the broker in Metadata: makes an answer as large as one likes, in steps of 32 KB */
  padding: number
  close(): Promise<void>
}

const HANDSHAKE = 17
const AUTHENTICATE = 36
const VERSIONS = 18
const METADATA = 3

export async function saslBroker(password = 'secret'): Promise<SaslBroker> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => serve(socket))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const broker: SaslBroker = {
    bootstrap: `127.0.0.1:${port}`,
    seen: [],
    dropAt: -1,
    sessionMs: 0,
    pieceBytes: 1_000_000,
    padding: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }

  function answer(key: number, r: Reader): Writer {
    const w = new Writer()
    if (key === HANDSHAKE) return w.int16(0).array(['PLAIN'], (v, name) => v.string(name))
    if (key === AUTHENTICATE) {
      const isRight = r.bytes().toString().split('\0')[2] === password
      return w
        .int16(isRight ? 0 : 58)
        .nullableString(isRight ? null : 'wrong password')
        .bytes(Buffer.alloc(0))
        .int64(broker.sessionMs)
    }
    if (key === VERSIONS)
      return w.int16(0).array([HANDSHAKE, AUTHENTICATE, VERSIONS, METADATA], (v, api) => v.int16(api).int16(0).int16(9))
    const nodes = Array.from({ length: 1 + broker.padding }, (_, i) => i)
    w.int32(0).array(nodes, (v, i) =>
      v
        .int32(i + 1)
        .string('127.0.0.1')
        .int32(port)
        .nullableString(i === 0 ? null : 'x'.repeat(32_000)),
    )
    return w.nullableString(null).int32(1).int32(0)
  }

  function serve(socket: Socket): void {
    sockets.add(socket)
    broker.seen.push(-1)
    socket.on('error', () => {})
    let received = Buffer.alloc(0)
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const r = new Reader(received.subarray(4, 4 + received.readInt32BE(0)))
        received = received.subarray(4 + received.readInt32BE(0))
        const key = r.int16()
        r.int16()
        const correlationId = r.int32()
        r.nullableString()
        broker.seen.push(key)
        if (key === broker.dropAt) return void socket.end()
        const body = answer(key, r).finish()
        const frame = new Writer()
          .int32(4 + body.length)
          .int32(correlationId)
          .raw(body)
          .finish()
        for (let at = 0; at < frame.length; at += broker.pieceBytes) socket.write(frame.subarray(at, at + broker.pieceBytes))
      }
    })
  }
  return broker
}
