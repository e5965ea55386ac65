// Functions made at run time, where that is what makes a hot loop fast. Two rules: no text that comes from outside (names in records, schemas,
// configs) becomes source, it enters as numbers only; and where code generation is forbidden (--disallow-code-generation-from-strings) the
// answer is null and the caller's plain way serves. A whole worker does not start there: its REST server needs such functions, too. Any thread.

/** A string literal of character codes: whatever the text is, the source holds hexadecimal digits. */
export function literalOf(text: string): string {
  let codes = ''
  for (let i = 0; i < text.length; i++) codes += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`
  return `"${codes}"`
}

let isForbidden = false

/** The function with this body, or null where code may not be generated. */
export function generate<F>(parameters: readonly string[], body: string): F | null {
  if (isForbidden) return null
  try {
    return new Function(...parameters, body) as F
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    isForbidden = true
    return null
  }
}
