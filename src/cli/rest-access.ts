// Who may call REST: `rest.extension.classes` with Java's basic-auth extension, whose users stand in the file that its JAAS file names. Any
// other extension is a Java class that cannot run here: a worker that ignored it would be open, so it does not start. Main thread, at start.
import { readFileSync } from 'node:fs'
import { ConfigError, toError } from '../base/errors.ts'
import { parseProperties } from '../config/properties.ts'
import type { Credentials } from '../rest/basic-auth.ts'
import { fileInKafkaOpts, type LoginModule, parseLoginConfig } from './login-config.ts'

const EXTENSIONS = 'rest.extension.classes'
const BASIC_AUTH = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
const ENTRY = 'KafkaConnect'
/** Java takes it from a property of the JVM only. */
export const LOGIN_CONFIG = 'rest.auth.login.config'
const JVM_PROPERTY = 'java.security.auth.login.config'

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(EXTENSIONS, `The ${what} ${path} cannot be read: ${toError(error).message}`, { cause: error })
  }
}

function moduleIn(path: string): LoginModule {
  let modules: readonly LoginModule[] | undefined
  try {
    modules = parseLoginConfig(read(path, 'JAAS file')).get(ENTRY)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(EXTENSIONS, `The JAAS file ${path} is not usable: ${toError(error).message}`, { cause: error })
  }
  const [module, ...more] = modules ?? []
  if (module === undefined) throw new ConfigError(EXTENSIONS, `The JAAS file ${path} has no entry ${ENTRY} with a login module`)
  const other = [module, ...more].find(one => one.className !== MODULE)
  if (other !== undefined)
    throw new ConfigError(
      EXTENSIONS,
      `The JAAS file ${path} names the login module ${other.className}; only ${MODULE} is supported`,
    )
  if (more.length > 0)
    throw new ConfigError(EXTENSIONS, `The entry ${ENTRY} of ${path} has several login modules; one is supported`)
  return module
}

/** null: nobody has to log in. @throws ConfigError for extensions that are not known, and for files that are not usable */
export function restCredentials(
  extensions: readonly string[],
  loginConfig: string | null,
  kafkaOpts: string | undefined,
): Credentials | null {
  const unknown = extensions.find(name => name !== BASIC_AUTH)
  if (unknown !== undefined) {
    const why = `it is a class of Java, and REST might be open to everybody without it`
    throw new ConfigError(
      EXTENSIONS,
      `${EXTENSIONS} names ${unknown}, which is not supported: ${why}. Only ${BASIC_AUTH} is; remove the others to start`,
    )
  }
  if (extensions.length === 0) return null
  const path = loginConfig ?? fileInKafkaOpts(kafkaOpts)
  if (path === null)
    throw new ConfigError(
      EXTENSIONS,
      `${BASIC_AUTH} needs a JAAS file: name it by ${LOGIN_CONFIG}, or by -D${JVM_PROPERTY}=… in the environment variable KAFKA_OPTS`,
    )
  const file = moduleIn(path).options.get('file')
  if (file === undefined || file === '')
    throw new ConfigError(
      EXTENSIONS,
      `The login module in ${path} has no option "file": the properties file with users and passwords`,
    )
  return { passwords: new Map(Object.entries(parseProperties(read(file, 'file of users')))) }
}
