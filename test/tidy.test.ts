// Goal: the shape that HOUSE.md gives the code (who may import whom, sizes, headers, banned calls) holds for every file. Method: each
// rule is a function from the files to violations, each naming file, line and rule; a rule that finds any fails.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { functionsOf, type Import, importsOf, lineOf, readSource, type SourceText } from './support/source-text.ts'

interface SourceFile {
  readonly path: string
  readonly text: string
  readonly source: SourceText
  readonly imports: readonly Import[]
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function load(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: ROOT, exclude: path => path.includes('node_modules') })
    .map(path => path.replaceAll('\\', '/'))
    .sort()
    .map(path => {
      const text = readFileSync(ROOT + path, 'utf8')
      const source = readSource(text)
      return { path, text, source, imports: importsOf(text, source) }
    })
}

const product = load('{src,workers}/**/*.ts')
const others = load('{test,bench,scripts}/**/*.ts')
const bins = load('bin/*.js')
const everything = [...product, ...others, ...bins]

function report(violations: readonly string[]): void {
  assert.equal(violations.length, 0, `\n${violations.join('\n')}\n${violations.length} violations`)
}

/** Lines of `text` that match, as violations of `rule`. */
function matches(file: SourceFile, text: string, pattern: RegExp, rule: string): string[] {
  return [...text.matchAll(pattern)].map(match => `${file.path}:${lineOf(text, match.index)} ${rule}: ${match[0].trim()}`)
}

// ---- imports

/** Which folders of src a folder may import, besides itself. `type:` = types only, `lazy:` = by import() only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  data: ['base'],
  config: ['base'],
  api: ['base', 'data', 'config'],
  kit: ['base', 'data', 'config', 'api'],
  converters: ['base', 'data', 'config', 'api'],
  transforms: ['base', 'data', 'config', 'api'],
  predicates: ['base', 'data', 'config', 'api'],
  connectors: ['base', 'data', 'config', 'api', 'kit'],
  kafka: ['base', 'config'],
  actor: ['base'],
  plugins: [
    'base',
    'config',
    'actor',
    'type:api',
    'lazy:api',
    'lazy:converters',
    'lazy:transforms',
    'lazy:predicates',
    'lazy:connectors',
  ],
  task: ['base', 'data', 'config', 'api', 'kafka', 'actor', 'plugins'],
  store: ['base', 'data', 'config', 'kafka'],
  supervisor: ['base', 'config', 'kafka', 'actor', 'plugins', 'store', 'metrics'],
  rest: ['base', 'config', 'type:supervisor'],
  metrics: ['base', 'actor'],
  workers: ['base', 'config', 'kafka', 'task', 'actor', 'plugins', 'kit'],
}

const folderOf = (path: string) => (path.startsWith('src/') ? (path.split('/')[1] ?? '') : (path.split('/')[0] ?? ''))

function mayImport(folder: string, target: string, how: Import): boolean {
  if (folder === 'cli' || folder === target) return true
  const allowed = MAY_IMPORT[folder] ?? []
  if (allowed.includes(target)) return true
  return (how.typeOnly && allowed.includes(`type:${target}`)) || (how.dynamic && allowed.includes(`lazy:${target}`))
}

function importViolations(files: readonly SourceFile[]): string[] {
  const violations: string[] = []
  for (const file of files) {
    const folder = folderOf(file.path)
    if (folder !== 'cli' && MAY_IMPORT[folder] === undefined)
      violations.push(`${file.path}:1 import table: unknown folder ${folder}`)
    for (const one of file.imports) {
      if (!one.specifier.startsWith('.')) continue
      const target = posix.join(posix.dirname(file.path), one.specifier)
      const where = `${file.path}:${one.line} import table`
      if (/^(test|bench|scripts)\//.test(target)) violations.push(`${where}: product code imports ${target}`)
      // a thread entry is named by path, never imported
      else if (target.startsWith('workers/') && one.dynamic) continue
      else if (target.startsWith('src/') && !mayImport(folder, folderOf(target), one))
        violations.push(
          `${where}: ${folder} may not import ${folderOf(target)}${one.typeOnly ? ' (types)' : ''} (${one.specifier})`,
        )
    }
  }
  return violations
}

test('a folder imports only what the table allows it', () => {
  report(importViolations(product))
})

test('the import rule tells types and lazy imports from plain ones, and names file and line', () => {
  const file = (path: string, text: string): SourceFile => {
    const source = readSource(text)
    return { path, text, source, imports: importsOf(text, source) }
  }
  const found = importViolations([
    file('src/base/a.ts', "\nimport { x } from '../data/x.ts'\n"),
    file(
      'src/rest/a.ts',
      "\nimport type { Herder } from '../supervisor/herder.ts'\nimport { states } from '../supervisor/states.ts'\n",
    ),
    file('src/plugins/a.ts', "\nconst m = () => import('../transforms/x.ts')\nimport '../converters/y.ts'\n"),
    file('src/connectors/lake/a.ts', "\nimport { Cluster } from '../../kafka/cluster.ts'\nimport { z } from '../../kit/z.ts'\n"),
    file('src/cli/a.ts', "\nimport { x } from '../../test/support/broker.ts'\n"),
  ])
  assert.deepEqual(
    found.map(line => line.split(' ')[0]),
    ['src/base/a.ts:2', 'src/rest/a.ts:3', 'src/plugins/a.ts:3', 'src/connectors/lake/a.ts:2', 'src/cli/a.ts:2'],
  )
})

test('kafkajs is imported by the seam only', () => {
  const allowed = (path: string) =>
    path === 'src/kafka/cluster.ts' || path.startsWith('bench/') || path === 'test/kafka/kafkajs-seam.test.ts'
  report(
    everything.flatMap(file =>
      file.imports
        .filter(one => /^kafkajs(\/|$)/.test(one.specifier) && !allowed(file.path))
        .map(one => `${file.path}:${one.line} kafkajs outside src/kafka/cluster.ts: ${one.specifier}`),
    ),
  )
})

/** Reached by no entry, and why they may stay; a file that is reached or gone must leave this list. */
const UNREACHED: Record<string, string> = {
  'src/base/prng.ts': 'the seeded source of tests and chaos runs',
}

