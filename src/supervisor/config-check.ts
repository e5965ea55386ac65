// From a validation's findings to a yes or one readable refusal, and what becomes of a connector's answer to taskConfigs.
// Pure functions; main thread, called by the herders.
import { BadRequestError, ConnectError, codeOf } from '../base/errors.ts'
import type { ConfigInfos } from '../config/infos.ts'
import type { ConnectorEntry, Props } from '../store/config-store.ts'
import type { RequestedConfig } from './herder.ts'

/** A null in a request cannot be a value: Java says so in the errors of that key. */
const NULL_MESSAGE = 'Null value can not be supplied as the configuration value.'

export function splitNulls(config: RequestedConfig): { props: Props; nullKeys: string[] } {
  const entries = Object.entries(config)
  const props = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
  return { props, nullKeys: entries.filter(([, value]) => value === null).map(([key]) => key) }
}

/** Keys that a definition says hold secrets. */
export function secretKeysOf(infos: ConfigInfos): string[] {
  return infos.configs.filter(({ definition }) => definition?.type === 'PASSWORD').map(({ value }) => value.name)
}

/** `infos` with an error on each key whose value was null. */
export function withNullErrors(infos: ConfigInfos, nullKeys: readonly string[]): ConfigInfos {
  if (nullKeys.length === 0) return infos
  const missing = new Set(nullKeys)
  const configs = infos.configs.map(config => {
    if (!missing.delete(config.value.name)) return config
    return { ...config, value: { ...config.value, errors: [...config.value.errors, NULL_MESSAGE] } }
  })
  const unknown = [...missing].map(name => ({
    definition: null,
    value: { name, value: null, recommended_values: [], errors: [NULL_MESSAGE], visible: true },
  }))
  return { ...infos, error_count: infos.error_count + nullKeys.length, configs: [...unknown, ...configs] }
}

/** @throws BadRequestError listing every error, in the form Java's clients know */
export function refuseErrors(infos: ConfigInfos): void {
  if (infos.error_count === 0) return
  const lines = [`Connector configuration is invalid and contains the following ${infos.error_count} error(s):`]
  for (const config of infos.configs) lines.push(...config.value.errors)
  lines.push('You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`')
  throw new BadRequestError(lines.join('\n'))
}

/** A missing or unknown class is the requester's mistake (400), whatever the thread that found out calls it. */
export function asBadRequest(error: unknown): unknown {
  if (codeOf(error) !== 'CONNECT_CONFIG') return error
  return new BadRequestError((error as Error).message, { cause: error })
}

export function patched(config: Props, patch: RequestedConfig): RequestedConfig {
  const result = new Map<string, string>(Object.entries(config))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else result.set(key, value)
  }
  return Object.fromEntries(result)
}

/**
 * Asked of what a connector generates, and of the stored set before each of its tasks is started. Texts of Java's TooManyTasksException and
 * Worker.checkTasksMax (KIP-1004).
 * @param props variables resolved
 * @param warn told where the user switched the limit off
 * @throws ConnectError CONNECT_TOO_MANY_TASKS
 */
export function checkTaskCount(name: string, props: Props, count: number, warn: (message: string) => void): void {
  const max = tasksMax(props)
  if (count <= max) return
  const more = `The connector ${name} has generated ${count} tasks, which is greater than ${max}, the maximum number of tasks it is configured to create.`
  if (props['tasks.max.enforce']?.trim().toLowerCase() === 'false')
    return warn(
      `${more} This behavior should be considered a bug and will be disallowed in future releases of Kafka Connect. Please report this to the maintainers of the connector and request that they adjust their connector's taskConfigs() method to respect the maxTasks parameter.`,
    )
  throw new ConnectError(
    `${more} This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`,
    { code: 'CONNECT_TOO_MANY_TASKS' },
  )
}

/** The config was validated, so only a default is left to add. */
export function tasksMax(props: Props): number {
  const max = Number(props['tasks.max'] ?? 1)
  return Number.isInteger(max) && max > 0 ? max : 1
}

function sameProps(a: Props, b: Props): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && a[key] === b[key])
}

/** Whether tasks must be replaced: other configs, or a connector config they were not started with. */
export function taskConfigsChanged(entry: ConnectorEntry, tasks: readonly Props[]): boolean {
  if (entry.appliedConfig === null || !sameProps(entry.appliedConfig, entry.config)) return true
  return entry.tasks.length !== tasks.length || entry.tasks.some((task, i) => !sameProps(task, tasks[i] ?? {}))
}
