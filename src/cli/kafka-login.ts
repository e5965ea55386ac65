// Where a worker's Kafka clients log in by SASL and the worker file has no `sasl.jaas.config` for them, Java takes the entry KafkaClient of the JAAS
// file that `-Djava.security.auth.login.config=` in KAFKA_OPTS names. Here the entry is put into the config, so that all that follows finds it (and
// hides its passwords) where it usually stands. Main thread, at start; called by worker-file.ts.
import { readFileSync } from 'node:fs'
import { ConfigError, toError } from '../base/errors.ts'
import type { Props } from '../store/config-store.ts'
import { fileInKafkaOpts, type LoginModule, parseLoginConfig } from './login-config.ts'

const ENTRY = 'KafkaClient'
const KEY = 'sasl.jaas.config'
/** The worker's own clients, and those of its connectors. */
const PREFIXES = ['', 'producer.', 'consumer.', 'admin.']

/** @throws ConfigError for a JAAS file that is asked for and not usable */
export function withKafkaLogin(props: Props, kafkaOpts: string | undefined): Props {
  const file = fileInKafkaOpts(kafkaOpts)
  if (file === null) return props
  const missing = PREFIXES.filter(
    prefix => /^sasl/i.test(props[`${prefix}security.protocol`]?.trim() ?? '') && !props[prefix + KEY],
  )
  if (missing.length === 0) return props
  const login = textOf(entryIn(file))
  return { ...props, ...Object.fromEntries(missing.map(prefix => [prefix + KEY, login])) }
}

function entryIn(file: string): LoginModule {
  let modules: readonly LoginModule[] | undefined
  try {
    modules = parseLoginConfig(readFileSync(file, 'utf8')).get(ENTRY)
  } catch (error) {
    throw new ConfigError(KEY, `${KEY} is missing, and the JAAS file ${file} is not usable: ${toError(error).message}`)
  }
  const [module, ...more] = modules ?? []
  if (module === undefined || more.length > 0)
    throw new ConfigError(KEY, `${KEY} is missing, and the JAAS file ${file} has no entry ${ENTRY} with one login module`)
  return module
}

const textOf = ({ className, flag, options }: LoginModule) =>
  `${[className, flag, ...[...options].map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)].join(' ')};`
