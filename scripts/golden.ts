// `npm run golden`: records every golden file of test/golden anew from the Java classes that Maven fetches. Each folder there has a
// record.ts with its recorders; arguments: parts of folder names to record only those. A recording is taken over when all
// recorders of its folder have ended well, and a second run changes nothing: time zone, language and identity hashes are fixed here,
// random numbers come from fixed seeds in the recorders. Needs a JDK 17 (later ones write some doubles with fewer digits) and Maven. Main thread.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { javaCommand } from './kafka/java.ts'

/** What a folder's record.ts exports as `recorders`. Paths are relative to the folder. */
export interface GoldenRecorder {
  /** a .java file; its main gets [...args, the file of cases if there is one, the folder to write into] */
  readonly java: string
  /** the cases: a .json file, or a .ts file that prints them as JSON */
  readonly cases?: string
  readonly args?: readonly string[]
  /** what runs it, where that takes more than the one Java process; writes into `target` */
  readonly run?: (target: string) => Promise<void>
}

export const GOLDEN = fileURLToPath(new URL('../test/golden/', import.meta.url))
/** What stands in a golden folder without being recorded: sources, texts, and the cases that are written by hand. */
const NOT_RECORDED = /\.(ts|java|md)$|^cases\.json$/
const RECORDER_TIMEOUT_MS = 300_000
const OUTPUT_BYTES_MAX = 256 << 20
const JAVA_VERSION = 17
/** The same answer on every machine and in every run. Identity hashes decide the order of HashMaps of byte arrays and `[B@..` texts. */
const JVM = [
  ...['-Duser.timezone=UTC', '-Duser.language=en', '-Duser.country=US', '-Dfile.encoding=UTF-8'],
  ...['-XX:+UnlockExperimentalVMOptions', '-XX:hashCode=2'],
]

/** Folders of test/golden, all of which must have a record.ts. */
export function goldenFolders(): string[] {
  return readdirSync(GOLDEN, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .sort()
}

/** The recorded files of a folder. */
export function recordedFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && !NOT_RECORDED.test(entry.name))
    .map(entry => entry.name)
    .sort()
}

export async function recordersOf(name: string): Promise<readonly GoldenRecorder[]> {
  const file = join(GOLDEN, name, 'record.ts')
  if (!existsSync(file)) throw new Error(`${file} is missing: it must export 'recorders' (see scripts/golden.ts)`)
  return ((await import(file)) as { recorders: readonly GoldenRecorder[] }).recorders
}

function casesFile(folder: string, cases: string, temporary: string): string {
  if (!cases.endsWith('.ts')) return join(folder, cases)
  const file = join(temporary, cases.replace(/\.ts$/, '.json'))
  const options = { maxBuffer: OUTPUT_BYTES_MAX, stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'] }
  writeFileSync(file, execFileSync(process.execPath, [join(folder, cases)], options))
  return file
}

async function run(name: string, recorder: GoldenRecorder, temporary: string, target: string): Promise<void> {
  if (recorder.run !== undefined) return recorder.run(target)
  const folder = join(GOLDEN, name)
  const args = [...(recorder.args ?? [])]
  if (recorder.cases !== undefined) args.push(casesFile(folder, recorder.cases, temporary))
  const [command = '', ...rest] = await javaCommand(join(folder, recorder.java), [...args, target], JVM)
  const options = { encoding: 'utf8', timeout: RECORDER_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX, cwd: temporary } as const
  const result = spawnSync(command, rest, options)
  if (result.error) throw new Error(`${name}/${recorder.java}: ${result.error.message}`)
  if (result.status !== 0) {
    throw new Error(
      `${name}/${recorder.java} ended with ${result.status}:\n${result.stdout.slice(-2000)}${result.stderr.slice(-4000)}`,
    )
  }
}

/** Takes the recorded files over and names those that changed. */
function take(folder: string, target: string): string[] {
  const made = readdirSync(target).sort()
  if (made.length === 0) throw new Error(`the recorders of ${folder} wrote nothing`)
  const strange = recordedFiles(folder).filter(file => !made.includes(file))
  if (strange.length > 0) throw new Error(`no recorder of ${folder} makes ${strange.join(', ')}: delete it, or record it`)
  const changed = made.filter(file => {
    const known = join(folder, file)
    return !existsSync(known) || !readFileSync(known).equals(readFileSync(join(target, file)))
  })
  for (const file of changed) copyFileSync(join(target, file), join(folder, file))
  return changed
}

/** Records one folder; the names of the files that changed. */
async function record(name: string): Promise<string[]> {
  const temporary = mkdtempSync(join(tmpdir(), `sluice-golden-${name}-`))
  try {
    const target = join(temporary, 'recorded')
    mkdirSync(target)
    const recorders = await recordersOf(name)
    for (const [i, recorder] of recorders.entries()) {
      process.stdout.write(`${name}: ${recorder.java} (${i + 1} of ${recorders.length}) ...`)
      const started = performance.now()
      await run(name, recorder, temporary, target)
      console.log(` ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
    const changed = take(join(GOLDEN, name), target)
    const files = readdirSync(target).length
    console.log(`${name}: ${files} files, ${changed.length === 0 ? 'none changed' : `changed: ${changed.join(', ')}`}`)
    return changed
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function warnOfOtherJava(java: string): void {
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  const version = /version "(\d+)/.exec(stderr)?.[1]
  if (version !== String(JAVA_VERSION)) {
    console.log(`Java ${version}: the files in git are from JDK ${JAVA_VERSION}; later ones write some doubles with fewer digits`)
  }
}

async function main(wanted: readonly string[]): Promise<void> {
  const names = goldenFolders().filter(name => wanted.length === 0 || wanted.some(part => name.includes(part)))
  if (names.length === 0)
    throw new Error(`no folder of test/golden is named like ${wanted.join(', ')}: ${goldenFolders().join(', ')}`)
  warnOfOtherJava(process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java')
  let changed = 0
  for (const name of names) changed += (await record(name)).length
  console.log(changed === 0 ? 'all files are as they were' : `${changed} files changed: see git diff, then run npm run test:unit`)
}

if (import.meta.main) await main(process.argv.slice(2))
