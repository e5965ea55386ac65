// Writes the reference documentation from the declarations: docs/reference/*.md, the figures of README.md, and the tables between
// `<!-- generated:config -->` and `<!-- /generated:config -->` in connector READMEs. By hand: npm run docs. test/docs.test.ts fails
// when the files are not what this makes.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin, PluginKind } from '../src/api/plugin.ts'
import { type CommandGroup, commandGroups, EXIT_CODES, type Option, usageLine } from '../src/cli/commands.ts'
import { clientKeys, idleClientKeys, type KafkaClient, obeyedClientKeys } from '../src/config/client-keys.ts'
import { configTable, markdownTable, withConfigTable } from '../src/config/config-table.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../src/config/connector-config.ts'
import { type ConfigDef, defineConfig, type KeyDef } from '../src/config/define.ts'
import { distributedSections } from '../src/config/distributed-config.ts'
import { providerParams } from '../src/config/providers.ts'
import { topicGroupConfig } from '../src/config/topic-creation.ts'
import { implicitTransformConfig } from '../src/config/transform-chain.ts'
import { workerSections } from '../src/config/worker-config.ts'
import { allMetrics, LABELS, type Metric, prometheusName, type Scope } from '../src/metrics/table.ts'
import { simpleName } from '../src/plugins/catalogue.ts'
import { ENDPOINTS } from '../src/rest/endpoints.ts'
import { failuresOf } from '../src/rest/openapi.ts'
import { pluginModules, pluginsOf } from './catalogue.ts'
import { conformancePage } from './conformance.ts'
import { figureDocuments } from './figures.ts'
import { alertsYaml } from './monitoring/alerts.ts'
import { board } from './monitoring/board.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const NOTE = '<!-- Written by `npm run docs` from the declarations in src: change those. -->'
const NOTE_OF_SCENARIOS = '<!-- Written by `npm run docs` from test/scenarios/table.ts: change that. -->'

const code = (text: string) => `\`${text}\``

function page(title: string, intro: string, parts: readonly string[]): string {
  return `${[`# ${title}`, NOTE, intro, ...parts].filter(part => part !== '').join('\n\n')}\n`
}

const section = (title: string, body: string) => `## ${title}\n\n${body}`

function workerPage(): string {
  const sections = [...workerSections, ...distributedSections].map(([title, config]) => section(title, configTable(config)))
  const clients =
    'Keys of the Kafka clients (`security.protocol`, `sasl.*`, `ssl.*` and so on) stand beside these for the worker itself, and with the prefix `producer.`, `consumer.` or `admin.` for the clients of its connectors.'
  return page('Worker configuration', clients, [
    ...sections,
    section('Keys of the Kafka clients', clientKeyLists()),
    section('Config providers', configProviders()),
  ])
}

function clientKeyLists(): string {
  const kinds = Object.keys(clientKeys) as KafkaClient[]
  const shared = (lists: readonly (readonly string[])[]) =>
    (lists[0] ?? []).filter(name => lists.every(list => list.includes(name)))
  const table = (heading: string, listOf: (client: KafkaClient) => readonly string[]) => {
    const every = shared(kinds.map(listOf))
    const rows = kinds.map(kind => [kind, listOf(kind).filter(name => !every.includes(name))] as const)
    return markdownTable(
      ['Client', heading],
      [['every', every] as const, ...rows].map(([who, names]) => [
        who,
        names.length === 0 ? 'no more' : names.map(code).join(', '),
      ]),
    )
  }
  return [
    'As Kafka has them, with the defaults that Connect gives them; a connector overrides them by `producer.override.` and so on. Obeyed are:',
    table('Keys', client => obeyedClientKeys[client]),
    "The others are checked and listed by validation as in Java, and change nothing; the log names those that are set. Some are classes of Java (`interceptor.classes`), some what Connect sets itself (`key.deserializer`), some what Sluice's own clients do not do (`client.rack`):",
    table('Keys that change nothing', idleClientKeys),
  ].join('\n\n')
}

