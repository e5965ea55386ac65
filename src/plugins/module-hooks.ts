// How a plugin's imports resolve in this thread: `sluice` and `sluice/kit` are the running worker's own modules, wherever the plugin lies and
// whatever is installed beside it, so that there is one SinkRecord, one Struct, one ConnectError. And TypeScript below node_modules, which Node
// refuses, has its types stripped as everywhere else. Threads that load plugins; installed by plugin-module.ts before the first import.
import { readFileSync } from 'node:fs'
import { type ModuleFormat, registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ownModule } from '../base/layout.ts'

const EXPORTS: Readonly<Record<string, string>> = {
  sluice: ownModule('src/api/index').href,
  'sluice/kit': ownModule('src/kit/index').href,
}
const INSTALLED_TYPESCRIPT = /\/node_modules\/.*\.[cm]?ts$/

let isInstalled = false

export function installModuleHooks(): void {
  if (isInstalled) return
  isInstalled = true
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== 'sluice' && !specifier.startsWith('sluice/')) return next(specifier, context)
      const url = EXPORTS[specifier]
      if (url === undefined)
        throw new Error(`Sluice has no export ${specifier}: a plugin imports ${Object.keys(EXPORTS).join(' and ')} only`)
      return { url, shortCircuit: true }
    },
    load(url, context, next) {
      if (!INSTALLED_TYPESCRIPT.test(url)) return next(url, context)
      const source = withoutTypes(readFileSync(fileURLToPath(url), 'utf8'), url)
      return { source, format: formatOf(context.format, source), shortCircuit: true }
    },
  })
}

/** @throws Error for TypeScript that is more than types (enums, namespaces): such a package must ship JavaScript */
function withoutTypes(source: string, url: string): string {
  const { emitWarning } = process
  // Node calls this function experimental, and doing the same for files outside of node_modules stable.
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: url })
  } finally {
    process.emitWarning = emitWarning
  }
}

function formatOf(format: string | null | undefined, source: string): ModuleFormat {
  if (format === 'module-typescript') return 'module'
  if (format === 'commonjs-typescript') return 'commonjs'
  // a package without "type": as Node, by syntax
  return /^\s*(?:import|export)\b/m.test(source) ? 'module' : 'commonjs'
}
