// `npm run bench`: runs benches one after another, each in a process of its own. Arguments: folders of bench/ (micro, peer ...), then parts of
// file names to run only those; what follows `--` goes to each bench. Main thread.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const GROUPS: readonly string[] = ['micro', 'peer', 'tasks', 'footprint', 'cluster', 'profile']
const all = process.argv.slice(2)
const split = all.indexOf('--')
const args = split < 0 ? all : all.slice(0, split)
const passed = split < 0 ? [] : all.slice(split + 1)
const wanted = args.filter(arg => !GROUPS.includes(arg))

let failures = 0
for (const group of args.filter(arg => GROUPS.includes(arg))) {
  const pattern = group === 'micro' ? 'bench/micro/*.ts' : `bench/${group}/main.ts`
  for (const file of globSync(pattern, { cwd: ROOT }).sort()) {
    if (wanted.length > 0 && !wanted.some(part => file.includes(part))) continue
    console.log(`\n== ${file}`)
    const result = spawnSync(process.execPath, ['--expose-gc', file, ...passed], { cwd: ROOT, stdio: 'inherit' })
    if (result.status !== 0) failures++
  }
}
process.exit(failures === 0 ? 0 : 1)