test('every source file is reached from an entry', () => {
  const byPath = new Map(everything.map(file => [file.path, file]))
  const reached = new Set<string>()
  const exported = Object.values(
    (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { exports: Record<string, string> }).exports,
  )
  const waiting = [
    ...exported.map(path => posix.normalize(path)),
    ...bins.map(file => file.path),
    ...globSync('workers/*.ts', { cwd: ROOT }),
  ]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    for (const one of byPath.get(path)?.imports ?? [])
      if (one.specifier.startsWith('.')) waiting.push(posix.join(posix.dirname(path), one.specifier))
  }
  const unreached = product.map(file => file.path).filter(path => !reached.has(path))
  report([
    ...unreached.filter(path => UNREACHED[path] === undefined).map(path => `${path}:1 unused: no entry leads to it`),
    ...Object.keys(UNREACHED)
      .filter(path => !unreached.includes(path))
      .map(path => `test/tidy.test.ts: ${path} is reached or gone: take it off UNREACHED`),
  ])
})

// ---- size and shape

test('no source file is over 500 lines and no function over 70', () => {
  const violations: string[] = []
  for (const file of product) {
    const lines = file.text.trimEnd().split('\n').length
    if (lines > 500) violations.push(`${file.path}:1 file length: ${lines} lines`)
    for (const one of functionsOf(file.source))
      if (one.lines > 70) violations.push(`${file.path}:${one.line} function length: ${one.lines} lines: ${one.name}`)
  }
  report(violations)
})

/** A codec's header holds its wire grammar. */
const HEADER_LINES_MAX = 20
/** Shorter test files speak for themselves. */
const TEST_LINES_WITHOUT_HEADER = 60

test('every file opens with a comment; product files say which thread runs them', () => {
  const violations: string[] = []
  for (const file of everything) {
    const lines = file.text.replace(/^#!.*\n/, '').split('\n')
    const length = lines.findIndex(line => !line.startsWith('//'))
    const head = lines.slice(0, length).join('\n')
    if (length === 0 && file.path.endsWith('.test.ts') && lines.length <= TEST_LINES_WITHOUT_HEADER) continue
    if (length < 1 || length > HEADER_LINES_MAX) violations.push(`${file.path}:1 header: ${length} comment lines`)
    else if (product.includes(file) && !/thread/i.test(head)) violations.push(`${file.path}:1 header: names no thread`)
  }
  report(violations)
})

test('file names are kebab-case and name a thing', () => {
  const violations: string[] = []
  for (const { path } of everything) {
    const name = posix.basename(path).replace(/(\.test|\.generated)?\.[tj]s$/, '')
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) violations.push(`${path}:1 file name: not kebab-case`)
    if (/(^|-)(utils?|helpers?|managers?|impl|abstract|misc|common)(-|$)/.test(name))
      violations.push(`${path}:1 file name: says nothing`)
  }
  report(violations)
})

// ---- words and calls

