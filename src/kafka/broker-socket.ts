// Opens a socket to a broker: TCP, then TLS where it is configured. Runs in the thread that made the Cluster; used by cluster.ts
// alone, which authenticates on it and makes a Connection of it.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

const KEEP_ALIVE_DELAY_MS = 60_000
/** Bytes read at once from a plain socket, into one buffer a connection: at first, and once an answer has filled that. */
const FIRST_READ_BYTES = 16 * 1024
const READ_BYTES = 256 * 1024

export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * A plain socket whose 'data' events carry views of one buffer, valid during the event only. Without it Node makes a new buffer for every
 * read, and their weight has V8 collect its old generation every few MB: 0.3 us a record of a JSON sink. Of a task's connections only the one that
 * fetches needs much: three large buffers weigh 0.4 MB in an idle task.
 */
export function openReusingSocket({ host, port }: Address, onConnect: () => void): Socket {
  let buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_READ_BYTES)
  const callback = (bytes: number, filled: Uint8Array) => {
    if (bytes === filled.length && bytes < READ_BYTES) buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    socket.emit('data', filled.subarray(0, bytes))
    return true
  }
  // Asked after each read and by every attempt to connect: a name may have several addresses, and an attempt that is given none
  // would read elsewhere, with this buffer's old bytes handed to `callback`.
  const onread = { buffer: () => buffer, callback }
  const socket = connectTcp({ host, port, onread }, onConnect)
  return prepared(socket)
}

/** `onConnect` is called when bytes may be written: behind the TLS handshake, where there is one. */
export function openSocket({ host, port }: Address, tls: ConnectionOptions | null, onConnect: () => void): Socket {
  // node:tls is loaded by the first TLS connection only: it takes 1.6 MB a thread
  const socket =
    tls === null
      ? connectTcp({ host, port }, onConnect)
      : process
          .getBuiltinModule('node:tls')
          .connect({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tls, host, port }, onConnect)
  return prepared(socket)
}

function prepared(socket: Socket): Socket {
  // Requests are written whole, so nothing is gained by waiting for more; a small one would wait for the acknowledgement of the one before.
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
  return socket
}

/** `host:port`, with brackets around an IPv6 address, as bootstrap.servers has it. */
export function parseAddress(server: string): Address {
  const colon = server.lastIndexOf(':')
  return { host: server.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(server.slice(colon + 1)) }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
