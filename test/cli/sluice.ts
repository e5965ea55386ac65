// Starts the command line as a process of its own, with a folder for its files. Used by the tests of cli/ and by test/broker.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '../../bin')
/** A worker that says nothing for this long has failed the test. */
const START_MS = 60_000

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'sluice-cli-'))

  write(name: string, lines: Record<string, string> | string): string {
    const text = typeof lines === 'string' ? lines : Object.entries(lines).map(([key, value]) => `${key}=${value}\n`)
    const path = join(this.path, name)
    writeFileSync(path, typeof text === 'string' ? text : text.join(''))
    return path
  }

  /** a worker that starts, on a free port, with a broker that is not there unless named */
  worker(change: Record<string, string> = {}): string {
    return this.write('worker.properties', {
      'bootstrap.servers': '127.0.0.1:1',
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.storage.file.filename': join(this.path, 'offsets'),
      listeners: 'http://127.0.0.1:0',
      'log.format': 'text',
      ...change,
    })
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export class Sluice {
  readonly process: ChildProcess
  output = ''
  /** exit code, or the signal that ended it */
  readonly exit: Promise<number | string>

  constructor(bin: string, args: readonly string[]) {
    this.process = spawn(process.execPath, [join(BIN, bin), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.process.stdout?.on('data', (data: Buffer) => (this.output += data.toString()))
    this.process.stderr?.on('data', (data: Buffer) => (this.output += data.toString()))
    this.exit = new Promise(resolve => this.process.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')))
  }

  /** The URL of its REST API, once it is up. */
  async url(): Promise<string> {
    const found = await this.waitFor(/Kafka Connect started: REST on (http:\S+)/)
    return (found[1] ?? '').replace(/\/$/, '')
  }

  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(START_MS)
    let ended: number | string | null = null
    void this.exit.then(code => (ended = code))
    for (;;) {
      const found = pattern.exec(this.output)
      if (found !== null) return found
      if (ended !== null) throw new Error(`the worker ended with ${ended} before ${pattern}:\n${this.output}`)
      if (deadline.aborted) throw new Error(`the worker did not say ${pattern} within ${START_MS} ms:\n${this.output}`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** Stops it in order. */
  async stop(): Promise<number | string> {
    this.process.kill('SIGTERM')
    return this.exit
  }

  kill(): void {
    this.process.kill('SIGKILL')
  }
}
