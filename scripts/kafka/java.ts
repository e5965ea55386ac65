// Runs Java beside us: the real Connect and clients (the oracle of tests, the peer of benches), and single .java files compiled into
// the cache. Main thread of tests and benches.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheRoot, jars, KAFKA_VERSION, makeOnce, requireJava } from './maven.ts'

const kafka = (name: string) => `org.apache.kafka:${name}:${KAFKA_VERSION}`

/** What a Java Connect worker with the file connectors needs; kafka-tools brings the console tools. */
export const CONNECT_ARTIFACTS: readonly string[] = [
  ...['connect-runtime', 'connect-file', 'connect-json', 'connect-transforms', 'kafka-clients', 'kafka-tools'].map(kafka),
  'org.apache.logging.log4j:log4j-slf4j-impl:2.25.4',
]

/** "folder/*", for -cp */
export async function classpath(
  artifacts: readonly string[] = CONNECT_ARTIFACTS,
  name = `connect-${KAFKA_VERSION}`,
): Promise<string> {
  return join(await jars(name, artifacts), '*')
}

/**
 * The command line of Java's worker, for startWorker.
 * @param more jar files that are on its class path besides
 */
export async function javaWorkerCommand(
  mode: 'Standalone' | 'Distributed' = 'Standalone',
  more: readonly string[] = [],
  jvm: readonly string[] = ['-Xmx512m'],
): Promise<readonly string[]> {
  const path = [await classpath(), ...more].join(':')
  return [requireJava(), ...jvm, '-cp', path, `org.apache.kafka.connect.cli.Connect${mode}`]
}

/** The jar of Kafka's own test connectors. They are not for plugin.path: Java does not isolate their package, and would not find the classes. */
export async function testConnectorsJar(): Promise<string> {
  const lib = await jars(`connect-test-plugins-${KAFKA_VERSION}`, [kafka('connect-test-plugins')])
  return join(lib, `connect-test-plugins-${KAFKA_VERSION}.jar`)
}

/**
 * Compiles one .java file (once for each content) and gives the command line that runs its main class, named as the file.
 * @param others files with classes that it uses
 */
export async function javaCommand(
  source: string | URL,
  args: readonly string[] = [],
  jvm: readonly string[] = [],
  others: readonly URL[] = [],
): Promise<string[]> {
  const file = typeof source === 'string' ? source : fileURLToPath(source)
  const files = [file, ...others.map(other => fileURLToPath(other))]
  const libraries = await classpath()
  const text = readFileSync(file, 'utf8')
  const hash = createHash('sha256').update(libraries)
  for (const each of files) hash.update(readFileSync(each))
  const name = basename(file, '.java')
  const javaPackage = /^package ([\w.]+);/m.exec(text)?.[1]
  const main = javaPackage === undefined ? name : `${javaPackage}.${name}`
  const classes = await makeOnce(join(cacheRoot(), 'classes', `${name}-${hash.digest('hex').slice(0, 12)}`), async folder => {
    const result = spawnSync(requireJava('javac'), ['-nowarn', '-cp', libraries, '-d', folder, ...files], { encoding: 'utf8' })
    if (result.error) throw result.error
    if (result.status !== 0) throw new Error(`javac ${file}:\n${result.stdout}${result.stderr}`)
  })
  return [requireJava(), ...jvm, '-cp', `${classes}:${libraries}`, main, ...args]
}

/** Runs the file to its end; an exit code other than 0 is an Error with what it wrote. */
export async function runJava(source: string | URL, args: readonly string[] = [], input = ''): Promise<string> {
  const [command = '', ...rest] = await javaCommand(source, args)
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', chunk => out.push(chunk))
    child.stderr.on('data', chunk => err.push(chunk))
    child.on('error', reject)
    child.on('close', code => {
      const stdout = Buffer.concat(out).toString()
      if (code === 0) return resolve(stdout)
      reject(
        new Error(
          `java ${args.join(' ')} ended with ${code}:\n${stdout.slice(-2000)}${Buffer.concat(err).toString().slice(-4000)}`,
        ),
      )
    })
    child.stdin.end(input)
  })
}
