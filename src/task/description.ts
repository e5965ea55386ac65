// What a task is made of, by class and version, for the metrics. Task threads; called once a task, when its plugins are loaded.
import type { PluginName, Props, TaskDescription } from '../actor/messages.ts'
import type { PluginKind, SinkPlugin, SourcePlugin } from '../api/plugin.ts'
import { transformChain } from '../config/connector-config.ts'
import type { Catalogue } from '../plugins/catalogue.ts'
import type { ChainParts } from './chain.ts'

/** Java's word for it */
const UNDEFINED_VERSION = 'undefined'

export async function describeTask(
  catalogue: Catalogue,
  plugin: SinkPlugin | SourcePlugin,
  chain: ChainParts,
  connectorProps: Props,
  workerProps: Props,
): Promise<TaskDescription> {
  const nameOf = async (kind: PluginKind, type: string, wanted: string | undefined): Promise<PluginName> => {
    const { className, version = UNDEFINED_VERSION } = await catalogue.load(kind, type, '', wanted)
    return { className, version }
  }
  const converter = (kind: 'converter' | 'header_converter', key: 'key' | 'value' | 'header') => {
    const props = connectorProps[`${key}.converter`] === undefined ? workerProps : connectorProps
    return nameOf(kind, chain[key].className, props[`${key}.converter.plugin.version`])
  }
  const named = async (kind: PluginKind, configs: readonly { alias: string; type: string; version: string | undefined }[]) =>
    Object.fromEntries(
      await Promise.all(configs.map(async ({ alias, type, version }) => [alias, await nameOf(kind, type, version)] as const)),
    )
  const { transforms, predicates } = transformChain(connectorProps)
  const used = predicates.filter(({ alias }) => transforms.some(({ predicate }) => predicate === alias))
  return {
    task: { className: plugin.taskClass, version: plugin.version ?? UNDEFINED_VERSION },
    keyConverter: await converter('converter', 'key'),
    valueConverter: await converter('converter', 'value'),
    headerConverter: await converter('header_converter', 'header'),
    transforms: await named('transformation', transforms),
    predicates: await named('predicate', used),
  }
}
