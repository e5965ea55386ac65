// The text form of REST listeners, and the keys that stood for them in old Connect versions. Main thread, at start.
import type { Check } from './checks.ts'
import type { Props } from './define.ts'

export const LISTENER_DEFAULT = 'http://:8083'

const LISTENER = /^([a-z]+):\/\/(\[[0-9a-f:.]+\]|[^:/[\]]*):([0-9]{1,5})\/?$/i
const PORT_MAX = 65_535

/** At least one listener, none of them empty. */
export const someListener: Check = (name, value) => {
  if (!Array.isArray(value)) return null
  const example = 'http://localhost:8080,https://localhost:8443'
  if (value.length === 0) return { message: `Invalid value for ${name}, at least one URL is expected, ex: ${example}.` }
  return value.includes('') ? { message: `Empty URL found when parsing ${name} list.` } : null
}

/** Why a text is no listener, or null. */
export function listenerFault(text: string): string | null {
  const match = LISTENER.exec(text)
  const form = 'a listener looks like http://host:port or https://host:port'
  if (match === null) return `'${text}' is no listener: ${form}`
  const [, scheme = '', , port = ''] = match
  if (scheme.toLowerCase() !== 'http' && scheme.toLowerCase() !== 'https') return `'${text}' has the scheme ${scheme}: ${form}`
  return Number(port) > PORT_MAX ? `'${text}' has the port ${port}: ports go to ${PORT_MAX}` : null
}

export const isTcpPort: Check = (_name, value) =>
  typeof value === 'number' && value >= 0 && value <= PORT_MAX ? null : `Value must be between 0 and ${PORT_MAX}`

/** `rest.host.name` and `rest.port` (Connect before 3.0) as `listeners`, where that is not given. */
export function withLegacyListener(props: Props): Props {
  const host = props['rest.host.name']
  const port = props['rest.port']
  if (props.listeners !== undefined || (host === undefined && port === undefined)) return props
  const written = (host ?? '').trim()
  const bracketed = written.includes(':') && !written.startsWith('[') ? `[${written}]` : written
  return { ...props, listeners: `http://${bracketed}:${(port ?? '8083').trim()}` }
}
