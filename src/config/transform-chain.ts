// The `transforms` and `predicates` of a connector config, taken apart by alias. Any thread; plugins are not needed for it.
import { ConfigError } from '../base/errors.ts'
import { coerce } from './coerce.ts'
import { defineConfig, type Props, uniqueAliases } from './define.ts'
import { belowAliases } from './prefixed.ts'

export interface TransformConfig {
  readonly alias: string
  /** class name as written */
  readonly type: string
  /** what `plugin.version` asks for */
  readonly version: string | undefined
  /** the transform's own keys, without prefix */
  readonly props: Props
  /** alias of the predicate that decides for which records it runs */
  readonly predicate: string | null
  readonly negate: boolean
}

export interface PredicateConfig {
  readonly alias: string
  readonly type: string
  readonly version: string | undefined
  readonly props: Props
}

export interface ChainConfig {
  readonly transforms: readonly TransformConfig[]
  readonly predicates: readonly PredicateConfig[]
}

/** Keys every transform has besides its own; they hide keys of the same name. */
export const implicitTransformConfig = defineConfig({
  negate: {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the transform runs for the records that the predicate does not hold for.',
  },
  predicate: {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Alias of a predicate: the transform runs only for records that it holds for.',
  },
})

const aliasesConfig = defineConfig({
  transforms: { type: 'list', default: [], importance: 'low', doc: '', check: uniqueAliases },
  predicates: { type: 'list', default: [], importance: 'low', doc: '', check: uniqueAliases },
})

/** Aliases as written, each once, whatever else is wrong with them. */
export function aliasesOf(props: Props, list: 'transforms' | 'predicates'): string[] {
  const coerced = coerce(list, props[list] ?? '', 'list')
  return coerced.ok ? [...new Set(coerced.value as readonly string[])] : []
}

/** @throws ConfigError */
function typeOf(props: Props, prefix: string): string {
  const type = props[`${prefix}type`]?.trim()
  if (type !== undefined && type !== '') return type
  throw new ConfigError(`${prefix}type`, `Missing required configuration "${prefix}type" which has no default value.`)
}

/** What is wrong with `negate` of a transform, or null. */
export function negateFault(props: Props, alias: string): string | null {
  const prefix = `transforms.${alias}.`
  if (props[`${prefix}negate`] === undefined || props[`${prefix}predicate`] !== undefined) return null
  return `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`
}

/** @throws ConfigError for duplicate aliases, a missing type, `negate` without `predicate`, a predicate that is not there */
export function transformChain(props: Props): ChainConfig {
  const aliases = aliasesConfig.parse(props)
  const ownOf = {
    predicates: belowAliases(props, 'predicates', aliases.predicates),
    transforms: belowAliases(props, 'transforms', aliases.transforms),
  }
  const predicates = aliases.predicates.map(alias => {
    const prefix = `predicates.${alias}.`
    const own = ownOf.predicates.get(alias) ?? {}
    return { alias, type: typeOf(props, prefix), version: own['plugin.version'], props: without(own, 'type', 'plugin.version') }
  })
  const transforms = aliases.transforms.map(alias => {
    const prefix = `transforms.${alias}.`
    const type = typeOf(props, prefix)
    const own = ownOf.transforms.get(alias) ?? {}
    const fault = negateFault(props, alias)
    if (fault !== null) throw new ConfigError(`${prefix}negate`, fault)
    const { negate, predicate } = implicitTransformConfig.parse(own)
    if (predicate !== null && !aliases.predicates.includes(predicate)) {
      throw new ConfigError(
        `${prefix}predicate`,
        `${prefix}predicate names '${predicate}', which is not among predicates=${aliases.predicates}`,
      )
    }
    const rest = without(own, 'type', 'plugin.version', 'negate', 'predicate')
    return { alias, type, version: own['plugin.version'], props: rest, predicate, negate }
  })
  return { transforms, predicates }
}

function without(props: Props, ...names: readonly string[]): Props {
  return Object.fromEntries(Object.entries(props).filter(([name]) => !names.includes(name)))
}
