// Starts the program (run.js) on Node 24: in this process where it is one, else in a child of the npm package `node`. Plain JavaScript
// for Node 18 and later, because it must run before the right Node is known.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR = 24
const RUN = new URL('./run.js', import.meta.url)
const ALLOCATOR = { MALLOC_ARENA_MAX: '1' }

/** @param {string[]} args */
export function start(args) {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) {
    if (process.platform === 'linux' && process.env.MALLOC_ARENA_MAX === undefined) beginAgain()
    process.argv.splice(2, process.argv.length, ...args)
    import(RUN.href).catch(error => {
      console.error(error)
      process.exit(1)
    })
    return
  }
  const node = findNode()
  if (node === null) {
    console.error(
      `Sluice needs Node ${NODE_MAJOR} or later; this is ${process.version} and the npm package "node" is not installed beside it.`,
    )
    console.error(`Install Node ${NODE_MAJOR} (nodejs.org), or run: npm install node@${NODE_MAJOR}`)
    process.exit(2)
  }
  runChild(node, args)
}

/**
 * The C library gives threads memory from arenas of their own and rarely gives it back: a busy worker was 66 of 396 MB smaller with one arena, and
 * not slower (docs/decisions/0021). It reads the number when a process begins, so this one begins again, in place: process id, open files and
 * parent stay. Takes some 40 ms; whoever sets MALLOC_ARENA_MAX keeps what it says.
 */
function beginAgain() {
  // Not where a parent holds a channel to us: it would be cut.
  if (process.execve === undefined || process.connected === true) return
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(process.execPath, args, { ...process.env, ...ALLOCATOR })
}

/** @returns {string | null} the binary of the npm package `node` */
function findNode() {
  const names = process.platform === 'win32' ? ['node.exe'] : ['node']
  const folders = [fileURLToPath(new URL('../node_modules/node/bin', import.meta.url))]
  try {
    folders.push(join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin'))
  } catch {
    // not installed, or only where the first folder looks
  }
  for (const folder of folders) for (const name of names) if (existsSync(join(folder, name))) return join(folder, name)
  return null
}

/**
 * The child has our terminal and our signals, and ends when we are killed: the channel between us closes then (see entry.ts).
 * @param {string} node
 * @param {string[]} args
 */
function runChild(node, args) {
  const child = spawn(node, [...process.execArgv, fileURLToPath(RUN), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...ALLOCATOR, ...process.env, SLUICE_PARENT: '1' },
  })
  // A terminal sends SIGINT to the child itself as well: passing it on would count as the second one, which exits at once.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    console.error(`${node} could not be started: ${error.message}`)
    process.exit(2)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)))
}
