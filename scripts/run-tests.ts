// `npm test` and its parts: picks test files by group, starts one Kafka broker for those that share it, runs them with node:test and ends
// with a summary. Arguments: groups (unit, broker, scenarios, parity, interop, chaos, soak, oracle, systems), then parts of file names to run only those. Main thread.
import { globSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parts, rowsOf } from '../test/scenarios/table.ts'
import { endHungChildren } from './hung-children.ts'
import { broker } from './kafka/broker.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Of a test, whose name node:test tells then, and of a file. A soak is as long as is asked for. */
const TIMEOUT_MS = 600_000 + Number(process.env.SOAK_MINUTES ?? 0) * 60_000
/** A file is killed once its time has been over for so long, or twice that. */
const HUNG_LOOK_MS = 30_000
/** Folders that `unit` leaves out: each is a group. */
const GROUPS: readonly string[] = ['broker', 'scenarios', 'parity', 'interop', 'chaos', 'soak', 'oracle', 'systems']

function filesOf(group: string): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: ROOT }).sort()
  return all.filter(file => {
    const folder = file.split('/')[1] ?? ''
    return group === 'unit' ? !GROUPS.includes(folder) : folder === group
  })
}

const counts = { tests: 0, pass: 0, fail: 0, skipped: 0 }
const failed: string[] = []

async function runGroup(group: string, wanted: readonly string[]): Promise<void> {
  const files = filesOf(group).filter(file => wanted.length === 0 || wanted.some(part => file.includes(part)))
  if (files.length === 0) return
  if (['broker', 'scenarios', 'parity', 'interop'].includes(group)) process.env.KAFKA_BOOTSTRAP = (await broker()).bootstrap
  console.log(`\n== ${group}: ${files.length} files`)
  // chaos and soak measure or kill: one at a time
  const concurrency = ['unit', 'broker', 'scenarios'].includes(group) ? 2 : 1
  const stream = run({ cwd: ROOT, files, concurrency, timeout: TIMEOUT_MS })
  const passed = new Set<string>()
  stream.on('test:pass', event => void passed.add(`${event.file?.replace(ROOT, '') ?? ''}: ${event.name}`))
  stream.on('test:fail', event => {
    if (event.details.type !== 'suite') failed.push(`${event.file ?? ''}: ${event.name}`)
  })
  stream.on('test:summary', event => {
    if (event.file !== undefined) return // one summary a file, and one of all
    counts.tests += event.counts.tests
    counts.pass += event.counts.passed
    counts.skipped += event.counts.skipped + event.counts.todo
    counts.fail += event.counts.tests - event.counts.passed - event.counts.skipped - event.counts.todo
  })
  const reporter = new spec()
  const output = stream.compose(reporter)
  output.pipe(process.stdout, { end: false })
  await finished(output)
  if (group !== 'scenarios') return
  // the table names what has to be run here, not only what is in the files
  for (const { test } of parts.flatMap(rowsOf))
    if (test !== null && files.includes(test.file) && !passed.has(`${test.file}: ${test.name}`))
      failed.push(`${test.file}: ${test.name}: named by test/scenarios/table.ts, and has not passed`)
}

async function endHungFiles(): Promise<void> {
  for (const { ranForS, args } of await endHungChildren(process.pid, /\.test\.ts/, (TIMEOUT_MS + HUNG_LOOK_MS) / 1000)) {
    const file = /\S+\.test\.ts/.exec(args)?.[0] ?? args
    console.log(`${file} hung: killed after ${ranForS} s`)
    failed.push(`${file}: hung, killed after ${ranForS} s`)
  }
}

let ending = Promise.resolve()
setInterval(() => {
  ending = ending.then(endHungFiles).catch(error => console.log(`cannot look for hung test files: ${error}`))
}, HUNG_LOOK_MS).unref()
const args = process.argv.slice(2)
const groups = args.filter(arg => arg === 'unit' || GROUPS.includes(arg))
const wanted = args.filter(arg => !groups.includes(arg))
for (const group of groups) await runGroup(group, wanted)
await ending
if (failed.length > 0) console.log(`\nfailed:\n${failed.map(name => `  ${name.replace(ROOT, '')}`).join('\n')}`)
console.log(`\n# tests ${counts.tests}\n# pass ${counts.pass}\n# fail ${counts.fail}\n# skipped ${counts.skipped}`)
console.log(`${counts.pass} passed, ${counts.fail} failed`)
process.exit(counts.fail > 0 || failed.length > 0 || counts.tests === 0 ? 1 : 0)
