// The first code of a worker's process, on Node 24: from dist/ where that was built of these very sources, else the TypeScript. Plain
// JavaScript, because loading TypeScript takes 50 ms and 4 MB. Imported by start.js, or run by it in a child process.
import { existsSync, readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { fingerprint } from './fingerprint.js'

const ROOT = new URL('../', import.meta.url)
const SOURCE = new URL('../src/cli/entry.ts', import.meta.url)
const BUILT = new URL('../dist/src/cli/entry.js', import.meta.url)

/** No built program that is older or newer than the sources beside it; without sources (a package as released) the built one. */
function isBuilt() {
  if (!existsSync(BUILT)) return false
  if (!existsSync(SOURCE)) return true
  try {
    return JSON.parse(readFileSync(new URL('dist/build.json', ROOT), 'utf8')).fingerprint === fingerprint(fileURLToPath(ROOT))
  } catch {
    return false
  }
}

// Threads give back what their start took (src/actor/trim-heap.ts). Before the cache: V8 refuses code that was cached under other flags.
setFlagsFromString('--expose-gc')
// Beside the program, not in Node's default below the system's temporary folder: what may be written there could run here.
if (process.env.NODE_COMPILE_CACHE === undefined) {
  const folder = fileURLToPath(new URL('node_modules/.cache/sluice/compiled', ROOT))
  // Threads look into the environment for it. No directory where the folder cannot be written: then everything is compiled as it is met.
  if (enableCompileCache(folder).directory !== undefined) process.env.NODE_COMPILE_CACHE = folder
}

import((isBuilt() ? BUILT : SOURCE).href).catch(error => {
  console.error(error)
  process.exit(1)
})
