// Text of whatever a plugin gave or threw: nothing here fails, whatever the value's own methods do. Any thread; for messages.

/** As String, where that works. */
export function anyText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return '(a value without a text)'
  }
}

/** As JSON, bigints as their digits in quotes; what has no JSON as anyText. */
export function anyJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, v) => (typeof v === 'bigint' ? v.toString() : v)) ?? anyText(value)
  } catch {
    return anyText(value)
  }
}
