// A requested config that may be stored: validated, its plugin known, its odd keys named in the log. Main thread; called by the herders
// for every request that brings a config.
import type { Logger } from '../base/log.ts'
import { idleKeyMessage, idleKeys, unknownConnectorKeys, unknownKeyMessage } from '../config/unknown-keys.ts'
import type { Variables } from '../config/variables.ts'
import type { Props } from '../store/config-store.ts'
import * as check from './config-check.ts'
import type { RequestedConfig } from './herder.ts'
import type { ConnectorPlugin, JobPool } from './job-pool.ts'
import type { Questions } from './questions.ts'

export interface CheckedConfig {
  readonly props: Props
  readonly plugin: ConnectorPlugin
}

export interface CheckingOptions {
  readonly jobs: Pick<JobPool, 'connector'>
  readonly variables: Pick<Variables, 'resolve'>
  readonly log: Logger
}

/** @throws BadRequestError naming every error */
export async function checkedConfig(
  { jobs, variables, log }: CheckingOptions,
  questions: Pick<Questions, 'validate'>,
  config: RequestedConfig,
): Promise<CheckedConfig> {
  try {
    const infos = await questions.validate(config)
    check.refuseErrors(infos)
    const { props } = check.splitNulls(config)
    const known = infos.configs.map(info => info.value.name)
    const messages = [
      ...unknownConnectorKeys(props, known).map(unknownKeyMessage),
      ...idleKeys(props, '.override.').map(idleKeyMessage),
    ]
    for (const message of messages) log.warn({ connector: props.name }, message)
    const { 'connector.class': className = '', 'connector.plugin.version': version } = variables.resolve(props)
    const plugin = await jobs.connector(className, version)
    return { props, plugin: { ...plugin, secretKeys: check.secretKeysOf(infos) } }
  } catch (error) {
    throw check.asBadRequest(error)
  }
}