function configProviders(): string {
  const provider = (name: string) => code(`org.apache.kafka.common.config.provider.${name}`)
  const variable = (text: string) => code(`$${text}`)
  const rows = [
    [
      provider('EnvVarConfigProvider'),
      variable('{env:NAME}'),
      'An environment variable. `param.allowlist.pattern`: the names that may be read.',
    ],
    [
      provider('FileConfigProvider'),
      variable('{file:/path:key}'),
      'A key of a properties file. `param.allowed.paths`: the folders and files that may be read.',
    ],
    [
      provider('DirectoryConfigProvider'),
      variable('{directory:/path:file}'),
      'The content of a file in a folder, as Kubernetes mounts secrets. `param.allowed.paths` as above.',
    ],
  ]
  const intro =
    'Worker and connector configs may hold variables; `config.providers` declares who answers them. One that nothing answers stays as it is written. Stored configs, REST and messages keep the variable.'
  const ttl = `Each also takes \`param.ttl.ms\`, which is Sluice's own: ${providerParams.keys['ttl.ms'].doc}`
  return [intro, markdownTable(['Class', 'Variable', 'Value'], rows), ttl].join('\n\n')
}

function pluginSection(plugin: Plugin, more: ConfigDef | null = null): string {
  const names = `Class \`${plugin.className}\`, version ${plugin.version}.`
  const own = configTable(more === null ? plugin.config : defineConfig({ ...plugin.config.keys, ...more.keys }))
  return section(simpleName(plugin.className), [names, own === '' ? 'It has no keys of its own.' : own].join('\n\n'))
}

function connectorsPage(plugins: readonly Plugin[]): string {
  const common = defineConfig(
    Object.fromEntries(
      sinkConnectorConfig.names
        .filter(n => Object.hasOwn(sourceConnectorConfig.keys, n))
        .map(n => [n, sinkConnectorConfig.keys[n as 'name']]),
    ),
  )
  const only = (config: ConfigDef) =>
    defineConfig(
      Object.fromEntries(config.names.filter(n => !Object.hasOwn(common.keys, n)).map(n => [n, config.keys[n] as KeyDef])),
    )
  const perAlias =
    'Each alias in `transforms` has `transforms.<alias>.type` and the keys of that class; `transforms.<alias>.predicate` and `.negate` limit it to some records. Converters, transforms and predicates have pages of their own.'
  const perGroup =
    'Once a source has any `topic.creation.` key, its tasks make the topics that are missing, before the first record. Partitions and replication factor of the group `default` are required then (-1: the default of the broker), it takes every topic that no other group takes, and the other groups inherit from it. Any further key of a group is a setting of the topic: `topic.creation.<group>.cleanup.policy`.'
  const sourceLetters =
    'Sources take the keys `errors.deadletterqueue.*` of sinks, too (not in Java): records that fail are written as JSON with their schema; see [differences](../differences.md#tasks-and-errors).'
  return page('Connector configuration', 'Keys that every connector has, then the keys of each connector.', [
    section('All connectors', [configTable(common), perAlias].join('\n\n')),
    section('Sink connectors', configTable(only(sinkConnectorConfig))),
    section(
      'Source connectors',
      [configTable(only(sourceConnectorConfig)), perGroup, configTable(topicGroupConfig), sourceLetters].join('\n\n'),
    ),
    ...plugins.filter(plugin => plugin.kind === 'sink' || plugin.kind === 'source').map(plugin => pluginSection(plugin)),
  ])
}

const ofKind = (plugins: readonly Plugin[], kind: PluginKind) => plugins.filter(plugin => plugin.kind === kind)

function transformsPage(plugins: readonly Plugin[]): string {
  return page(
    'Transforms and predicates',
    'Classes ending in `$Key` work on the key, those ending in `$Value` on the value; both have the same keys.',
    [
      section('Every transform', configTable(implicitTransformConfig)),
      ...withoutKeyTwins(ofKind(plugins, 'transformation')).map(plugin => pluginSection(plugin)),
      ...ofKind(plugins, 'predicate').map(plugin => pluginSection(plugin)),
    ],
  )
}