const CLOCK = 'src/base/clock.ts'

test('product code neither prints nor reads the time nor sets timers by itself', () => {
  report(
    product.flatMap(file => [
      ...matches(file, file.source.code, /\bconsole\.\w+/g, 'console in product code'),
      ...(file.path === CLOCK
        ? []
        : [
            ...matches(file, file.source.code, /\bset(Timeout|Interval)\s*\(/g, 'timer outside base/clock.ts'),
            ...matches(file, file.source.code, /\b(Date\.now|performance\.now|process\.hrtime)\b/g, 'time outside base/clock.ts'),
            ...matches(file, file.source.code, /\bnew Date\(\)/g, 'time outside base/clock.ts'),
            ...file.imports
              .filter(one => /timers/.test(one.specifier))
              .map(one => `${file.path}:${one.line} timer outside base/clock.ts: ${one.specifier}`),
          ]),
    ]),
  )
})

/** Says what must not compile: an expected error that is none fails the check. */
const COMPILE_TIME_TEST = 'test/plugins/define-plugin.test.ts'

test('nothing is typed any, no type error is silenced', () => {
  const silencers = (path: string) =>
    path === COMPILE_TIME_TEST ? /@ts-(ignore|nocheck)/g : /@ts-(ignore|nocheck|expect-error)/g
  report(
    everything.flatMap(file => [
      ...matches(file, file.source.code, /(?::\s*|<|\bas |\| |& |=> )any\b(?!\s*[:(.])/g, 'any'),
      ...matches(file, file.source.comments, silencers(file.path), 'silenced type error'),
    ]),
  )
})

test('no note to do later, no test skipped or singled out', () => {
  report([
    ...everything.flatMap(file => matches(file, file.source.comments, /\b(TODO|FIXME|XXX|HACK)\b/g, 'unfinished')),
    ...others.flatMap(file =>
      matches(file, file.source.code, /\b(test|it|describe|suite)\.(skip|only|todo)\b|\{ (skip|only|todo): /g, 'skipped test'),
    ),
  ])
})

test('no path of a machine and no host of a private registry in any file', () => {
  const files = load('{src,workers,test,bench,scripts,docs,bin,.ci}/**/*.{ts,js,md,json,sh,java}').concat(
    load('{*.md,package.json,.npmrc,.ci/run}'),
  )
  // spelled so that this file does not find itself
  const paths = new RegExp(
    `(?<![\\w.])/(${['work', 'root', 'home/[a-z]+', 'Users/[A-Za-z]+', 'tmp/(?:design|mvnprobe)'].join('|')})/`,
    'g',
  )
  const locked = [...readFileSync(`${ROOT}package-lock.json`, 'utf8').matchAll(/"resolved": "(https?:\/\/[^/]+)/g)]
  report([
    ...files.flatMap(file => matches(file, file.text, paths, 'machine path')),
    ...locked.filter(match => match[1] !== 'https://registry.npmjs.org').map(match => `package-lock.json registry: ${match[1]}`),
  ])
})

// ---- the reader itself

test('the reader sees through strings, templates, regular expressions and comments', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text under test
  const template = 'const b = `x${ {y: `}`} }{` / 2'
  const text = ["const a = 'it // is { not' // } a brace", template, 'const c = /[/{]"/.test(a) /* { */', ''].join('\n')
  const { code, comments } = readSource(text)
  assert.equal(code.length, text.length)
  assert.equal((code.match(/[{}]/g) ?? []).length % 2, 0)
  assert.match(comments, /\/\/ \} a brace[\s\S]*\/\* \{ \*\//)
  const long = [
    'class A {',
    '  async run<T>(',
    '    a: T,',
    '  ): Promise<{ b: T }> {',
    '    if (a) {',
    '      b()',
    '    }',
    '  }',
    '}',
    'const f = (x: number) => {',
    '  x()',
    '}',
  ]
  const found = functionsOf(readSource(long.join('\n')))
  assert.deepEqual(
    found.map(({ line, lines }) => [line, lines]),
    [
      [2, 7],
      [10, 3],
    ],
  )
  const imports = [
    '',
    "import type { A } from './a.ts'",
    'import {',
    '  type B,',
    '  c,',
    "} from './b.ts'",
    "const m = () => import('./m.ts')",
  ].join('\n')
  assert.deepEqual(
    importsOf(imports, readSource(imports)).map(one => [one.specifier, one.typeOnly, one.dynamic, one.line]),
    [
      ['./a.ts', true, false, 2],
      ['./b.ts', false, false, 6],
      ['./m.ts', false, true, 7],
    ],
  )
})
