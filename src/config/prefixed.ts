// Keys below a prefix, as Java's AbstractConfig.originalsWithPrefix. Any thread.
import type { Props } from './define.ts'

/** The props whose names begin with `prefix`, without it; a name that is the prefix itself is left out. */
export function prefixed(props: Props, prefix: string): Props {
  const below = Object.entries(props).filter(([name]) => name.length > prefix.length && name.startsWith(prefix))
  return Object.fromEntries(below.map(([name, value]) => [name.slice(prefix.length), value]))
}