function withoutKeyTwins(plugins: readonly Plugin[]): Plugin[] {
  const names = new Set(plugins.map(plugin => plugin.className))
  return plugins.filter(({ className }) => !className.endsWith('$Key') || !names.has(className.replace(/\$Key$/, '$Value')))
}

function convertersPage(plugins: readonly Plugin[]): string {
  const headers = new Set(ofKind(plugins, 'header_converter').map(plugin => plugin.className))
  const converters = ofKind(plugins, 'converter')
  const known = new Set(converters.map(plugin => plugin.className))
  const all = [...converters, ...ofKind(plugins, 'header_converter').filter(plugin => !known.has(plugin.className))]
  const where = (plugin: Plugin) => {
    const keys = known.has(plugin.className) ? ['`key.converter`', '`value.converter`'] : []
    if (headers.has(plugin.className)) keys.push('`header.converter`')
    return `For ${keys.join(', ')}.`
  }
  return page(
    'Converters',
    'Their keys stand below the key that names the converter: `value.converter.schemas.enable`.',
    all.map(plugin => pluginSection(plugin).replace(/(Class .*)$/m, `$1 ${where(plugin)}`)),
  )
}

interface ErrorClass {
  readonly name: string
  readonly parent: string
  readonly doc: string
  readonly code: string | null
}

function errorClasses(): ErrorClass[] {
  const source = readFileSync(join(root, 'src/base/errors.ts'), 'utf8')
  const declared = /(?:\/\*\* ((?:(?!\*\/).)*) \*\/\n)?export class (\w+) extends (\w+) \{(.*?)\n?\}\n/gs
  return [...source.matchAll(declared)].map(([, doc = '', name = '', parent = '', body = '']) => ({
    name,
    parent,
    doc,
    code: /code: '(\w+)'|'(CONNECT_\w+)'/.exec(body)?.slice(1).find(Boolean) ?? null,
  }))
}

