// `npm run bench`: runs benches one after another, each in a process of its own. Arguments: folders of bench/ (micro, peer), then parts of
// file names to run only those; what follows `--` goes to each bench. Main thread.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const all = process.argv.slice(2)
const split = all.indexOf('--')
const args = split < 0 ? all : all.slice(0, split)
const passed = split < 0 ? [] : all.slice(split + 1)
const groups = args.filter(arg => arg === 'micro' || arg === 'peer')
const wanted = args.filter(arg => arg !== 'micro' && arg !== 'peer')

let failures = 0
for (const group of groups) {
  // a bench of several files starts at main.ts; a file that others import is named *-data.ts
  const pattern = group === 'micro' ? 'bench/micro/**/*.ts' : `bench/${group}/main.ts`
  for (const file of globSync(pattern, { cwd: ROOT, exclude: ['**/*-data.ts'] }).sort()) {
    if (wanted.length > 0 && !wanted.some(part => file.includes(part))) continue
    console.log(`\n== ${file}`)
    const result = spawnSync(process.execPath, ['--expose-gc', file, ...passed], { cwd: ROOT, stdio: 'inherit' })
    if (result.status !== 0) failures++
  }
}
process.exit(failures === 0 ? 0 : 1)
