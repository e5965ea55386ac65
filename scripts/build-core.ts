// The part of the built program that every task thread needs, as one file: a thread that loads it as 35 shared chunks spends more time on
// finding modules than on running them (docs/decisions/0022). Everything outside imports it from there, so that a thread has one copy of each
// class. esbuild has no say over its chunks: the core is a bundle of its own that exports all that its modules export, under names that
// hold the module's number, and imports of these modules elsewhere are rewritten. Main thread; used by build.ts.
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { type BuildOptions, build as bundle, type Loader, type Metafile, type Plugin, transform } from 'esbuild'

/** What all sink tasks load, and the plugins that most of them name. */
const ROOTS = [
  'src/actor/actor-host.ts',
  'src/actor/trim-heap.ts',
  'src/api/index.ts',
  'src/config/variables.ts',
  'src/task/sink-task/open.ts',
  'src/converters/string-converter.ts',
  'src/converters/simple-header.ts',
]
/** Where it goes in the output, as deep as source files: see src/base/layout.ts. */
const CORE = 'src/chunks/core.js'
/** Modules of Node that cost a thread up to 1 MB: the code that needs one asks for it then (process.getBuiltinModule), not when it is loaded. */
const HEAVY = ['child_process', 'crypto', 'http', 'http2', 'https', 'tls'].map(name => `node:${name}`)
/** In place of the core's path, which is another one from each folder. */
const PLACEHOLDER = 'sluice-core'

export interface Core {
  /** the core itself, relative to the output folder */
  readonly path: string
  /** modules that it loads later: entries of the rest, by their path without extension */
  readonly later: readonly string[]
  /** for the bundle of the rest: imports of the core's modules are imports of the core */
  readonly plugin: Plugin
  /** Puts the core's path in the text of an output at this path. */
  link(text: string, path: string): string
}

/** @param shared options of all bundles of the program; @param outdir gets the core */
export async function buildCore(root: string, outdir: string, shared: BuildOptions): Promise<Core> {
  const later = new Set<string>()
  const modules = await modulesBelow(root, shared, later)
  const numbers = new Map(modules.map((module, i) => [module, i]))
  const exported = await exportsOf(modules, root, shared)
  const named = (module: string, name: string) => `m${numbers.get(module)}_${name}`
  const reexports = (module: string) => (exported.get(module) ?? []).map(name => `${named(module, name)} as ${name}`).join(', ')
  const { metafile } = await bundle({
    ...shared,
    metafile: true,
    stdin: {
      contents: modules
        .map(module => {
          const names = (exported.get(module) ?? []).map(name => `${name} as ${named(module, name)}`)
          return names.length === 0 ? `import './${module}'` : `export { ${names.join(', ')} } from './${module}'`
        })
        .join('\n'),
      resolveDir: root,
      sourcefile: 'core',
    },
    outfile: join(outdir, CORE),
    plugins: [
      laterImports(root, module => {
        later.add(module)
        return `${relative(dirname(CORE), module.replace(/\.ts$/, '.js'))}`
      }),
    ],
  })
  checkLight(metafile)
  return {
    path: CORE,
    later: [...later].sort().map(module => module.replace(/\.ts$/, '')),
    plugin: {
      name: 'core',
      setup(build) {
        build.onResolve({ filter: new RegExp(`^${PLACEHOLDER}$`) }, ({ path }) => ({ path, external: true }))
        build.onLoad({ filter: /\/(src|workers)\/.*\.ts$/ }, async ({ path }) => {
          const module = relative(root, path)
          // An entry, or imported in a way that is not rewritten: it is the core's copy all the same.
          if (numbers.has(module))
            return { contents: `export { ${reexports(module)} } from '${PLACEHOLDER}'`, loader: 'js' as Loader }
          return { contents: await rewritten(path), loader: 'js' as Loader }
        })
      },
    },
    link: (text, path) => text.replaceAll(`"${PLACEHOLDER}"`, JSON.stringify(fileImport(path, CORE))),
  }

  /** The file as JavaScript, its imports of the core's modules made imports of the core; as many lines, for the source map. */
  async function rewritten(path: string): Promise<string> {
    const { code } = await transform(readFileSync(path, 'utf8'), {
      loader: 'ts',
      sourcefile: relative(root, path),
      sourcemap: 'inline',
      target: 'node24',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    })
    return code.replace(
      /^(import|export) (?:(\{[^}]*\}|\*|\* as \w+) from )?"(\.[^"]+)";$/gm,
      (statement, word: string, names: string | undefined, target: string) => {
        const module = relative(root, resolve(dirname(path), target))
        if (!numbers.has(module)) return statement
        const lines = '\n'.repeat(statement.split('\n').length - 1)
        if (names === undefined) return `import "${PLACEHOLDER}";${lines}`
        if (names === '*') return `export { ${reexports(module)} } from "${PLACEHOLDER}";${lines}`
        if (names.startsWith('*')) throw new Error(`${path} imports ${module} as a namespace: the core has no such thing`)
        const renamed = names
          .slice(1, -1)
          .split(',')
          .map(name => name.trim())
          .filter(name => name !== '')
          .map(name => {
            const [own = '', as = own] = name.split(' as ')
            return `${named(module, own)} as ${as}`
          })
        return `${word} { ${renamed.join(', ')} } from "${PLACEHOLDER}";${lines}`
      },
    )
  }
}

function checkLight({ inputs }: Metafile): void {
  for (const [module, { imports }] of Object.entries(inputs)) {
    const heavy = imports.find(({ path, kind }) => kind === 'import-statement' && HEAVY.includes(path))
    if (heavy !== undefined) throw new Error(`${module} is loaded by every task thread, and imports ${heavy.path}`)
  }
}

function fileImport(from: string, to: string): string {
  const path = relative(dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}

/** Our modules that the roots import, at once or by way of others. What they import later is put into `later`. */
async function modulesBelow(root: string, shared: BuildOptions, later: Set<string>): Promise<string[]> {
  const { metafile } = await bundle({
    ...shared,
    entryPoints: ROOTS,
    outdir: 'unused',
    write: false,
    metafile: true,
    plugins: [laterImports(root, module => later.add(module) && module)],
  })
  const modules = Object.keys(metafile.inputs).sort()
  const strange = modules.filter(module => !module.startsWith('src/'))
  if (strange.length > 0) throw new Error(`the core is ours alone, and would hold ${strange.join(', ')}`)
  return modules
}

async function exportsOf(modules: string[], root: string, shared: BuildOptions): Promise<Map<string, string[]>> {
  const { metafile } = await bundle({
    ...shared,
    entryPoints: modules,
    outdir: 'unused',
    splitting: true,
    write: false,
    metafile: true,
    plugins: [laterImports(root, module => module)],
  })
  return new Map(
    Object.values(metafile.outputs).flatMap(({ entryPoint, exports }) =>
      entryPoint === undefined ? [] : [[entryPoint, exports]],
    ),
  )
}

/** Modules of ours that are loaded when they are needed stay outside. `place` gives their path as the importer shall have it. */
function laterImports(root: string, place: (module: string) => string): Plugin {
  return {
    name: 'later',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' ? { path: place(relative(root, resolve(resolveDir, path))), external: true } : undefined,
      )
    },
  }
}
