// Validates the transforms and predicates of a connector config, each alias in a group of its own. Job thread; called by validate.ts.
import { toError } from '../base/errors.ts'
import { defineConfig, type KeyDef, type Props } from '../config/define.ts'
import { type ConfigKeyInfo, keyInfos } from '../config/infos.ts'
import { belowAliases } from '../config/prefixed.ts'
import { aliasesOf, implicitTransformConfig, negateFault } from '../config/transform-chain.ts'
import { type Catalogue, PluginVersionError } from './catalogue.ts'
import { addVersionError, checkClass } from './class-check.ts'
import { type Findings, sortedNames, validatePrefixed } from './findings.ts'

interface Part {
  readonly list: 'transforms' | 'predicates'
  readonly kind: 'transformation' | 'predicate'
  readonly word: 'Transformation' | 'Predicate'
  readonly group: string
}

const TRANSFORMS: Part = { list: 'transforms', kind: 'transformation', word: 'Transformation', group: 'Transforms' }
const PREDICATES: Part = { list: 'predicates', kind: 'predicate', word: 'Predicate', group: 'Predicates' }

export async function addChain(main: Findings, catalogue: Catalogue, props: Props): Promise<void> {
  const predicates = new Set(aliasesOf(props, 'predicates'))
  for (const part of [TRANSFORMS, PREDICATES]) {
    const aliases = aliasesOf(props, part.list)
    const below = belowAliases(props, part.list, aliases)
    for (const alias of aliases)
      await addAlias(main, catalogue, part, alias, { all: props, own: below.get(alias) ?? {}, predicates })
  }
}

interface Written {
  readonly all: Props
  /** below the alias */
  readonly own: Props
  /** aliases of predicates */
  readonly predicates: ReadonlySet<string>
}

async function addAlias(main: Findings, catalogue: Catalogue, part: Part, alias: string, written: Written): Promise<void> {
  const { list, kind, word } = part
  const props = written.all
  const prefix = `${list}.${alias}.`
  const type = props[`${prefix}type`]
  const version = props[`${prefix}plugin.version`]
  const plugin = type === undefined ? null : await catalogue.load(kind, type, `${prefix}type`, version).catch(toError)
  const installed = plugin === null || plugin instanceof Error ? null : plugin
  const head = defineConfig({
    [`${prefix}type`]: {
      type: 'class',
      importance: 'high',
      width: 'long',
      displayName: `${word} type for ${alias}`,
      doc: `Class of the ${kind} ${alias}.`,
    },
    [`${prefix}plugin.version`]: {
      type: 'string',
      default: catalogue.find(kind, type ?? '')?.version ?? null,
      importance: 'high',
      width: 'long',
      displayName: `${word} version for ${alias}`,
      doc: `Version of the ${kind} ${alias}.`,
    },
  })
  main.add(inGroup(keyInfos(head), `${part.group}: ${alias}`, 0), head.validate(props))
  main.setRecommended(`${prefix}type`, catalogue.classNames(kind))
  main.setRecommended(`${prefix}plugin.version`, catalogue.versions(kind, type ?? ''))
  if (type === undefined) return
  if (!checkClass(main, catalogue, `${prefix}type`, kind, type)) return
  if (plugin instanceof PluginVersionError) {
    addVersionError(main, [`${prefix}type`, `${prefix}plugin.version`], plugin)
    return
  }
  if (installed === null) {
    main.addError(`${prefix}type`, `Error getting config definition from ${word}: ${(plugin as Error).message}`)
    return
  }
  const implicit = list === 'transforms' ? implicitTransformConfig.keys : {}
  const keys: Readonly<Record<string, KeyDef>> = { ...installed.config.keys, ...implicit }
  const sorted = defineConfig(Object.fromEntries(sortedNames(keys).map(name => [name, keys[name] as KeyDef])))
  const { definitions, values } = validatePrefixed(sorted, prefix, written.own)
  main.add(inGroup(definitions, `${part.group}: ${alias}`, 2), values)
  if (list === 'transforms') checkCondition(main, alias, written)
}

/** All keys of an alias stand in its group, in this order. */
function inGroup(definitions: readonly ConfigKeyInfo[], group: string, first: number): ConfigKeyInfo[] {
  return definitions.map((definition, i) => ({ ...definition, group, order_in_group: first + i }))
}

/** Unlike Java, a predicate that is not there is found now instead of when the task starts. */
function checkCondition(main: Findings, alias: string, { all: props, predicates }: Written): void {
  const fault = negateFault(props, alias)
  if (fault !== null) main.addError(`transforms.${alias}.type`, fault)
  const key = `transforms.${alias}.predicate`
  const predicate = props[key]?.trim()
  if (predicate !== undefined && !predicates.has(predicate)) {
    main.addError(
      key,
      `Invalid value ${predicate} for configuration ${key}: it is not among predicates=${[...predicates].join(',')}`,
    )
  }
}
