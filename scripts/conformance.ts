// docs/conformance.md from test/scenarios/table.ts. Called by scripts/docs.ts. Main thread.
import { markdownTable } from '../src/config/config-table.ts'
import { parts, rowsOf, type TableRow } from '../test/scenarios/table.ts'

const INTRO = `Scenarios that Java Connect's own tests check, and the test of ours that shows each from outside: through REST, topics, files and
the lines of connectors, against real workers and a real broker. \`npm run test:scenarios\` runs those in \`test/scenarios\`; the others belong to the run
that is named after their folder (\`test/broker\`: \`npm run test:broker\`). A test makes sure that each named test exists, and \`npm run test:scenarios\` that
each of its own has passed.`

const NAMES = 'Java classes are of 4.3.0; methods in one row differ in a setting only.'

/** What the test file is called from here. */
const linkTo = (file: string) => `[${file.replace(/^test\//, '').replace(/\.test\.ts$/, '')}](../${file})`

function tableOf(rows: readonly TableRow[]): string {
  return markdownTable(
    ['Scenario', "Java's test", 'Test of ours', 'Note'],
    rows.map(({ java, scenario, test, note }) => [
      scenario,
      java.replaceAll(/\w+/g, '`$&`'),
      test === null ? 'cannot be run from outside' : `${linkTo(test.file)}${test.name === scenario ? '' : `: ${test.name}`}`,
      note,
    ]),
  )
}

/** The page, and how many scenarios it has. */
export function conformancePage(note: string): string {
  const chapters = parts.map(part => {
    const rows = rowsOf(part)
    const classes = part.classes.map(
      ({ javaClass }) => `### ${javaClass}\n\n${tableOf(rows.filter(row => row.javaClass === javaClass))}`,
    )
    const run = rows.filter(row => row.test !== null).length
    return [`## ${part.title}`, `${part.intro} ${run} run, ${rows.length - run} cannot be run from outside.`, ...classes].join(
      '\n\n',
    )
  })
  const all = parts.flatMap(rowsOf)
  const count = `**${all.filter(row => row.test !== null).length}** of the ${all.length} rows below are run. ${NAMES}`
  return `${['# Conformance: the scenarios of Java Connect', note, INTRO, count, ...chapters].join('\n\n')}\n`
}