/** Every code in the source with the files that give it. */
function codesInUse(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const path of globSync('src/**/*.ts', { cwd: root }).sort()) {
    for (const [, name = ''] of readFileSync(join(root, path), 'utf8').matchAll(/code: '(CONNECT_[A-Z_]+)'/g)) {
      found.set(name, [...new Set([...(found.get(name) ?? []), path.replaceAll('\\', '/')])])
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function errorsPage(): string {
  const classes = errorClasses().map(({ name, parent, doc, code: own }) => [
    code(name),
    code(parent),
    own === null ? '' : code(own),
    doc,
  ])
  const codes = [...codesInUse()].map(([name, files]) => [code(name), files.map(code).join(', ')])
  return page(
    'Errors',
    'Decide by code and by whether a try may be repeated, not by class: classes do not survive the line between threads.',
    [
      section('Classes', markdownTable(['Class', 'Kind of', 'Code', 'Meaning'], classes)),
      section('Codes', markdownTable(['Code', 'Given in'], codes)),
    ],
  )
}

const SCOPES: Readonly<Record<Scope, string>> = {
  worker: 'Worker',
  process: 'Process',
  connector: 'Connectors',
  task: 'All tasks',
  'sink task': 'Sink tasks',
  'source task': 'Source tasks',
  'exactly-once source task': 'Exactly-once source tasks, once they have committed a transaction',
  partition: 'Partitions',
  transform: 'Transforms',
  predicate: 'Predicates',
  distributed: 'Distributed workers',
}

function metricsPage(): string {
  const rows = (metrics: readonly Metric[]) =>
    markdownTable(
      ['Prometheus name', 'Type', 'Unit', 'Java group and attribute', 'What it tells'],
      metrics.map(metric => [
        code(prometheusName(metric)),
        metric.type === 'text' ? 'text as a label' : metric.type,
        metric.unit,
        metric.origin === 'java' ? `${metric.domain.replace('kafka.', '')}: ${metric.group} / ${metric.attribute}` : 'ours',
        metric.help,
      ]),
    )
  const scopes = Object.entries(SCOPES) as [Scope, string][]
  const intro =
    'At `/metrics` in the form of Prometheus; [monitoring.md](../monitoring.md) says how to use them. Names come from those of Java Connect: domain, group and attribute. Rates, averages and maxima are over the last `metrics.num.samples` windows of `metrics.sample.window.ms`, as in Java; averages and maxima of nothing are NaN.'
  return page(
    'Metrics',
    intro,
    scopes.map(([scope, title]) => {
      const labels = LABELS[scope].map(code).join(', ')
      return section(
        title,
        [labels === '' ? '' : `Labels: ${labels}.`, rows(allMetrics.filter(metric => metric.scope === scope))]
          .filter(part => part !== '')
          .join('\n\n'),
      )
    }),
  )
}

function restPage(): string {
  const rows = ENDPOINTS.map(endpoint => {
    const { method, path, summary, query = {}, answers } = endpoint
    const statuses = [...Object.keys(answers).map(Number), ...failuresOf(endpoint)].toSorted((a, b) => a - b)
    const parameters = Object.entries(query).map(([name, { description }]) => `${code(name)}: ${description}`)
    const url = code(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    return [url, [summary, ...parameters].join(' '), statuses.join(', ')]
  })
  const intro =
    'The same, with the forms of bodies and answers, as an OpenAPI 3.1 document: `GET /openapi.json`. Errors are `{"error_code": <status>, "message": <text>}`.'
  return page('REST', intro, [markdownTable(['Endpoint', 'What it does', 'Answers'], rows)])
}

function commandsPage(): string {
  const optionTable = (options: Readonly<Record<string, Option>>) =>
    markdownTable(
      ['Option', 'Meaning'],
      Object.entries(options).map(([name, { value, doc }]) => [code(`--${name}${value === undefined ? '' : ` ${value}`}`), doc]),
    )
  const group = ({ title, intro, commands, options }: CommandGroup) =>
    section(
      title,
      [
        intro,
        ...commands.flatMap(command => [
          `### ${code(usageLine(command))}`,
          command.doc,
          ...(command.options === undefined ? [] : [optionTable(command.options)]),
        ]),
        '### Options of each',
        optionTable(options),
      ].join('\n\n'),
    )
  const codes = markdownTable(
    ['Exit code', 'Meaning'],
    EXIT_CODES.map(([exit, meaning]) => [String(exit), meaning]),
  )
  return page(
    'Commands',
    'Besides those that start a worker (`sluice --help`) and that make plugins ([plugins.md](plugins.md)). Errors go to standard error, in one line and with what to do next; what is asked for goes to standard output.',
    [...commandGroups.map(group), section('Exit codes', codes)],
  )
}

/** Every generated file: its path below the repository, and its text. */
export async function documents(): Promise<Map<string, string>> {
  const modules = pluginModules()
  const loaded = await Promise.all(modules.map(pluginsOf))
  const plugins = loaded.flat().sort((a, b) => (a.className < b.className ? -1 : 1))
  const pages = new Map([
    ['docs/reference/worker.md', workerPage()],
    ['docs/reference/connectors.md', connectorsPage(plugins)],
    ['docs/reference/transforms.md', transformsPage(plugins)],
    ['docs/reference/converters.md', convertersPage(plugins)],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/metrics.md', metricsPage()],
    ['docs/monitoring/grafana-dashboard.json', `${JSON.stringify(board(), null, 2)}\n`],
    ['docs/monitoring/alerts.yml', alertsYaml()],
    ['docs/reference/rest.md', restPage()],
    ['docs/commands.md', commandsPage()],
    ['docs/conformance.md', conformancePage(NOTE_OF_SCENARIOS)],
    ...figureDocuments(),
  ])
  for (const [i, module] of modules.entries()) {
    const readme = join(dirname(module), 'README.md')
    if (!existsSync(readme)) continue
    const text = withConfigTable(readFileSync(readme, 'utf8'), loaded[i] ?? [])
    if (text !== null) pages.set(readme.slice(root.length).replaceAll('\\', '/'), text)
  }
  return pages
}

if (import.meta.main) {
  for (const [path, text] of await documents()) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}
