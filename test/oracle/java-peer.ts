// One JVM that answers questions line by line, in order. Main thread of `npm run test:oracle`; each oracle names its own .java file.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { javaCommand } from '../../scripts/kafka/java.ts'

/** Questions that may wait for their answers: enough to keep Java busy, few enough to hold in memory. */
const WAITING_MAX = 32

interface Waiting {
  resolve(answer: string): void
  reject(error: Error): void
}

export class JavaPeer {
  readonly #child: ChildProcess
  readonly #waiting: Waiting[] = []
  #free: (() => void) | null = null
  #written = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.on('data', chunk => {
      this.#written = (this.#written + String(chunk)).slice(-4000)
    })
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', line => this.#answered(line))
    child.on('exit', code => this.#failAll(new Error(`java ended with ${code}: ${this.#written}`)))
    child.on('error', error => this.#failAll(error))
    child.stdin?.on('error', error => this.#failAll(error))
  }

  /** @param others .java files with classes that the main file uses */
  static async start(source: URL, others: readonly URL[] = []): Promise<JavaPeer> {
    const [command = '', ...args] = await javaCommand(source, [], ['-Xmx512m', '-XX:+UseSerialGC'], others)
    return new JavaPeer(spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] }))
  }

  /** Waits until Java can take another question without holding more than WAITING_MAX. */
  async ready(): Promise<void> {
    while (this.#waiting.length >= WAITING_MAX) {
      await new Promise<void>(resolve => {
        this.#free = resolve
      })
    }
  }

  async ask<A>(question: object): Promise<A> {
    const answer = new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`)
    return JSON.parse(await answer) as A
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }

  #answered(line: string): void {
    this.#waiting.shift()?.resolve(line)
    this.#free?.()
    this.#free = null
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
    this.#free?.()
  }
}
