// Is a broker up? Asks ApiVersions and Metadata in bytes written by hand, so that the launcher needs no client, least of all the one
// under test. Also free ports. Main thread of tests, benches and the quickstart.
import { type AddressInfo, connect, createServer, type Server } from 'node:net'

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** `count` ports nobody listens on, the first one `wished` if it is free; all held open until all are known, so they differ. */
export async function freePorts(count: number, wished = 0): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(servers.map((server, i) => listen(server, i === 0 ? wished : 0).catch(() => listen(server, 0))))
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

// request: int32 size, int16 key, int16 version, int32 correlation, int16 client id length (-1), body
function request(key: number, version: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(14 + body.length)
  bytes.writeInt32BE(10 + body.length, 0)
  bytes.writeInt16BE(key, 4)
  bytes.writeInt16BE(version, 6)
  bytes.writeInt32BE(key, 8)
  bytes.writeInt16BE(-1, 12)
  body.copy(bytes, 14)
  return bytes
}

const API_VERSIONS = request(18, 0, Buffer.alloc(0))
const METADATA = request(3, 1, Buffer.alloc(4)) // no topics, brokers only

/** True when the broker answers and names at least one live broker (itself) in its metadata. */
export function brokerAnswers(host: string, port: number, timeoutMs = 3000): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    let received = Buffer.alloc(0)
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(timeoutMs, () => done(false))
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
    socket.on('connect', () => socket.write(API_VERSIONS))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      // response: int32 size, int32 correlation; ApiVersions: int16 error; Metadata v1: int32 number of brokers
      if (received.readInt32BE(4) === 18) {
        if (received.readInt16BE(8) !== 0) return done(false)
        received = Buffer.alloc(0)
        socket.write(METADATA)
      } else {
        done(received.readInt32BE(8) > 0)
      }
    })
  })
}
