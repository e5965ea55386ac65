// The `listeners` of a worker: opened before anything is started, because the port is part of the worker's name. Main thread; called
// by standalone.ts.
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { ConfigError } from '../base/errors.ts'

const KEY = 'listeners'

export interface Listener {
  /** '' for all interfaces */
  readonly host: string
  readonly port: number
  /** as the user wrote it */
  readonly text: string
}

/** @throws ConfigError for a listener that is no http://host:port */
export function parseListeners(texts: readonly string[]): Listener[] {
  if (texts.length === 0) throw new ConfigError(KEY, `${KEY} is empty: name at least one, for example http://:8083`)
  return texts.map(text => {
    const match = /^(\w+):\/\/(\[[^\]]*\]|[^:/]*):(\d{1,5})\/?$/.exec(text.trim())
    const port = Number(match?.[3])
    if (match === null || port > 65_535)
      throw new ConfigError(KEY, `Invalid listener ${text} in ${KEY}: it must look like http://host:port`)
    const scheme = match[1]?.toLowerCase()
    if (scheme !== 'http') {
      throw new ConfigError(KEY, `Invalid listener ${text} in ${KEY}: ${scheme} is not supported by this version, use http`)
    }
    return { host: (match[2] ?? '').replace(/^\[|\]$/g, ''), port, text: text.trim() }
  })
}

/** Opens the listener and returns its port. @throws ConfigError naming port and key when that does not work */
export async function listen(app: FastifyInstance, listener: Listener): Promise<number> {
  try {
    await listenOn(app, listener)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be opened (${message})`
    const todo = 'Choose another one, or stop what uses it'
    throw new ConfigError(KEY, `Port ${listener.port} of ${KEY}=${listener.text} ${why}. ${todo}`, { cause: error })
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : listener.port
}

async function listenOn(app: FastifyInstance, { host, port }: Listener): Promise<void> {
  if (host !== '') {
    await app.listen({ host, port })
    return
  }
  try {
    await app.listen({ host: '::', port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
    await app.listen({ host: '0.0.0.0', port })
  }
}

export interface Advertised {
  readonly host: string
  readonly port: number
}

/** How others reach this worker: `rest.advertised.*`, else the listener's host, else the machine's name. */
export function advertised(listener: Listener, port: number, host: string | null, advertisedPort: number | null): Advertised {
  return { host: host ?? (listener.host === '' ? hostname() : listener.host), port: advertisedPort ?? port }
}
