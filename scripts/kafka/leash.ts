// A child process that ends with this process, also when this one is SIGKILLed: a shell of a few lines holds the read end of a
// pipe whose write end only we hold, and kills the child when the pipe ends. Main thread of tests, benches and the quickstart.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

// $1 folder to remove when the pipe ends ('' = none); the rest is the command. Prints the child's pid, ends with its exit code.
// Being the child's parent, the shell reaps it only after it stopped watching: the pid it kills cannot belong to another.
const LEASH = `
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- 4>&- &
child=$!
echo "$child" >&4
exec 4>&-
( while read -r line <&3; do :; done; trap '' TERM; kill -9 "$child"; [ -n "$folder" ] && sleep 0.2 && rm -rf "$folder" ) 2>/dev/null &
watch=$!
exec 3<&-
wait "$child"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
`

export interface LeashOptions {
  /** stdout and stderr are appended to it */
  logFile: string
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** removed when this process dies before the child was stopped */
  folder?: string
}

export interface Leashed {
  readonly pid: number
  /** resolves with the exit code; 128 + n for signal n, as shells count */
  readonly exited: Promise<number>
  readonly running: () => boolean
  signal(name: NodeJS.Signals): void
  /** the child no longer keeps this process's event loop alive */
  unref(): void
}

function firstLine(shell: ChildProcess): Promise<string> {
  const pipe = shell.stdio[4] as NodeJS.ReadableStream
  return new Promise((resolve, reject) => {
    let text = ''
    pipe.on('data', chunk => (text += chunk))
    pipe.on('end', () => resolve(text.trim()))
    shell.on('error', reject)
  })
}

export async function leashed(command: string, args: readonly string[], options: LeashOptions): Promise<Leashed> {
  const log = openSync(options.logFile, 'a')
  const shell = spawn('/bin/sh', ['-c', LEASH, 'leash', options.folder ?? '', command, ...args], {
    stdio: ['pipe', log, log, 'ignore', 'pipe'],
    env: options.env ?? process.env,
    cwd: options.cwd,
    detached: true,
  })
  closeSync(log)
  let alive = true
  const exited = new Promise<number>(resolve => {
    shell.on('exit', (code, signal) => {
      alive = false
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 1))
    })
  })
  const pid = Number(await firstLine(shell))
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`could not start ${command}`)
  return {
    pid,
    exited,
    running: () => alive,
    signal(name) {
      if (!alive) return
      try {
        process.kill(pid, name)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    },
    unref() {
      shell.unref()
      for (const stream of [shell.stdin, shell.stdio[4]]) (stream as unknown as { unref?: () => void })?.unref?.()
    },
  }
}
