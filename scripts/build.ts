// `npm run build`: dist/ with the program as JavaScript, laid out like the source tree. One bundle a thread entry and package export; what
// they share is in shared chunks, so that all of a thread, plugins included, meet one copy of each class. bin/run.js starts it. Main thread.
import { globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type BuildOptions, build as bundle, type Metafile } from 'esbuild'
import { fingerprint } from '../bin/fingerprint.js'
import { buildCore } from './build-core.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = ['src/cli/entry.ts', 'src/api/index.ts', 'src/kit/index.ts', 'workers/*.ts']
/** Packages of many small files that the start needs. All others stay where npm put them: native, or loaded when they are needed. */
const BUNDLED = ['fastify', 'prom-client']
/** CommonJS that was bundled asks for Node's modules by `require`. */
const BANNER = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);"

interface Manifest {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

function externalPackages(): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Manifest
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  return names.filter(name => !BUNDLED.includes(name)).flatMap(name => [name, `${name}/*`])
}

/** Builds into `out`, a folder beside `node_modules` and package.json. */
export async function build(out: string): Promise<Metafile> {
  const made = fingerprint(ROOT)
  // Aside and then renamed: nobody starts half a program.
  const aside = mkdtempSync(`${out}.new-`)
  try {
    const shared: BuildOptions = {
      absWorkingDir: ROOT,
      outbase: ROOT,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      external: externalPackages(),
      sourcemap: 'linked',
      // Every thread holds the text of what it loads. Names stay as they are, and lines short, for traces.
      minifyWhitespace: true,
      lineLimit: 120,
      logLevel: 'warning',
      banner: { js: BANNER },
    }
    const core = await buildCore(ROOT, aside, shared)
    const entries = [...ENTRIES.flatMap(entry => globSync(entry, { cwd: ROOT })), ...core.later.map(path => `${path}.ts`)]
    const { metafile, outputFiles } = await bundle({
      ...shared,
      entryPoints: entries.map(path => ({ in: join(ROOT, path), out: path.replace(/\.ts$/, '') })),
      outdir: aside,
      splitting: true,
      // As deep as source files: see src/base/layout.ts.
      chunkNames: 'src/chunks/[name]-[hash]',
      metafile: true,
      write: false,
      plugins: [core.plugin],
    })
    for (const { path, text } of outputFiles) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, core.link(text, relative(aside, path)))
    }
    checkNames([join(aside, core.path), ...outputFiles.map(({ path }) => path)])
    writeFileSync(join(aside, 'build.json'), `${JSON.stringify({ fingerprint: made }, null, 2)}\n`)
    rmSync(out, { recursive: true, force: true })
    renameSync(aside, out)
    return metafile
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    throw error
  }
}

/** Two classes of one name in a chunk: esbuild renames one, and errors are known by their class's name in traces. */
function checkNames(paths: readonly string[]): void {
  for (const path of paths.filter(one => one.endsWith('.js'))) {
    const renamed = /\b\w+Error\d+ ?= ?class\b/.exec(readFileSync(path, 'utf8'))
    if (renamed !== null) throw new Error(`${path} renames a class of errors: ${renamed[0]}. Give it another name`)
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist') } } })
  const { outputs } = await build(values.out)
  const code = Object.entries(outputs).filter(([path]) => path.endsWith('.js'))
  const bytes = code.reduce((sum, [, output]) => sum + output.bytes, 0)
  console.log(`${values.out}: ${code.length} files, ${(bytes / 1024).toFixed(0)} KiB of JavaScript`)
}
