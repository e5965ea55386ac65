// What is in `plugin.path`: each module is imported once, in a thread of its own that ends with it, and only the names of its plugins come back.
// So a module that hangs, exits or runs out of memory takes nothing with it, and task threads import only what they use. The main thread makes
// the index when the worker starts and hands it to every later thread; a thread that has none makes its own.
import { getEnvironmentData, setEnvironmentData, Worker } from 'node:worker_threads'
import { ModuleWatch } from '../actor/module-watch.ts'
import { endedOrAbandoned } from '../base/abandoned-threads.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { ownModule } from '../base/layout.ts'
import { ownTimeMs } from '../base/own-time-watch.ts'
import type { PluginName } from './catalogue.ts'
import { findModules, type LoadFault, type PluginModule } from './plugin-path.ts'

export interface IndexedPlugin extends PluginName {
  readonly from: PluginModule
}

/** Plain data: it crosses threads. */
export interface PluginIndex {
  readonly plugins: readonly IndexedPlugin[]
  readonly faults: readonly LoadFault[]
}

/** What the scan thread answers. */
export interface Scan {
  readonly plugins: readonly PluginName[]
  readonly faults: readonly string[]
}

const ENTRY = ownModule('workers/plugin-scan')
/**
 * A module that waits for something at its top, or spins there, must not keep the worker's other plugins from loading when the worker starts. It is the
 * limit in the threads of connectors and tasks too, which import it once more.
 */
export const MODULE_LOAD_MS_MAX = 30_000
const SCAN_MEMORY_MB_MAX = 256
const SCANS_AT_ONCE = 2
const SHARED = 'sluice.plugin-index'

type SharedIndexes = Readonly<Record<string, PluginIndex>>

const sharedIndexes = () => (getEnvironmentData(SHARED) ?? {}) as SharedIndexes
const keyOf = (paths: readonly string[]) => paths.join(',')

/** The index that the main thread made for this `plugin.path`, or a new one. */
export async function pluginIndex(paths: readonly string[]): Promise<PluginIndex> {
  return sharedIndexes()[keyOf(paths)] ?? (await indexPlugins(paths))
}

/** Makes the index and hands it to every thread that starts later. */
export async function sharePluginIndex(paths: readonly string[]): Promise<PluginIndex> {
  const index = await indexPlugins(paths)
  setEnvironmentData(SHARED, { ...sharedIndexes(), [keyOf(paths)]: index } as never)
  return index
}

export async function indexPlugins(paths: readonly string[], clock: Clock = systemClock): Promise<PluginIndex> {
  const { modules, faults: missing } = await findModules(paths)
  const scans: Scan[] = []
  const waiting = modules.entries()
  const scanNext = async () => {
    for (const [i, module] of waiting) scans[i] = await scan(module, clock)
  }
  await Promise.all(Array.from({ length: SCANS_AT_ONCE }, scanNext))
  const faults = [...missing]
  const plugins = new Map<string, IndexedPlugin>()
  for (const [i, from] of modules.entries()) {
    const { plugins: found, faults: messages } = scans[i] as Scan
    faults.push(...messages.map(message => ({ file: from.file, message })))
    for (const name of found) {
      const key = `${name.kind} ${name.className} ${name.version}`
      const first = plugins.get(key)
      if (first === undefined) plugins.set(key, { ...name, from })
      else
        faults.push({
          file: from.file,
          message: `its ${name.className} ${name.version} is also in ${first.from.file}, which is used`,
        })
    }
  }
  return { plugins: [...plugins.values()], faults }
}

function scan(module: PluginModule, clock: Clock): Promise<Scan> {
  return new Promise(resolve => {
    const thread = new Worker(ENTRY, {
      workerData: module,
      resourceLimits: { maxOldGenerationSizeMb: SCAN_MEMORY_MB_MAX },
    })
    const failed = (message: string) => settle({ plugins: [], faults: [message] })
    const watch = new ModuleWatch({
      clock,
      ownTimeMs: () => ownTimeMs(thread),
      onHung: () => failed(`it did not finish loading within ${MODULE_LOAD_MS_MAX} ms`),
    })
    watch.begun({ type: 'moduleLoading', className: '', file: module.file, limitMs: MODULE_LOAD_MS_MAX })
    const settle = (result: Scan) => {
      watch.cancel()
      void endedOrAbandoned(thread.terminate(), clock)
      resolve(result)
    }
    thread.once('message', settle)
    thread.on('error', error => failed(error instanceof Error ? error.message : String(error)))
    thread.once('exit', code => failed(`it ended its thread with exit code ${code} while it was loaded`))
  })
}
