// What the built program was made of: a hash over every source file, written by scripts/build.ts and compared by run.js. By content, not by
// time: a checkout, a copy or a clock must neither hide a change nor invent one.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['src', 'workers']
const FILES = ['package.json', 'package-lock.json', 'scripts/build.ts', 'scripts/build-core.ts']

/**
 * Takes some 10 ms.
 * @param {string} root the package's folder
 */
export function fingerprint(root) {
  const sources = FOLDERS.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts'))
      .sort()
      .map(path => join(folder, path)),
  )
  const hash = createHash('sha256')
  for (const path of [...FILES, ...sources]) {
    const text = readFileSync(join(root, path))
    hash.update(`${path} ${text.length}\n`).update(text)
  }
  return hash.digest('hex')
}
