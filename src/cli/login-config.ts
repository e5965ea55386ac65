// A JAAS login configuration file, as Java's `java.security.auth.login.config` names it: entries of login modules with options. Pure; main
// thread, at start, called by rest-access.ts and kafka-login.ts.

/** The value of -Djava.security.auth.login.config in KAFKA_OPTS, where scripts put it for Java. */
export function fileInKafkaOpts(options: string | undefined): string | null {
  const match = /(?:^|\s)-Djava\.security\.auth\.login\.config=(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(options ?? '')
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null)
}

export interface LoginModule {
  readonly className: string
  /** required, requisite, sufficient or optional */
  readonly flag: string
  readonly options: ReadonlyMap<string, string>
}

// a comment | "text" or 'text' | one of the signs | a word
const TOKEN = /\s+|\/\/.*|\/\*[\s\S]*?\*\/|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([{};=])|([^\s{};="']+)/y

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw new Error(`line ${text.slice(0, at).split('\n').length} cannot be read`)
    const token = match[1] ?? match[2] ?? match[3]
    if (token !== undefined) tokens.push(token)
  }
  return tokens
}

const plain = (token: string) => (/^["']/.test(token) ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token)

/** Modules by the name of their entry. Throws an Error that says what is not understood. */
export function parseLoginConfig(text: string): Map<string, LoginModule[]> {
  const tokens = tokensOf(text)
  const next = (expected?: string) => {
    const token = tokens.shift()
    if (token === undefined) throw new Error(`it ends where ${expected ?? 'more'} is expected`)
    if (expected !== undefined && token !== expected) throw new Error(`${token} stands where ${expected} is expected`)
    return token
  }
  const entries = new Map<string, LoginModule[]>()
  while (tokens.length > 0) {
    const name = plain(next())
    const modules: LoginModule[] = []
    next('{')
    while (tokens[0] !== '}') {
      const className = plain(next())
      const flag = next().toLowerCase()
      const options = new Map<string, string>()
      while (tokens[0] !== ';') {
        const option = plain(next())
        next('=')
        options.set(option, plain(next()))
      }
      next(';')
      modules.push({ className, flag, options })
    }
    next('}')
    next(';')
    entries.set(name, modules)
  }
  return entries
}
