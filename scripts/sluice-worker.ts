// A standalone worker as a child process: a free REST port, a folder of its own, ready when REST answers. It ends with this process.
// Tests, the peer bench, the chaos run and the quickstart start it here. Main thread.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Leashed, leashed } from './kafka/leash.ts'
import { freePorts } from './kafka/probe.ts'

export const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url))
const READY_TIMEOUT_MS = 180_000
/** Ours ends itself after 15 s by default; Java's may hang for good in its REST server. */
const STOP_TIMEOUT_MS = 30_000

export interface WorkerOptions {
  bootstrap: string
  /** worker keys on top of the defaults: String keys, schemaless JSON values, offsets in the worker's folder (without group.id) */
  worker?: Record<string, string>
  /** connectors to start with, by name; written to properties files for the command line */
  connectors?: Record<string, Record<string, string>>
  /** kept after stop() when given: a second worker may go on from its offsets */
  folder?: string
  env?: Record<string, string>
  /** taken for REST when free; else any free one */
  port?: number
  /** REST is https, its certificate trusted by this one (PEM) */
  ca?: string
  /** what to run instead of `node bin/sluice.js standalone`; the files are appended */
  command?: readonly string[]
  /** when it aborts before the worker is ready, the worker is SIGKILLed and startWorker rejects */
  signal?: AbortSignal
}

export interface RestAnswer<T = unknown> {
  status: number
  /** parsed JSON, or text where it is none */
  body: T
}

export interface RestRequest {
  method?: string
  /** a string is sent as it is, anything else as JSON */
  body?: unknown
  headers?: Record<string, string>
}

export interface WorkerProcess {
  readonly url: string
  readonly pid: number
  readonly folder: string
  readonly logFile: string
  rest<T = unknown>(path: string, init?: RestRequest): Promise<RestAnswer<T>>
  /** also after stop() */
  logs(): string
  running(): boolean
  readonly exited: Promise<number>
  /** SIGTERM; resolves with the exit code when the process has ended */
  stop(): Promise<number>
  /** SIGKILL */
  kill(): Promise<void>
}

/** The text of a java.util.Properties file. */
export function propertiesText(values: Record<string, string>): string {
  const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')
  return Object.entries(values)
    .map(([key, value]) => `${escaped(key).replace(/[ :=#!]/g, '\\$&')}=${escaped(value).replace(/^ /, '\\ ')}\n`)
    .join('')
}

function writeConfigs(folder: string, port: number, options: WorkerOptions): string[] {
  const worker = {
    'bootstrap.servers': options.bootstrap,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    // a distributed worker of Java's would take it for a setting of its offset topic
    ...(options.worker?.['group.id'] === undefined ? { 'offset.storage.file.filename': join(folder, 'offsets') } : {}),
    'offset.flush.interval.ms': '1000',
    listeners: restUrl(port, options),
    ...options.worker,
  }
  const files = [join(folder, 'worker.properties')]
  writeFileSync(files[0] ?? '', propertiesText(worker))
  for (const [name, config] of Object.entries(options.connectors ?? {})) {
    const file = join(folder, `connector-${files.length}.properties`)
    writeFileSync(file, propertiesText({ name, ...config }))
    files.push(file)
  }
  return files
}

function restUrl(port: number, { ca }: WorkerOptions): string {
  return `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
}

/** Another rest() than fetch where the certificate is of a test's own authority. */
function httpsFetch(url: string, options: RequestOptions, body: string | null): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, agent: false }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', cause => reject(new TypeError('fetch failed', { cause })))
    sent.end(body)
  })
}

async function httpFetch(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  const response = await fetch(url, init)
  return { status: response.status, text: await response.text() }
}

async function ask<T>(url: string, path: string, init: RestRequest = {}, ca?: string): Promise<RestAnswer<T>> {
  const body = init.body === undefined ? null : typeof init.body === 'string' ? init.body : JSON.stringify(init.body)
  const headers = { ...(body === null ? {} : { 'content-type': 'application/json' }), ...init.headers }
  const method = init.method ?? 'GET'
  const { status, text } =
    ca === undefined
      ? await httpFetch(url + path, { method, body, headers })
      : await httpsFetch(url + path, { method, headers, ca }, body)
  let parsed: unknown = text
  try {
    parsed = JSON.parse(text)
  } catch {
    // /metrics and the like are text
  }
  return { status, body: parsed as T }
}

async function untilReady(url: string, child: Leashed, logFile: string, { signal, ca }: WorkerOptions): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    if (signal?.aborted) {
      child.signal('SIGKILL')
      await child.exited
      throw new Error('aborted before the worker was ready')
    }
    const answer = await ask(url, '/', {}, ca).catch(() => null)
    if (answer?.status === 200) return
    if (!child.running() || performance.now() > deadline) {
      child.signal('SIGKILL')
      const what = child.running() ? 'did not answer REST in time' : `ended with ${await child.exited}`
      throw new Error(`the worker ${what}; the end of its log:\n${readFileSync(logFile, 'utf8').slice(-4000)}`)
    }
    await delay(20)
  }
}

/** Starts the worker; resolves when `GET /` answers 200. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const [port = 0] = await freePorts(1, options.port)
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sluice-worker-'))
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
  const logFile = join(folder, 'worker.log')
  const url = restUrl(port, options)
  const [command = '', ...args] = options.command ?? [process.execPath, BIN, 'standalone']
  const child = await leashed(command, [...args, ...writeConfigs(folder, port, options)], {
    logFile,
    env: { ...process.env, ...options.env },
    ...(options.folder === undefined ? { folder } : {}),
  })
  await untilReady(url, child, logFile, options)
  child.unref()
  let lastLogs: string | null = null
  const logs = () => lastLogs ?? readFileSync(logFile, 'utf8')
  const removeFolder = () => {
    lastLogs = logs()
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  return {
    url,
    pid: child.pid,
    folder,
    logFile,
    rest: <T>(path: string, init?: RestRequest) =>
      ask<T>(url, path, init, options.ca).catch((error: Error) => {
        const why = (error.cause as { code?: string } | undefined)?.code ?? error.message
        const state = child.running() ? 'still runs' : 'has ended'
        throw new Error(
          `${init?.method ?? 'GET'} ${path}: ${why}; the worker ${state}; its log ends with:\n${logs().slice(-3000)}`,
          { cause: error },
        )
      }),
    logs,
    running: child.running,
    exited: child.exited,
    async stop() {
      child.signal('SIGTERM')
      const late = setTimeout(() => child.signal('SIGKILL'), STOP_TIMEOUT_MS)
      const code = await child.exited
      clearTimeout(late)
      removeFolder()
      return code
    },
    async kill() {
      child.signal('SIGKILL')
      await child.exited
      removeFolder()
    },
  }
}
