// A REST resource is a list of endpoints. One declaration says path, query, body and answers: app.ts makes routes of it and answers the
// verbs that are not listed, openapi.ts describes it. Main thread.
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { HttpError } from './errors.ts'
import type { Herder, Previews, RequestedConfig, SignedRequest, WorkerAnswer, WorkerRequest } from './herder-types.ts'
import type { Form, JsonSchema } from './schemas.ts'

/** What a worker of a cluster has besides: other workers, and requests of theirs (CONNECT.md 1.2, 1.8). */
export interface ClusterDoor {
  /** any status is an answer */
  send(workerUrl: string, request: WorkerRequest): Promise<WorkerAnswer>
  /** checks the signature before it reads the body by `tasks` */
  putTaskConfigs(connector: string, tasks: () => readonly RequestedConfig[], request: SignedRequest): Promise<void>
  fence(connector: string, request: SignedRequest): Promise<void>
}

export interface RestContext {
  readonly herder: Herder
  /** none: a standalone worker */
  readonly cluster?: ClusterDoor
  readonly previews: Pick<Previews, 'ofConnector' | 'ofPlugin'>
  readonly clock: Clock
  /** of this program */
  readonly version: string
  readonly topicTracking: { readonly enabled: boolean; readonly allowReset: boolean }
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** takes secrets out of what errors say */
  readonly redact?: (text: string) => string
}

/** One parameter of a query: what it may be, and how its text is read. */
export interface QueryParameter<T> {
  readonly description: string
  readonly schema: JsonSchema
  /** all values given, in order; none where it was not given */
  read(values: readonly string[]): T
}

/** A request's body: its form, and how its bytes are checked and read. */
export interface RequestBody<T> {
  readonly form: Form
  /** default: BODY_BYTES_MAX */
  readonly bytesMax?: number
  read(bytes: Buffer): T
}

export interface AnswerForm {
  readonly description: string
  /** none: the answer has no body */
  readonly form?: Form
  /** default application/json */
  readonly contentType?: string
  /** header names and what they hold */
  readonly headers?: Readonly<Record<string, string>>
}

export type QueryParameters = Readonly<Record<string, QueryParameter<unknown>>>
type Query<Q> = { readonly [K in keyof Q]: Q[K] extends QueryParameter<infer T> ? T : never }

export interface Request<Q = QueryParameters, B = unknown> {
  readonly params: Readonly<Record<string, string>>
  readonly query: Query<Q>
  /** undefined where the endpoint declares no body: whatever was sent is not looked at */
  readonly body: B
  readonly raw: FastifyRequest
}

export interface Answer {
  readonly status?: number
  /** undefined: an empty body; a Buffer: JSON as it is */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Declaration<Q extends QueryParameters, B> {
  readonly method: Method
  /** parameters as in `/connectors/:connector`; PATH_PARAMETERS says what they are */
  readonly path: string
  readonly summary: string
  readonly query?: Q
  readonly body?: RequestBody<B>
  /** by status, in the order they are most likely */
  readonly answers: Readonly<Record<number, AnswerForm>>
  /** statuses it may answer with an error body, besides 500 and what every endpoint has */
  readonly errors?: readonly number[]
  handle(request: Request<Q, B>, context: RestContext): Promise<Answer>
}

export type Endpoint = Declaration<QueryParameters, unknown>

/** The body as it came; empty where there was none. */
export function sentBytes({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** Declares an endpoint: `query` and `body` give the types of what `handle` gets. */
export function endpoint<const Q extends QueryParameters = Record<never, never>, B = undefined>(
  declaration: Declaration<Q, B>,
): Endpoint {
  return declaration as unknown as Endpoint
}

/** Every name that paths use. */
export const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  connector: 'Name of the connector.',
  task: "The task's number, from 0.",
  plugin: 'Class of the plugin, its simple name, or that without the suffix of its kind.',
  logger: 'Name of the logger; `root` for all.',
}

/** true where the text is "true" in any case, as Java's Boolean.parseBoolean. */
export function flag(description: string, byDefault = false): QueryParameter<boolean> {
  return {
    description,
    schema: { type: 'boolean', default: byDefault },
    read: ([value]) => (value === undefined ? byDefault : value.toLowerCase() === 'true'),
  }
}

/** The first value, or undefined. */
export function text(description: string, schema: JsonSchema = {}): QueryParameter<string | undefined> {
  return { description, schema: { type: 'string', ...schema }, read: ([value]) => value }
}

/** May be given several times; undefined where it was not given. */
export function repeated(description: string, known: readonly string[]): QueryParameter<readonly string[] | undefined> {
  return {
    description,
    schema: { type: 'array', items: { type: 'string', examples: known } },
    read: values => (values.length === 0 ? undefined : values),
  }
}

/** What the declaration makes of a query string that was split already. */
export function queryOf(declared: QueryParameters, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => {
      const values = Object.hasOwn(given, name) ? [given[name]].flat().map(String) : []
      return [name, parameter.read(values)]
    }),
  )
}

/** As Java: a request that waits longer for the herder is answered with 500; what it asked for goes on. */
export const REQUEST_TIMEOUT_MS = 90_000

/** A worker that does not answer its own question for so long is not well. */
export const HEALTH_TIMEOUT_MS = 10_000

export function withTimeout<T>(context: RestContext, work: Promise<T>): Promise<T> {
  return within(context, REQUEST_TIMEOUT_MS, work, () => {
    throw new HttpError(500, `Request timed out. ${context.herder.stage()}`)
  })
}

/** `work`, or after `timeoutMs` what `late` returns or throws. */
export function within<T>({ clock }: RestContext, timeoutMs: number, work: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => {
      try {
        resolve(late())
      } catch (error) {
        reject(error)
      }
    })
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}
