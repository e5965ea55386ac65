// Previews: a config is validated, then a thread of its own reads a few records and reports what would become of them. Nothing is created, committed
// or written. At most a few at a time, each within its deadline; one that hangs or grows is ended with its thread. Main thread.
import type { ActorOptions } from '../actor/actor-ref.ts'
import { MetricsSlab } from '../actor/metrics-slab.ts'
import type { FromPreview, PreviewAsk, PreviewReport, PreviewSpec, ToPreview } from '../actor/preview-messages.ts'
import { RemoteError, toWireError } from '../actor/wire-error.ts'
import { AbortedError, ConnectError, NotFoundError } from '../base/errors.ts'
import type { Levels } from '../base/log.ts'
import type { Variables } from '../config/variables.ts'
import type { ConfigStore } from '../store/config-store.ts'
import * as check from './config-check.ts'
import type { ConfigInfos, RequestedConfig } from './herder.ts'
import type { JobPool } from './job-pool.ts'
import type { WorkerOptions } from './worker.ts'

export type { PreviewAsk, PreviewReport }

/** `invalid`: what validation found, and its text as for a refused connector. */
export type PreviewAnswer = { readonly report: PreviewReport } | { readonly invalid: ConfigInfos; readonly message: string }

export interface PreviewsOptions {
  readonly actors: Pick<
    WorkerOptions,
    'spawn' | 'offsets' | 'clock' | 'logLevels' | 'workerProps' | 'memoryMaxMb' | 'stuckTimeoutMs' | 'writeLog'
  >
  readonly configs: Pick<ConfigStore, 'get'>
  readonly jobs: Pick<JobPool, 'validate' | 'connector'>
  readonly variables: Pick<Variables, 'resolve'>
}

/** Each is a thread that may use as much memory as a task. */
export const PREVIEWS_MAX = 2
/** From the start of its thread to its report. */
export const PREVIEW_DEADLINE_MS = 30_000
/** A thread that is told to stop may take this long: a source is stopped in order. */
const STOP_MS = 4_000
/** Where a config for a plugin has no name. */
const NAMELESS = 'preview'

export class Previews {
  readonly #o: PreviewsOptions
  /** each with what settles when its thread is gone */
  readonly #running = new Map<AbortController, Promise<unknown>>()
  #logLevels: Levels
  #isClosed = false

  constructor(options: PreviewsOptions) {
    this.#o = options
    this.#logLevels = options.actors.logLevels
  }

  /** For previews to come. */
  setLogLevels(levels: Levels): void {
    this.#logLevels = levels
  }

  /** @param change laid over the stored config; null values remove keys */
  async ofConnector(name: string, change: RequestedConfig, ask: PreviewAsk, signal: AbortSignal): Promise<PreviewAnswer> {
    const entry = this.#o.configs.get(name)
    if (entry === undefined) throw new NotFoundError(`Connector ${name} not found`)
    return this.#answer({ ...check.patched(entry.config, change), name }, ask, signal)
  }

  /** @param plugin class of the connector where the config names none */
  ofPlugin(plugin: string, config: RequestedConfig, ask: PreviewAsk, signal: AbortSignal): Promise<PreviewAnswer> {
    return this.#answer({ 'connector.class': plugin, name: NAMELESS, ...config }, ask, signal)
  }

