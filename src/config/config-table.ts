// A configuration's keys as a table in Markdown, and where it stands in a README: between `<!-- generated:config -->` and
// `<!-- /generated:config -->`. Any thread; used by scripts/docs.ts, `sluice docs` and authors' tests.
import { settingText } from './coerce.ts'
import type { ConfigDef, KeyDef } from './define.ts'

const START = '<!-- generated:config -->'
const END = '<!-- /generated:config -->'

type Cell = string | null

/** A table cell: one line, no bar that ends it. */
const cell = (text: Cell) => (text ?? '').replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')

export function markdownTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function defaultText(def: KeyDef): string {
  if (def.default === undefined) return 'required'
  const text = settingText(def.default, def.type)
  if (text === null) return ''
  return text === '' ? 'empty' : `\`${text}\``
}

/** The keys of a declaration, those not for users left out; '' where there are none. */
export function configTable(config: ConfigDef): string {
  const shown = config.names.filter(name => config.keys[name]?.internal !== true)
  if (shown.length === 0) return ''
  const rows = shown.map(name => {
    const def = config.keys[name] as KeyDef
    return [`\`${name}\``, def.type, defaultText(def), def.importance, def.doc]
  })
  return markdownTable(['Key', 'Type', 'Default', 'Importance', 'What it does'], rows)
}

interface Documented {
  readonly className: string
  readonly config: ConfigDef
}

/** A README with the tables of these plugins between the markers; null where it has no markers. */
export function withConfigTable(readme: string, plugins: readonly Documented[]): string | null {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start < 0 || end < start) return null
  const tables = plugins.map(({ className, config }) => {
    const own = configTable(config) || 'It has no keys of its own.'
    return plugins.length > 1 ? `### ${className.slice(className.lastIndexOf('.') + 1)}\n\n${own}` : own
  })
  return `${readme.slice(0, start)}${START}\n${tables.join('\n\n')}\n${readme.slice(end)}`
}
