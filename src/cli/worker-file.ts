// The worker file of the command line: Java properties or a flat JSON object, read and checked. Main thread; called by worker-process.ts and
// preview.ts.
import { ConfigError, codeOf, toError } from '../base/errors.ts'
import { jsonFault } from '../base/json-fault.ts'
import { type DistributedConfig, distributedConfig } from '../config/distributed-config.ts'
import { parseProperties } from '../config/properties.ts'
import { openVariables, resolveWorkerProps } from '../config/variables.ts'
import { type StandaloneConfig, standaloneConfig, type WorkerConfig } from '../config/worker-config.ts'
import { clientConfigFrom } from '../kafka/client-config.ts'
import type { Props } from '../store/config-store.ts'
import { Redaction } from '../supervisor/redaction.ts'
import { readText } from './connector-file.ts'
import { withKafkaLogin } from './kafka-login.ts'

export interface WorkerFile<C extends WorkerConfig = WorkerConfig> {
  /** variables unresolved: threads resolve them, and know what they must not show */
  readonly written: Props
  readonly props: Props
  readonly config: C
  readonly redaction: Redaction
}

/** Of a standalone worker. @throws ConfigError for a file that cannot be read or whose keys are not right */
export function readStandaloneFile(path: string): Promise<WorkerFile<StandaloneConfig>> {
  return readWorkerFile(path, standaloneConfig)
}

/** Of a worker in a cluster. @throws as readStandaloneFile */
export function readDistributedFile(path: string): Promise<WorkerFile<DistributedConfig>> {
  return readWorkerFile(path, distributedConfig)
}

/** Of either: one that names an offset file is a standalone worker's, else one with a group.id is of a cluster. @throws as readStandaloneFile */
export async function readAnyWorkerFile(
  path: string,
): Promise<
  | { readonly mode: 'standalone'; readonly file: WorkerFile<StandaloneConfig> }
  | { readonly mode: 'distributed'; readonly file: WorkerFile<DistributedConfig> }
> {
  const written = parseWorkerFile(await readText(path, 'worker file'))
  const isNamed = (key: string) => (written[key]?.trim() ?? '') !== ''
  if (isNamed('offset.storage.file.filename')) return { mode: 'standalone', file: checked(written, standaloneConfig) }
  if (isNamed('group.id')) return { mode: 'distributed', file: checked(written, distributedConfig) }
  throw new ConfigError(
    'offset.storage.file.filename',
    `The worker file ${path} has neither offset.storage.file.filename, as that of a standalone worker, nor group.id, as that of a worker in a cluster`,
  )
}

async function readWorkerFile<C extends WorkerConfig>(path: string, def: { parse(props: Props): C }): Promise<WorkerFile<C>> {
  return checked(parseWorkerFile(await readText(path, 'worker file')), def)
}

function checked<C extends WorkerConfig>(given: Props, def: { parse(props: Props): C }): WorkerFile<C> {
  const written = withKafkaLogin(given, process.env.KAFKA_OPTS)
  const redaction = new Redaction(openVariables(written), written)
  try {
    const props = resolveWorkerProps(written)
    const config = def.parse(props)
    clientConfigFrom(props, 'sluice')
    return { written, props, config, redaction }
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    throw new ConfigError('', redaction.text(toError(error).message))
  }
}

/** Java properties, or a flat JSON object. @throws ConfigError */
export function parseWorkerFile(text: string): Props {
  if (!text.trimStart().startsWith('{')) return parseProperties(text)
  try {
    const values = Object.entries(JSON.parse(text) as Record<string, unknown>)
    const nested = values.find(([, value]) => typeof value === 'object')
    if (nested !== undefined) throw new Error(`the value of ${nested[0]} is no text, number or boolean`)
    return Object.fromEntries(values.map(([key, value]) => [key, String(value)]))
  } catch (error) {
    throw new ConfigError('', `The worker file is no flat JSON object: ${jsonFault(error)}`)
  }
}
