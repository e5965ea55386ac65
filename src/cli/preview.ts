// `sluice preview`: what a connector would make of some records, without a running worker. The same threads and limits as in one. Main thread;
// called by main.ts.
import { parseArgs } from 'node:util'
import { ConfigError, codeOf, toError } from '../base/errors.ts'
import { type Levels, type Logger, Loggers } from '../base/log.ts'
import { LOGGERS } from '../base/logger-names.ts'
import { openVariables, type Variables } from '../config/variables.ts'
import { sharePluginIndex } from '../plugins/plugin-index.ts'
import { pluginPathOf } from '../plugins/plugin-path.ts'
import { PREVIEW_RECORDS } from '../rest/schemas.ts'
import { MemoryConfigStore } from '../store/config-store.ts'
import { FileOffsetStore } from '../store/file-offset-store.ts'
import type { OffsetStore } from '../store/offset-store.ts'
import { splitNulls } from '../supervisor/config-check.ts'
import type { RequestedConfig } from '../supervisor/herder.ts'
import { PiscinaJobPool } from '../supervisor/job-pool.ts'
import { type PreviewAnswer, type PreviewAsk, Previews } from '../supervisor/previews.ts'
import { actorOptions } from './actor-options.ts'
import { readConnectorFile } from './connector-file.ts'
import { previewText } from './preview-text.ts'
import { readOnlyOffsets } from './read-only-offsets.ts'
import { readAnyWorkerFile } from './worker-file.ts'

const EXIT_USAGE = 1
const EXIT_START = 2
const EXIT_CONNECTOR = 3
const READ_MS = 10_000
/** Of a thread that must report within 30 s. */
const OFFSETS_MS = 15_000

interface Command {
  readonly connectorFile: string
  readonly workerFile: string
  readonly isJson: boolean
  readonly ask: PreviewAsk
}

/** @throws ConfigError for wrong usage */
function commandOf(args: readonly string[]): Command {
  const { values, positionals } = parsed(args)
  const [connectorFile, ...more] = positionals
  if (connectorFile === undefined || more.length > 0) throw new ConfigError('', 'preview takes one connector file')
  if (values.worker === undefined) throw new ConfigError('', 'preview needs --worker <worker file>')
  const records = Number(values.records)
  if (!Number.isInteger(records) || records < PREVIEW_RECORDS.least || records > PREVIEW_RECORDS.most) {
    throw new ConfigError('', `--records must be a whole number from ${PREVIEW_RECORDS.least} to ${PREVIEW_RECORDS.most}`)
  }
  if (values.from !== 'first' && values.from !== 'newest') throw new ConfigError('', '--from must be first or newest')
  const ask: PreviewAsk = { records, from: values.from, topics: [], partition: null, readMs: READ_MS }
  return { connectorFile, workerFile: values.worker, isJson: values.json, ask }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        worker: { type: 'string' },
        records: { type: 'string', default: '10' },
        from: { type: 'string', default: 'first' },
        json: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new ConfigError('', toError(error).message, { cause: error })
  }
}

/** Settles with the exit code: 0 also where records failed, for that is what was asked. */
export async function runPreviewCommand(args: readonly string[]): Promise<number> {
  let command: Command
  try {
    command = commandOf(args)
  } catch (error) {
    process.stderr.write(`${toError(error).message}\nHelp: sluice --help\n`)
    return EXIT_USAGE
  }
  try {
    const answer = await preview(command)
    if ('invalid' in answer) {
      process.stderr.write(`${answer.message.split('\n').slice(0, -1).join('\n')}\n`)
      return EXIT_CONNECTOR
    }
    process.stdout.write(command.isJson ? `${json(answer.report)}\n` : previewText(answer.report))
    return 0
  } catch (error) {
    process.stderr.write(`${toError(error).message}\n`)
    return codeOf(error) === 'CONNECT_CONFIG' ? EXIT_START : EXIT_CONNECTOR
  }
}

async function preview({ connectorFile, workerFile, ask }: Command): Promise<PreviewAnswer> {
  const worker = await readAnyWorkerFile(workerFile)
  const { file, mode } = worker
  const { config: connector } = await readConnectorFile(connectorFile)
  const levels: Levels = { root: 'WARN' }
  const log = new Loggers(levels, process.stderr).named(LOGGERS[mode])
  const variables = openVariables(file.props)
  const offsets = offsetsOf(worker, connector, variables, log)
  await offsets.start()
  const paths = pluginPathOf(file.props)
  const { faults } = paths.length === 0 ? { faults: [] } : await sharePluginIndex(paths)
  for (const fault of faults) log.warn(`plugin.path: ${fault.file} could not be loaded: ${fault.message}`)
  const jobs = new PiscinaJobPool(file.props, log, { mode })
  const actors = actorOptions(file, levels, log, offsets, line => process.stderr.write(line))
  const previews = new Previews({ actors, configs: new MemoryConfigStore(), jobs, variables })
  const cancelled = new AbortController()
  const cancel = () => cancelled.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cancel)
  try {
    const className = connector['connector.class'] ?? ''
    return await previews.ofPlugin(className, connector, ask, cancelled.signal)
  } finally {
    await previews.close()
    await jobs.close()
  }
}

/** Where a source would go on from. */
function offsetsOf(
  worker: Awaited<ReturnType<typeof readAnyWorkerFile>>,
  connector: RequestedConfig,
  variables: Variables,
  log: Logger,
): OffsetStore {
  if (worker.mode === 'standalone') return new FileOffsetStore(worker.file.config['offset.storage.file.filename'])
  return readOnlyOffsets({
    workerProps: worker.file.props,
    topic: worker.file.config['offset.storage.topic'],
    configOf: () => variables.resolve(splitNulls(connector).props),
    clientId: 'sluice-preview',
    log,
    timeoutMs: OFFSETS_MS,
  })
}

/** An int64 beyond 2^53 keeps its digits. */
function json(report: object): string {
  const raw = (text: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text)
  return JSON.stringify(report, (_key, value: unknown) => (typeof value === 'bigint' ? raw(String(value)) : value), 2)
}
