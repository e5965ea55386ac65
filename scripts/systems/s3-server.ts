// A real S3 server of a test or bench on a free loopback port: versitygw (Go, posix files, checks signatures) or moto (Python, in memory,
// does not). Fetched once into the cache by the language's own package client; ends with this process. Main thread.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { S3Client } from '@aws-sdk/client-s3'
import { type Leashed, leashed } from '../kafka/leash.ts'
import { cacheRoot, makeOnce } from '../kafka/maven.ts'
import { freePorts } from '../kafka/probe.ts'

export type S3ServerKind = 'versitygw' | 'moto'

const START_TIMEOUT_MS = 60_000
const VERSITYGW = '1.8.0'
const MOTO = '5.2.5'

export interface S3Server {
  readonly kind: S3ServerKind
  /** for store.url */
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly pid: number
  readonly logFile: string
  /** A client to look with, not the one under test. */
  client(): Promise<S3Client>
  makeBucket(name: string): Promise<void>
  stop(): Promise<void>
  /** SIGSTOP: connections stay, nothing answers */
  pause(): void
  resume(): void
  /** SIGKILL; `restart` brings it back on the same port. What was in memory is gone with moto. */
  kill(): Promise<void>
  restart(): Promise<void>
}

const run = promisify(execFile)

/** Runs a package client; its absence and its failure say what to install. */
async function fetchBy(command: string, args: readonly string[], env: NodeJS.ProcessEnv, needed: string): Promise<void> {
  if (!process.env.SLUICE_QUIET) process.stderr.write(`fetching an S3 server: ${command} ${args.join(' ')} ...\n`)
  try {
    await run(command, args, { env, maxBuffer: 1 << 26 })
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    throw new Error(`cannot fetch the S3 server for this test: ${needed}\n${(stderr || message).slice(-2000)}`)
  }
}

export interface S3ServerOptions {
  /** PEM; then the server speaks TLS (versitygw only) */
  readonly tls?: { readonly key: string; readonly certificate: string }
}

/** The command that starts the server of this kind. */
async function commandOf(
  kind: S3ServerKind,
  port: number,
  folder: string,
  options: S3ServerOptions,
): Promise<{ command: string[]; env: NodeJS.ProcessEnv }> {
  const data = join(folder, 'data')
  mkdirSync(data)
  if (kind === 'versitygw') {
    const binaries = await makeOnce(join(cacheRoot(), `versitygw-${VERSITYGW}`), target =>
      fetchBy(
        'go',
        ['install', `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW}`],
        { ...process.env, GOBIN: target },
        'Go 1.24 or newer is needed (https://go.dev/dl, or apt-get install -y golang)',
      ),
    )
    const tls = tlsArguments(folder, options)
    return {
      command: [join(binaries, 'versitygw'), '--port', `127.0.0.1:${port}`, '--quiet', ...tls, 'posix', data],
      env: process.env,
    }
  }
  const packages = await makeOnce(join(cacheRoot(), `moto-${MOTO}`), target =>
    fetchBy(
      'python3',
      ['-m', 'pip', 'install', '--quiet', '--target', target, `moto[server]==${MOTO}`],
      process.env,
      'Python 3.10 or newer with pip is needed (apt-get install -y python3 python3-pip)',
    ),
  )
  return {
    command: ['python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: { ...process.env, PYTHONPATH: packages },
  }
}

function tlsArguments(folder: string, { tls }: S3ServerOptions): string[] {
  if (tls === undefined) return []
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  writeFileSync(key, tls.key)
  writeFileSync(certificate, tls.certificate)
  return ['--cert', certificate, '--key', key]
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

class ServerProcess implements S3Server {
  readonly kind: S3ServerKind
  readonly url: string
  readonly region = 'us-east-1'
  readonly accessKeyId = 'sluicetestkey'
  readonly secretAccessKey = 'sluice-test-secret-0123456789'
  readonly logFile: string
  readonly #folder: string
  readonly #command: readonly string[]
  readonly #env: NodeJS.ProcessEnv
  #process: Leashed | null = null
  #client: S3Client | null = null

  constructor(kind: S3ServerKind, url: string, folder: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    this.kind = kind
    this.url = url
    this.#folder = folder
    this.logFile = join(folder, 'server.log')
    this.#command = command
    this.#env = { ...env, ROOT_ACCESS_KEY: this.accessKeyId, ROOT_SECRET_KEY: this.secretAccessKey }
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  async restart(): Promise<void> {
    const [command = '', ...args] = this.#command
    const child = await leashed(command, args, { logFile: this.logFile, folder: this.#folder, env: this.#env })
    this.#process = child
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!(await accepts(Number(new URL(this.url).port)))) {
      if (!child.running() || performance.now() > deadline) {
        child.signal('SIGKILL')
        throw new Error(`${this.kind} did not start; the end of its log:\n${readFileSync(this.logFile, 'utf8').slice(-3000)}`)
      }
      await delay(30)
    }
    child.unref()
  }

  async client(): Promise<S3Client> {
    if (this.#client !== null) return this.#client
    const { S3Client } = await import('@aws-sdk/client-s3')
    const { accessKeyId, secretAccessKey, region } = this
    this.#client = new S3Client({
      endpoint: this.url,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
    return this.#client
  }

  async makeBucket(name: string): Promise<void> {
    const { CreateBucketCommand } = await import('@aws-sdk/client-s3')
    await (await this.client()).send(new CreateBucketCommand({ Bucket: name }))
  }

  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL')
    // The child does not keep this process alive; this wait does.
    const waiting = setTimeout(() => {}, 60_000)
    await this.#process?.exited
    clearTimeout(waiting)
  }

  async stop(): Promise<void> {
    this.#client?.destroy()
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Resolves when it answers. Stop it at the end; it also ends with this process. */
export async function startS3Server(kind: S3ServerKind, options: S3ServerOptions = {}): Promise<S3Server> {
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'))
    const [port = 0] = await freePorts(1)
    const { command, env } = await commandOf(kind, port, folder, options)
    const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    const server = new ServerProcess(kind, url, folder, command, env)
    try {
      await server.restart()
      return server
    } catch (error) {
      // a port found free may be taken by the time the server binds it
      await server.stop()
      if (attempt === 3) throw error
    }
  }
}
