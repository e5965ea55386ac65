// Java jars from Maven Central, kept outside the repository: one folder per list of artifacts, made in a temporary folder and
// renamed, so that two processes may race for it. Run by the main thread of tests, benches and the quickstart.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const KAFKA_VERSION = '4.3.0'
const JAVA_VERSION_MIN = 17

/** The install command that the reader of an error can paste. */
function howToInstall(): string {
  return process.platform === 'darwin' ? 'brew install openjdk@17 maven' : 'apt-get install -y openjdk-17-jdk-headless maven'
}

export function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice')
}

function javaTool(name: string): string {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', name) : name
}

let javaChecked = false

/** Path of `java`, `javac` or `keytool`; an Error that names what to install when it is missing or too old. */
export function requireJava(tool: 'java' | 'javac' | 'keytool' = 'java'): string {
  const path = javaTool(tool)
  // it has no -version; it comes with the JDK
  if (tool === 'keytool') return path
  if (javaChecked && tool === 'java') return path
  const result = spawnSync(path, ['-version'], { encoding: 'utf8' })
  if (result.error || result.status !== 0) {
    throw new Error(
      `Cannot run '${path}': a JDK ${JAVA_VERSION_MIN} or newer is needed for Apache Kafka. Install: ${howToInstall()}`,
    )
  }
  const version = /(?:version "|javac )(?:1\.)?(\d+)/.exec(result.stderr + result.stdout)?.[1]
  if (version === undefined || Number(version) < JAVA_VERSION_MIN) {
    throw new Error(
      `'${path}' is Java ${version ?? '?'}, Apache Kafka ${KAFKA_VERSION} needs ${JAVA_VERSION_MIN} or newer. Install: ${howToInstall()}`,
    )
  }
  javaChecked = true
  return path
}

function pomFor(artifacts: readonly string[]): string {
  const dependencies = artifacts.map(artifact => {
    const [groupId, artifactId, version] = artifact.split(':')
    return `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sluice</groupId><artifactId>jars</artifactId><version>1</version>
<dependencies>
${dependencies.join('\n')}
</dependencies></project>
`
}

function runMaven(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [
      '-B',
      '-q',
      '-f',
      join(folder, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${join(folder, 'lib')}`,
    ]
    const child = spawn('mvn', [...args, '-DincludeScope=runtime'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    child.on('error', () =>
      reject(new Error(`Cannot run 'mvn': Maven is needed to download Apache Kafka. Install: ${howToInstall()}`)),
    )
    child.on('close', code => {
      if (code === 0) return resolve()
      reject(new Error(`mvn dependency:copy-dependencies ended with ${code}:\n${output.slice(-2000)}`))
    })
  })
}

/** Makes `target` by `fill`ing a temporary folder and renaming it: complete or absent, also when two processes race. */
export async function makeOnce(target: string, fill: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) return target
  mkdirSync(join(target, '..'), { recursive: true })
  const folder = mkdtempSync(`${target}.tmp-`)
  try {
    await fill(folder)
    renameSync(folder, target)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

/**
 * The folder with the jars of `artifacts` ("group:artifact:version") and of everything they need; downloaded once.
 */
export async function jars(name: string, artifacts: readonly string[]): Promise<string> {
  requireJava()
  const pom = pomFor(artifacts)
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 8)
  const folder = await makeOnce(join(cacheRoot(), `${name}-${hash}`), async temporary => {
    writeFileSync(join(temporary, 'pom.xml'), pom)
    if (!process.env.SLUICE_QUIET) process.stderr.write(`downloading ${artifacts.join(', ')} by Maven ...\n`)
    await runMaven(temporary)
  })
  return join(folder, 'lib')
}
