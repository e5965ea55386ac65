// Keys below a prefix, as Java's AbstractConfig.originalsWithPrefix. Any thread.
import type { Props } from './define.ts'

/** The props whose names begin with `prefix`, without it; a name that is the prefix itself is left out. */
export function prefixed(props: Props, prefix: string): Props {
  const below = Object.entries(props).filter(([name]) => name.length > prefix.length && name.startsWith(prefix))
  return Object.fromEntries(below.map(([name, value]) => [name.slice(prefix.length), value]))
}

/** The same for `list.alias.` of every alias at once, in one pass over the props. Aliases may hold dots. */
export function belowAliases(props: Props, list: string, aliases: readonly string[]): ReadonlyMap<string, Props> {
  const below = new Map<string, Record<string, string>>(aliases.map(alias => [alias, {}]))
  const from = list.length + 1
  for (const [name, value] of Object.entries(props)) {
    if (!name.startsWith(`${list}.`)) continue
    for (let dot = name.indexOf('.', from); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const own = below.get(name.slice(from, dot))
      const key = name.slice(dot + 1)
      if (own !== undefined && key !== '')
        Object.defineProperty(own, key, { value, enumerable: true, configurable: true, writable: true })
    }
  }
  return below
}
