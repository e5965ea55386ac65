// A strict reader of Prometheus' text format (version 0.0.4), for tests: what it does not take, a scrape would refuse or misread.

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const SERIES = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)(?: -?\\d+)?$`)
const VALUE = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$|^NaN$|^[+-]Inf$/i
/** Series of a histogram or summary bear the name of their family and more. */
const FAMILY_SUFFIX = /_(bucket|sum|count)$/

/** Value by series, the series as they are written. */
export function seriesOf(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = line.startsWith('#') ? null : SERIES.exec(line)
    if (match !== null) found.set(line.slice(0, line.lastIndexOf(' ')), Number(match[3]))
  }
  return found
}

/** What is wrong with the text; nothing is as it should be. */
export function violations(text: string): string[] {
  const wrong: string[] = []
  const types = new Map<string, string>()
  const helps = new Set<string>()
  const series = new Set<string>()
  const closed = new Set<string>()
  let family = ''
  if (!text.endsWith('\n')) wrong.push('the last line does not end')
  for (const line of text.split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    const sample = SERIES.exec(line)
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment
      if (kind === 'HELP' && helps.has(name)) wrong.push(`HELP twice: ${name}`)
      if (kind === 'TYPE' && types.has(name)) wrong.push(`TYPE twice: ${name}`)
      if (kind === 'TYPE' && !/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) wrong.push(`no type: ${line}`)
      if (kind === 'HELP') helps.add(name)
      else types.set(name, rest)
      if (name !== family) closed.add(family)
      if (closed.has(name)) wrong.push(`${name} comes again after others`)
      family = name
    } else if (sample === null || !VALUE.test(sample[3] ?? '')) wrong.push(`not a sample: ${line}`)
    else {
      const [, name = '', labels = ''] = sample
      const owner = types.has(name) ? name : name.replace(FAMILY_SUFFIX, '')
      if (owner !== family) wrong.push(`${name} is not below its own HELP and TYPE`)
      if (!helps.has(owner) || !types.has(owner)) wrong.push(`no HELP or TYPE: ${name}`)
      if (types.get(owner) === 'counter' && Number(sample[3]) < 0) wrong.push(`a counter below zero: ${line}`)
      const key = `${name}{${labels
        .split(/,(?=[a-zA-Z_])/)
        .sort()
        .join()}}`
      if (series.has(key)) wrong.push(`series twice: ${key}`)
      series.add(key)
    }
  }
  return wrong
}
