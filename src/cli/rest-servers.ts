// The REST servers of a worker, one for each of its `listeners` and `admin.listeners`: opened before anything is started, because the port
// is part of the worker's name. Main thread; called by worker-process.ts.
import type { ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { ConfigError, ConnectError } from '../base/errors.ts'
import type { Loggers } from '../base/log.ts'
import { LOGGERS } from '../base/logger-names.ts'
import type { WorkerConfig } from '../config/worker-config.ts'
import { createRestApp, type RestOptions } from '../rest/app.ts'
import { parseCors } from '../rest/cors.ts'
import type { RestContext } from '../rest/resource.ts'
import { parseHeaderRules } from '../rest/response-headers.ts'
import type { Props } from '../store/config-store.ts'
import { type Advertised, advertised, type Listener, listen, parseListeners } from './listeners.ts'
import { restCredentials } from './rest-access.ts'
import { isCertificateRequested, refuseUntrusted, restTlsOptions } from './rest-tls.ts'

export interface RestServersOptions {
  readonly props: Props
  readonly config: WorkerConfig
  readonly kafkaOpts: string | undefined
}

interface Planned {
  readonly listener: Listener
  readonly tls: ServerOptions | null
  readonly options: Omit<RestOptions, 'log' | 'context' | 'tls'>
}

/** What the configuration asks for, checked before anything is opened. */
export interface RestPlan {
  readonly main: readonly Planned[]
  /** empty: /admin is on the others, or nowhere */
  readonly admin: readonly Planned[]
  readonly advertised: { readonly host: string | null; readonly port: number | null; readonly scheme: string | null }
  /** warnings about what was configured */
  readonly warnings: readonly string[]
}

/** @throws ConfigError for what cannot be served as it is asked for */
export function planRest({ props, config, kafkaOpts }: RestServersOptions): RestPlan {
  const main = parseListeners('listeners', config.listeners)
  if (main.length === 0) throw new ConfigError('listeners', 'listeners is empty: name at least one, for example http://:8083')
  const adminTexts = config['admin.listeners']
  const admin = parseListeners('admin.listeners', adminTexts ?? [])
  const credentials = restCredentials(config['rest.extension.classes'], config['rest.auth.login.config'], kafkaOpts)
  const options = {
    serves: adminTexts === null ? ('all' as const) : ('public' as const),
    headers: parseHeaderRules(config['response.http.headers.config']),
    cors: parseCors(config['access.control.allow.origin'], config['access.control.allow.methods']),
    credentials,
  }
  const tlsFor = (listener: Listener) => (listener.scheme === 'https' ? restTlsOptions(props, `${listener.key}.https.`) : null)
  const isOpen = credentials !== null && credentials.passwords.size === 0
  return {
    main: main.map(listener => ({ listener, tls: tlsFor(listener), options })),
    admin: admin.map(listener => ({ listener, tls: tlsFor(listener), options: { serves: 'admin' as const } })),
    advertised: {
      host: config['rest.advertised.host.name'],
      port: config['rest.advertised.port'],
      scheme: config['rest.advertised.listener'],
    },
    warnings: isOpen ? ['the file of users is empty: REST lets everybody in'] : [],
  }
}

export class RestServers {
  readonly #apps: FastifyInstance[] = []

  /** Settles when all are open. @throws ConfigError naming the listener that cannot be opened; those before it are closed */
  async open(plan: RestPlan, loggers: Loggers, context: () => RestContext | null): Promise<Advertised> {
    const log = { requests: loggers.named(LOGGERS.restServer), errors: loggers.named(LOGGERS.restErrors) }
    const opened: { listener: Listener; port: number }[] = []
    try {
      for (const { listener, tls, options } of [...plan.main, ...plan.admin]) {
        const app = appOf(listener, { ...options, ...(tls === null ? {} : { tls }), log, context })
        this.#apps.push(app)
        opened.push({ listener, port: await listen(app, listener) })
      }
      return await advertised(opened.slice(0, plan.main.length), plan.advertised)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#apps.map(app => app.close()))
  }
}

/** @throws ConfigError where Node refuses the key, the certificate or the password; ConnectError where it forbids what the server is made of */
function appOf(listener: Listener, options: RestOptions): FastifyInstance {
  try {
    const app = createRestApp(options)
    if (options.tls !== undefined && isCertificateRequested(options.tls))
      app.server.on('secureConnection', (socket: TLSSocket) => refuseUntrusted(socket))
    return app
  } catch (error) {
    if (error instanceof EvalError) {
      const why = 'the REST server makes functions at run time, which --disallow-code-generation-from-strings forbids'
      throw new ConnectError(`${why}: start Node.js without it`, { cause: error })
    }
    if (options.tls === undefined) throw error
    const why = `${(error as Error).message}. Check the ssl.* keys: type, location and passwords of the key store`
    throw new ConfigError(listener.key, `${listener.key}=${listener.text} cannot use its key and certificate: ${why}`, {
      cause: error,
    })
  }
}
