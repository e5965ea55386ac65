// Reads one login module entry of `sasl.jaas.config`: `<module class> required|optional|… name="value" …;`. Any thread; called by client-config.ts.
import { ConfigError } from '../base/errors.ts'

/** The options of the entry. @param module the simple class name it must be; the package is not looked at */
export function parseJaas(config: string | undefined, module: string): Record<string, string> {
  if (config === undefined)
    throw new ConfigError('sasl.jaas.config', `sasl.jaas.config is missing: it must name ${module} and its options`)
  const entry = /^\s*([\w.$]+)\s+(required|requisite|sufficient|optional)\b([\s\S]*?);?\s*$/i.exec(config)
  if (entry === null)
    throw new ConfigError('sasl.jaas.config', 'sasl.jaas.config must have the form: <module class> required name="value" … ;')
  const [, name = '', , rest = ''] = entry
  if (name.split('.').at(-1) !== module)
    throw new ConfigError('sasl.jaas.config', `sasl.jaas.config names ${name}, but sasl.mechanism needs ${module}`)
  const options: Record<string, string> = {}
  // name = "quoted with \" escapes" or name = 'quoted' or name = bare
  for (const [, key = '', double, single, bare] of rest.matchAll(
    /([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;]+))/g,
  ))
    options[key] = (double ?? single)?.replace(/\\(.)/g, '$1') ?? bare ?? ''
  return options
}
