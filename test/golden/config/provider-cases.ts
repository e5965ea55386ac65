// Variables for Java's config providers and ours: a folder of files, and texts to resolve. Read by cases.ts and the tests.

export interface ProviderCase {
  readonly class: 'FileConfigProvider' | 'DirectoryConfigProvider' | 'EnvVarConfigProvider'
  /** FOLDER stands for the folder with the files */
  readonly params: Readonly<Record<string, string>>
  readonly text: string
}

/** by path below the folder */
export const providerFiles: Readonly<Record<string, string>> = {
  'a.properties':
    'user=me\npassword = p:w}d \\\n  more\nempty=\nnested=${p:FOLDER:user}\n\\u0061bc=\\u00e9\nnaïve=ü\n',
  'inner/token': 'line one\nline two\n',
  'inner/.hidden': 'hidden',
  'inner/deeper/token': 'deep',
  'innermost/token': 'not below inner',
}

const variable = (...parts: readonly string[]) => `\${${parts.join(':')}}`
const file = (text: string, params: ProviderCase['params'] = {}): ProviderCase => ({ class: 'FileConfigProvider', params, text })
const directory = (text: string, params: ProviderCase['params'] = {}): ProviderCase => ({
  class: 'DirectoryConfigProvider',
  params,
  text,
})
const env = (text: string, params: ProviderCase['params'] = {}): ProviderCase => ({ class: 'EnvVarConfigProvider', params, text })

const A = 'FOLDER/a.properties'
const INNER = { 'allowed.paths': 'FOLDER/inner' }

export const providerCases: readonly ProviderCase[] = [
  file(variable('p', A, 'user')),
  file(`<${variable('p', A, 'user')}|${variable('p', A, 'password')}>`),
  file(variable('p', A, 'empty')),
  file(variable('p', A, 'missing')),
  file(variable('p', A, 'abc')),
  file(variable('p', A, 'naïve')),
  // a value that holds a variable is not resolved again
  file(variable('p', A, 'nested')),
  file(variable('p', A, variable('p', A, 'user'))),
  file(`${variable('q', A, 'user')} ${variable('p', A, 'user')} ${variable('q', A, 'user')}`),
  file(variable('p', 'user')),
  file(variable('p', '', 'user')),
  file(variable('p', 'FOLDER/none.properties', 'user')),
  file(variable('p', 'FOLDER', 'user')),
  file(variable('p', `${A}:x`, 'user')),
  file('$' + '{p:unclosed'),
  file(`$${variable('p', A, 'user')}`),
  file('no variable'),
  file(variable('p', A, 'user'), { 'allowed.paths': 'FOLDER' }),
  file(variable('p', A, 'user'), { 'allowed.paths': A }),
  file(variable('p', A, 'user'), INNER),
  file(variable('p', 'FOLDER/inner/../a.properties', 'user'), INNER),
  file(variable('p', 'FOLDER/innermost/token', 'line'), INNER),
  file(variable('p', 'a.properties', 'user'), INNER),
  file(variable('p', A, 'user'), { 'allowed.paths': 'FOLDER/inner,FOLDER' }),
  file(variable('p', A, 'user'), { 'allowed.paths': 'relative' }),
  file(variable('p', A, 'user'), { 'allowed.paths': 'FOLDER/none' }),
  file(variable('p', A, 'user'), { 'allowed.paths': '' }),
  directory(variable('p', 'FOLDER/inner', 'token')),
  directory(variable('p', 'FOLDER/inner', '.hidden')),
  directory(variable('p', 'FOLDER/inner', 'deeper')),
  directory(variable('p', 'FOLDER/inner', 'deeper/token')),
  directory(variable('p', 'FOLDER/inner', '../a.properties')),
  directory(variable('p', 'FOLDER/inner', 'missing')),
  directory(variable('p', 'FOLDER/none', 'token')),
  directory(variable('p', A, 'user')),
  directory(variable('p', 'token')),
  directory(variable('p', 'FOLDER/inner', 'token'), INNER),
  directory(variable('p', 'FOLDER/inner/deeper', 'token'), INNER),
  directory(variable('p', 'FOLDER/innermost', 'token'), INNER),
  directory(variable('p', 'FOLDER/inner/../innermost', 'token'), INNER),
  env(variable('p', 'SLUICE_GOLDEN_NOT_SET')),
  env(variable('p', 'path', 'PATH')),
  env(variable('p', 'PATH'), { 'allowlist.pattern': 'X.*' }),
  env(variable('p', 'SLUICE_GOLDEN_NOT_SET'), { 'allowlist.pattern': 'b[' }),
]
