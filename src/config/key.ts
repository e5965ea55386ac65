// Short forms for tables of keys, where a row is one line. Any thread.
import type { Check, Importance, Kind } from './define.ts'

interface RequiredRow<K extends Kind> {
  readonly type: K
  readonly importance: Importance
  readonly doc: string
  readonly check?: Check
}

interface Row<K extends Kind, D> extends RequiredRow<K> {
  readonly default: D
}

/** An optional key; null: no default. */
export function key<const K extends Kind, const D>(
  type: K,
  value: D,
  importance: Importance,
  doc: string,
  check?: Check,
): Row<K, D> {
  return { type, default: value, importance, doc, ...(check === undefined ? {} : { check }) }
}

/** A key without which there is nothing to run. */
export function required<const K extends Kind>(type: K, doc: string, check?: Check): RequiredRow<K> {
  return { type, importance: 'high', doc, ...(check === undefined ? {} : { check }) }
}
