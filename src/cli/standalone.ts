// A standalone worker: offset file, herder, connector files; then it waits for a signal. Main thread; called by main.ts.
import { codeOf, toError } from '../base/errors.ts'
import type { StandaloneConfig } from '../config/worker-config.ts'
import { MemoryConfigStore } from '../store/config-store.ts'
import { FileOffsetStore } from '../store/file-offset-store.ts'
import { MemoryStatusStore } from '../store/status-store.ts'
import { StandaloneHerder } from '../supervisor/standalone-herder.ts'
import { readConnectorFile } from './connector-file.ts'
import { readStandaloneFile } from './worker-file.ts'
import { cliLog, herderParts, type ProcessParts, runningWith, runWorker, serve } from './worker-process.ts'

const EXIT_CONNECTOR = 3

/** Runs until it is told to stop; settles with the exit code. */
export function runStandalone(workerFile: string, connectorFiles: readonly string[]): Promise<number> {
  return runWorker('standalone', workerFile, readStandaloneFile, async parts => {
    const offsets = new FileOffsetStore(parts.config['offset.storage.file.filename'])
    await offsets.start()
    return serve(parts, {
      async start({ host, port }) {
        const stores = { configs: new MemoryConfigStore(), statuses: new MemoryStatusStore(), offsets }
        const made = herderParts(parts, `${host}:${port}`, stores)
        return runningWith(parts, new StandaloneHerder(made.options), made)
      },
      async work({ herder }, signal) {
        if (!(await createAll(parts, herder, connectorFiles, signal))) return EXIT_CONNECTOR
        await signal
        return 0
      },
    })
  })
}

/** Java ends when a connector of the command line is refused, so that a typing error is not overlooked. */
async function createAll(
  parts: ProcessParts<StandaloneConfig>,
  herder: StandaloneHerder,
  files: readonly string[],
  signal: Promise<void>,
): Promise<boolean> {
  const log = cliLog(parts)
  let isStopped = false
  void signal.then(() => (isStopped = true))
  for (const file of files) {
    try {
      const { name, config: connector, initialState } = await readConnectorFile(file)
      const creating = herder.putConfig(name, connector, { allowReplace: false, initialState })
      await Promise.race([creating, signal])
      if (isStopped) {
        creating.catch(() => undefined)
        return true
      }
      log.info({ connector: name }, `created from ${file}`)
    } catch (error) {
      // It exists, is FAILED and will be restarted: not a reason to give up the others.
      if (codeOf(error) === 'CONNECT_CONNECTOR_FAILED' && parts.config['task.restart.enable']) continue
      log.fatal(`The connector of ${file} was not created: ${toError(error).message}`)
      return false
    }
  }
  return true
}
