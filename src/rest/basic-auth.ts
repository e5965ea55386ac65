// Who may call: user names and passwords in HTTP's basic form, as Java's BasicAuthSecurityRestExtension asks for them. Calls between the
// workers of a cluster carry a signature instead and pass. Main thread; used by app.ts.
import { createHash, timingSafeEqual } from 'node:crypto'

export interface Credentials {
  /** none: everybody is let in, as in Java */
  readonly passwords: ReadonlyMap<string, string>
}

/** Of a header longer than this nothing is decoded. */
const HEADER_MAX = 8_192

const INTERNAL: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/connectors/:connector/tasks'],
  ['PUT', '/connectors/:connector/fence'],
]

export function isInternal(method: string, path: string): boolean {
  return INTERNAL.some(([m, p]) => m === method && p === path)
}

export function mayPass({ passwords }: Credentials, authorization: string | undefined): boolean {
  if (passwords.size === 0) return true
  const encoded = /^basic\s+(\S+)\s*$/i.exec((authorization ?? '').slice(0, HEADER_MAX))?.[1]
  if (encoded === undefined) return false
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return false
  const expected = passwords.get(text.slice(0, colon))
  // Compared also for a user that is not there: the time must not tell which users there are.
  return same(text.slice(colon + 1), expected ?? '') && expected !== undefined
}

const digest = (text: string) => createHash('sha256').update(text).digest()

function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}
