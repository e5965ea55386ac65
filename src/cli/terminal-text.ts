// Text for a terminal: tables of aligned columns, and lines that cannot steer it. Pure; main thread of commands.

/** What came from a record, a config or a server must not steer the reader's terminal. */
export function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return line.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** On one line: line breaks of what is shown would look like lines of ours. */
export const onOneLine = (text: string): string => printable(text.replaceAll('\n', '\\n'))

/** Columns two spaces apart, the last one as long as it is; no rows: no table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const all = [head.map(name => name.toUpperCase()), ...rows.map(row => row.map(onOneLine))]
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  return all.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** `2 RUNNING, 1 FAILED`, as often met first. */
export function countsText(values: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => `${count} ${value}`).join(', ')
}

/** `1 task`, `2 tasks`. */
export const numberOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
