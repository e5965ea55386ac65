// docs/conformance.md from test/scenarios/table.ts. Called by scripts/docs.ts. Main thread.
import { markdownTable } from '../src/config/config-table.ts'
import { parts, rowsOf, type TableRow } from '../test/scenarios/table.ts'

const INTRO = `Scenarios that Java Connect's own tests check, and the test of ours that shows each. Those in \`test/scenarios\` and \`test/broker\` show it from
outside: through REST, topics, files and the lines of connectors, against real workers and a real broker. Those in other folders are unit tests of
the part of a worker that decides it. \`npm run test:scenarios\` runs those in \`test/scenarios\`, \`npm run test:broker\` those in \`test/broker\`,
\`npm run test:unit\` the others. A test makes sure that each named test exists, and \`npm run test:scenarios\` that each of its own has passed.`

const NAMES = 'Java classes are of 4.3.0; methods in one row differ in a setting only.'

/** Tests that look at workers from outside. */
const OUTSIDE = /^test\/(?:scenarios|broker)\//

/** What the test file is called from here. */
const linkTo = (file: string) => `[${file.replace(/^test\//, '').replace(/\.test\.ts$/, '')}](../${file})`

function tableOf(rows: readonly TableRow[]): string {
  return markdownTable(
    ['Scenario', "Java's test", 'Test of ours', 'Note'],
    rows.map(({ java, scenario, test, note }) => [
      scenario,
      java.replaceAll(/(?<=[(,] ?)[^\s,()][^,()]*|\w+/g, '`$&`'),
      test === null ? 'cannot be run from outside' : `${linkTo(test.file)}${test.name === scenario ? '' : `: ${test.name}`}`,
      note,
    ]),
  )
}

/** How many rows are Java's and run, of these by unit tests, are Java's and not run, and are not Java's. */
function countsOf(rows: readonly TableRow[]) {
  const run = rows.filter(({ test, isMixed }) => test !== null && !isMixed)
  const unit = run.filter(({ test }) => test !== null && !OUTSIDE.test(test.file)).length
  return {
    run: run.length,
    unit,
    not: rows.filter(({ test }) => test === null).length,
    mixed: rows.filter(({ isMixed }) => isMixed).length,
  }
}

/** The page, and how many scenarios it has. */
export function conformancePage(note: string): string {
  const chapters = parts.map(part => {
    const rows = rowsOf(part)
    const classes = part.classes.map(
      ({ javaClass }) => `### ${javaClass}\n\n${tableOf(rows.filter(row => row.javaClass === javaClass))}`,
    )
    const { run, not, mixed } = countsOf(rows)
    const more = mixed === 0 ? '' : `; ${mixed} more rows have a Java worker among ours`
    return [`## ${part.title}`, `${part.intro} ${run} run, ${not} cannot be run from outside${more}.`, ...classes].join('\n\n')
  })
  const { run, not, unit, mixed } = countsOf(parts.flatMap(rowsOf))
  const count = `**${run}** of the ${run + not} scenarios of Java below are run, ${run - unit} of them from outside and ${unit} by unit tests. ${mixed} more rows have a Java worker among ours, which Java's do not. ${NAMES}`
  return `${['# Conformance: the scenarios of Java Connect', note, INTRO, count, ...chapters].join('\n\n')}\n`
}
