// The known name that a mistyped one was probably meant to be. Any thread; called where unknown keys and classes are reported.

/** Names further apart than this share of their length have nothing to do with each other. */
const DISTANCE_SHARE_MAX = 0.35
/** The same for what tells one class from others. */
const STEM_SHARE_MAX = 0.5
/** Longer names are compared by nobody's typing errors, and the distance costs the product of the lengths. */
const LENGTH_MAX = 200

/** Edit distance with neighbours swapped counting as one edit (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(before, j - 2) + 1)
      row.push(best)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

function at(row: readonly number[], i: number): number {
  return row[i] ?? Number.POSITIVE_INFINITY
}

/** What tells one class from others: its last part without the word for its kind (`Jdbc` of `a.b.JdbcSinkConnector`). */
function stemOf(className: string): string {
  const simple = className.slice(className.lastIndexOf('.') + 1)
  const stem = simple.replace(/(?:Connector|Converter)$/, '').replace(/(?:Sink|Source)$/, '')
  return stem === '' ? simple : stem
}

/** The class that a mistyped name was probably meant to be, or null: that both are sinks does not make them alike. */
export function nearestClass(name: string, known: Iterable<string>): string | null {
  const nearest = nearestName(name, known)
  if (nearest === null) return null
  const [wanted, found] = [stemOf(name).toLowerCase(), stemOf(nearest).toLowerCase()]
  return editDistance(wanted, found) <= Math.max(wanted.length, found.length) * STEM_SHARE_MAX ? nearest : null
}

/** The nearest of `known` regardless of case, or null where none is near. */
export function nearestName(name: string, known: Iterable<string>, shareMax = DISTANCE_SHARE_MAX): string | null {
  if (name.length > LENGTH_MAX) return null
  const wanted = name.toLowerCase()
  let nearest: string | null = null
  let smallest = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const allowed = Math.max(name.length, candidate.length) * shareMax
    if (Math.abs(candidate.length - name.length) > allowed) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance <= allowed && distance < smallest) {
      smallest = distance
      nearest = candidate
    }
  }
  return nearest
}
