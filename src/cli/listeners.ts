// The `listeners` and `admin.listeners` of a worker: their text, how they are opened, and the address that others are told. Main thread;
// called by rest-servers.ts.
import { lookup } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { ConfigError } from '../base/errors.ts'

export type Scheme = 'http' | 'https'

export interface Listener {
  /** the configuration it comes from */
  readonly key: string
  readonly scheme: Scheme
  /** '' for all interfaces */
  readonly host: string
  readonly port: number
  /** as the user wrote it */
  readonly text: string
}

/** @throws ConfigError for a listener that is no http://host:port or https://host:port */
export function parseListeners(key: string, texts: readonly string[]): Listener[] {
  return texts.map(text => {
    const match = /^(https?):\/\/(\[[^\]]*\]|[^:/]*):(\d{1,5})\/?$/i.exec(text.trim())
    const port = Number(match?.[3])
    if (match === null || port > 65_535)
      throw new ConfigError(key, `Invalid listener ${text} in ${key}: it must look like http://host:port or https://host:port`)
    const scheme = match[1]?.toLowerCase() === 'https' ? 'https' : 'http'
    return { key, scheme, host: (match[2] ?? '').replace(/^\[|\]$/g, ''), port, text: text.trim() }
  })
}

/** Opens the listener and returns its port. @throws ConfigError naming port and key when that does not work */
export async function listen(app: FastifyInstance, listener: Listener): Promise<number> {
  try {
    await listenOn(app, listener)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const { key, text, port } = listener
    const why = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be opened (${message})`
    const advice = 'Choose another one, or stop what uses it'
    throw new ConfigError(key, `Port ${port} of ${key}=${text} ${why}. ${advice}`, { cause: error })
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
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
}

export interface AdvertisedConfig {
  readonly host: string | null
  readonly port: number | null
  /** null: http where there is such a listener */
  readonly scheme: string | null
}

/** How others reach this worker: `rest.advertised.*`, else a listener of the scheme, its host, the machine's address. */
export async function advertised(
  listeners: readonly { readonly listener: Listener; readonly port: number }[],
  config: AdvertisedConfig,
): Promise<Advertised> {
  const hasHttp = listeners.some(({ listener }) => listener.scheme === 'http')
  const scheme: Scheme = (config.scheme?.toLowerCase() ?? (hasHttp ? 'http' : 'https')) === 'https' ? 'https' : 'http'
  const found = listeners.find(({ listener }) => listener.scheme === scheme)
  if (found === undefined) {
    const key = 'rest.advertised.listener'
    throw new ConfigError(key, `${key} is ${scheme}, but no listener has that scheme: add one to listeners`)
  }
  const host = config.host ?? (found.listener.host === '' ? await machineHost(hostname()) : found.listener.host)
  return { scheme, host, port: config.port ?? found.port }
}

/**
 * The address that a machine's name stands for, IPv4 before IPv6, as in Java (Jetty's Server.getURI): others need not know the name. The name
 * itself where it stands for nothing, and where it stands for a loopback address, which is the caller itself on any other machine.
 */
export async function machineHost(name: string): Promise<string> {
  try {
    const { address } = await lookup(name, { order: 'ipv4first' })
    return isLoopback(address) ? name : address
  } catch {
    return name
  }
}

const isLoopback = (address: string) => (isIPv6(address) ? address === '::1' : address.startsWith('127.'))