  /** Ends what runs. Last call. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const running of this.#running.keys()) running.abort()
    await Promise.allSettled(this.#running.values())
  }

  async #answer(config: RequestedConfig, ask: PreviewAsk, signal: AbortSignal): Promise<PreviewAnswer> {
    if (this.#isClosed) throw new ConnectError('the worker is stopping', { code: 'CONNECT_STOPPING' })
    if (this.#running.size >= PREVIEWS_MAX) {
      const message = `${PREVIEWS_MAX} previews are running already. Try again when one has ended: each takes at most ${PREVIEW_DEADLINE_MS / 1000} s`
      throw new ConnectError(message, { code: 'CONNECT_BUSY' })
    }
    const stopping = new AbortController()
    const answer = this.#checkThenRun(config, ask, AbortSignal.any([signal, stopping.signal]))
    this.#running.set(stopping, answer)
    try {
      return await answer
    } catch (error) {
      throw check.asBadRequest(error)
    } finally {
      this.#running.delete(stopping)
    }
  }

  async #checkThenRun(config: RequestedConfig, ask: PreviewAsk, signal: AbortSignal): Promise<PreviewAnswer> {
    const { jobs, variables, actors } = this.#o
    const { props, nullKeys } = check.splitNulls(config)
    const infos = check.withNullErrors(await jobs.validate(props), nullKeys)
    try {
      check.refuseErrors(infos)
    } catch (error) {
      return { invalid: infos, message: (error as Error).message }
    }
    const { 'connector.class': className = '', 'connector.plugin.version': version } = variables.resolve(props)
    const { kind } = await jobs.connector(className, version)
    const spec: PreviewSpec = {
      kind,
      ask,
      connector: props.name ?? NAMELESS,
      connectorProps: props,
      workerProps: actors.workerProps,
      secretKeys: check.secretKeysOf(infos),
      logLevels: this.#logLevels,
      metrics: new MetricsSlab().shared,
    }
    if (signal.aborted) throw cancelled()
    return { report: await this.#run(spec, signal) }
  }

  /** Settles when the thread is gone, with the report or with what ended it. */
  #run(spec: PreviewSpec, signal: AbortSignal): Promise<PreviewReport> {
    const { clock, spawn, offsets, memoryMaxMb, stuckTimeoutMs, writeLog } = this.#o.actors
    return new Promise((resolve, reject) => {
      let step = 'loading plugins'
      let settle: (() => void) | null = null
      /** the first end counts */
      const end = (how: () => void) => {
        if (settle !== null) return
        settle = how
        late.cancel()
        signal.removeEventListener('abort', cancel)
        void handle.stop(STOP_MS)
      }
      const receive = (message: FromPreview) => {
        if (message.type === 'entered') step = message.step
        else if (message.type === 'previewed') end(() => resolve(message.report))
        else {
          const { id } = message
          offsets.get(spec.connector, message.partitions).then(
            value => handle.send({ type: 'reply', id, value }),
            error => handle.send({ type: 'reply', id, value: null, error: toWireError(error) }),
          )
        }
      }
      const options: ActorOptions<FromPreview> = {
        entry: 'preview',
        data: spec,
        memoryMaxMb,
        stuckTimeoutMs,
        clock,
        onMessage: receive,
        onLog: writeLog,
        onExit: exit => {
          if (exit.reason === 'failed') end(() => reject(failed(step, new RemoteError(exit.error))))
          else end(() => reject(cancelled()))
          settle?.()
        },
      }
      const handle = spawn<ToPreview, FromPreview>(options)
      const cancel = () => end(() => reject(cancelled()))
      signal.addEventListener('abort', cancel, { once: true })
      const late = clock.after(PREVIEW_DEADLINE_MS, () => {
        const message = `the preview did not end within ${PREVIEW_DEADLINE_MS / 1000} s and was ended; it was busy with: ${step}`
        end(() => reject(new ConnectError(message, { code: 'CONNECT_PREVIEW_TIMEOUT' })))
      })
    })
  }
}

const cancelled = (): AbortedError => new AbortedError('the preview was cancelled')

/** What is wrong with the request stays so (400); all else is the failure of the preview. */
function failed(step: string, error: RemoteError): Error {
  if (error.code === 'CONNECT_BAD_REQUEST' || error.code === 'CONNECT_CONFIG') return error
  return new ConnectError(`the preview failed (${step}): ${error.message}`, { code: 'CONNECT_PREVIEW_FAILED', cause: error })
}
