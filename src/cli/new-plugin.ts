// `sluice new connector|transform NAME` makes a plugin's package from templates/, `sluice docs FOLDER` writes the table of its keys into its
// README. Main thread of a command that ends with it: no worker runs here.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { toError } from '../base/errors.ts'
import { PACKAGE_ROOT } from '../base/layout.ts'
import { withConfigTable } from '../config/config-table.ts'
import { importPlugins } from '../plugins/plugin-module.ts'
import { findModules } from '../plugins/plugin-path.ts'
import { VERSION } from './version.ts'

const ROOT = fileURLToPath(PACKAGE_ROOT)
const TEMPLATES = join(ROOT, 'templates')
/** An npm package's name, scope aside. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

const USAGE = `Usage:
  sluice new connector NAME [--source] [--into FOLDER]
  sluice new transform NAME [--into FOLDER]
  sluice docs [FOLDER]

NAME is the package's, like my-sink; the package is made in FOLDER/NAME, FOLDER being the current one unless it is given.
`

/** @returns the exit code */
export async function newPlugin(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { source: { type: 'boolean', default: false }, into: { type: 'string', default: '.' } },
    })
    const [what, name] = positionals
    if (positionals.length !== 2 || (what !== 'connector' && what !== 'transform')) throw new Error(`\n${USAGE}`)
    if (what === 'transform' && values.source) throw new Error('--source is for connectors')
    await make(what === 'transform' ? 'transform' : values.source ? 'source' : 'sink', name ?? '', resolve(values.into))
    return 0
  } catch (error) {
    process.stderr.write(`${toError(error).message.trimStart()}\n`)
    return 1
  }
}

type Kind = 'sink' | 'source' | 'transform'

const DESCRIPTIONS: Readonly<Record<Kind, string>> = {
  sink: 'A sink connector for Sluice',
  source: 'A source connector for Sluice',
  transform: 'A transform for Sluice',
}

async function make(kind: Kind, name: string, into: string): Promise<void> {
  if (!NAME.test(name)) throw new Error(`${name} cannot be the name: small letters, digits and hyphens, like my-${kind}`)
  const folder = join(into, name)
  if (existsSync(folder)) throw new Error(`${folder} exists already`)
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
  const words: Readonly<Record<string, string>> = {
    'template-name': name,
    'template-description': DESCRIPTIONS[kind],
    'template-sluice-folder': relative(folder, ROOT).replaceAll('\\', '/').replace(/\/$/, ''),
    'template-sluice-version': VERSION,
    'template-typescript-version': manifest.devDependencies.typescript ?? '*',
    TemplateName: classNameOf(name, kind),
  }
  mkdirSync(folder, { recursive: true })
  for (const source of ['common', kind]) {
    for (const file of readdirSync(join(TEMPLATES, source))) {
      const text = readFileSync(join(TEMPLATES, source, file), 'utf8')
      const filled = Object.entries(words).reduce((made, [word, value]) => made.replaceAll(word, value), text)
      writeFileSync(join(folder, file === 'gitignore' ? '.gitignore' : file), filled)
    }
  }
  await writeTable(folder)
  process.stdout.write(
    `Made ${folder}\nNow: cd ${relative(process.cwd(), folder) || '.'} && npm install && npm test && npm run check\n`,
  )
}

/** my-sink: MySink; a connector's name says which kind it is. */
function classNameOf(name: string, kind: Kind): string {
  const pascal = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase())
  const suffix = kind === 'sink' ? 'Sink' : 'Source'
  return kind === 'transform' || pascal.endsWith(suffix) ? pascal : pascal + suffix
}

/** @returns the exit code */
export async function pluginDocs(args: readonly string[]): Promise<number> {
  try {
    if (args.length > 1 || args[0]?.startsWith('-')) throw new Error(USAGE)
    await writeTable(resolve(args[0] ?? '.'))
    return 0
  } catch (error) {
    process.stderr.write(`${toError(error).message}\n`)
    return 1
  }
}

async function writeTable(folder: string): Promise<void> {
  const { modules, faults } = await findModules([folder])
  const [module] = modules
  if (module === undefined) throw new Error(`${folder}: ${faults[0]?.message ?? 'no plugin'}`)
  const { plugins, faults: wrong } = await importPlugins(module)
  if (wrong.length > 0) throw new Error(`${module.file}: ${wrong.join('; ')}`)
  const readme = join(folder, 'README.md')
  const text = withConfigTable(readFileSync(readme, 'utf8'), plugins)
  if (text === null) throw new Error(`${readme} has no markers <!-- generated:config --> and <!-- /generated:config -->`)
  writeFileSync(readme, text)
}
