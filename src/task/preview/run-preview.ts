// A preview from its spec to its report, with everything closed again in between. Preview threads; called by workers/preview.ts.
import type { ActorHost } from '../../actor/actor-host.ts'
import type {
  FromPreview,
  PreviewReport,
  PreviewSpec,
  PreviewSummary,
  RecordPreview,
  ToPreview,
} from '../../actor/preview-messages.ts'
import type { Clock } from '../../base/clock.ts'
import { ConfigError } from '../../base/errors.ts'
import { connectorPlugin, loadChain, openTaskCatalogue } from '../plugins.ts'
import { Renderer } from './renderer.ts'
import { previewSink } from './sink-preview.ts'
import { previewSource } from './source-preview.ts'
import type { StepsContext } from './steps.ts'

/** What the two kinds of previews are given. */
export interface PreviewRun extends StepsContext {
  readonly host: ActorHost<ToPreview, FromPreview>
  /** variables resolved */
  readonly spec: PreviewSpec
  readonly clock: Clock
  /** aborts when nobody wants the report any more */
  readonly signal: AbortSignal
  /** closes what was opened; the last opened first */
  onEnd(close: () => Promise<unknown>): void
}

/** What they give back. */
export interface Previewed {
  readonly records: readonly RecordPreview[]
  readonly ended: PreviewSummary['ended']
  readonly notes: readonly string[]
}

/** For a stop of connector, task and connections. */
const CLOSE_MS_MAX = 3_000

type Host = ActorHost<ToPreview, FromPreview>

/** @param redact takes secrets out of every text of the report */
export async function runPreview(
  host: Host,
  spec: PreviewSpec,
  clock: Clock,
  redact: (text: string) => string,
  signal: AbortSignal,
): Promise<PreviewReport> {
  const startedMs = clock.monotonicMs()
  let step = 'loading plugins'
  const entered = (next: string) => {
    if (next === step) return
    step = next
    host.post({ type: 'entered', step: redact(next) })
  }
  const catalogue = await openTaskCatalogue(spec.workerProps)
  const plugin = await connectorPlugin(catalogue, spec.connectorProps)
  if (plugin.kind !== spec.kind) throw new ConfigError('connector.class', `${plugin.className} is no ${spec.kind} connector`)
  host.namePlugin(plugin.className)
  const closers: (() => Promise<unknown>)[] = []
  const renderer = new Renderer(redact)
  const chain = await loadChain(catalogue, spec.connectorProps, spec.workerProps)
  const onEnd = (close: () => Promise<unknown>) => closers.unshift(close)
  onEnd(async () => chain.close())
  const run: PreviewRun = { host, spec, clock, signal, chain, renderer, entered, onEnd }
  let previewed: Previewed
  const problems: string[] = []
  let failedIn: string | null = null
  try {
    previewed = plugin.kind === 'sink' ? await previewSink(run, plugin) : await previewSource(run, plugin)
  } catch (error) {
    failedIn = step
    throw error
  } finally {
    entered('stopping')
    problems.push(...(await closed(closers, clock)))
    // the failure is told with the step that was entered last
    if (failedIn !== null) entered(failedIn)
  }
  const notes = [...previewed.notes, ...problems].map(note => renderer.text(note))
  if (renderer.isFull) notes.push('the answer is as large as it may be: later records lack their values; ask for fewer records')
  const { connector: name, kind: type } = spec
  const summary = summaryOf(previewed, Math.round(clock.monotonicMs() - startedMs))
  return { name, type, class: plugin.className, summary, notes, records: previewed.records }
}

/** Runs them all, one after the other, within their time. Sentences about those that failed. */
async function closed(closers: readonly (() => Promise<unknown>)[], clock: Clock): Promise<string[]> {
  const problems: string[] = []
  const all = async () => {
    for (const close of closers) await close().catch(error => problems.push(`a stop failed: ${String(error?.message ?? error)}`))
    return true
  }
  const done = await Promise.race([all(), clock.sleep(CLOSE_MS_MAX).then(() => false)])
  return done ? problems : [...problems, `connector and task did not stop within ${CLOSE_MS_MAX} ms`]
}

export function summaryOf({ records, ended }: Previewed, ms: number): PreviewSummary {
  const count = (outcome: string) => records.filter(record => record.outcome === outcome).length
  const stages = new Map<string, number>()
  for (const { error } of records) if (error !== undefined) stages.set(error.stage, (stages.get(error.stage) ?? 0) + 1)
  return {
    read: records.length,
    ok: count('ok'),
    dropped: count('dropped'),
    ignored: count('ignored'),
    failed: count('failed'),
    failed_by_stage: Object.fromEntries(stages),
    ended,
    ms,
  }
}
