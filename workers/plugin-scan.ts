// Entry of a scan thread: imports one module of `plugin.path` and tells the names of its plugins. Ended by plugin-index.ts.
import { parentPort, workerData } from 'node:worker_threads'
import type { Scan } from '../src/plugins/plugin-index.ts'
import { importPlugins } from '../src/plugins/plugin-module.ts'
import type { PluginModule } from '../src/plugins/plugin-path.ts'

async function scan(module: PluginModule): Promise<Scan> {
  try {
    const { plugins, faults } = await importPlugins(module)
    const names = plugins.map(({ kind, className, aliases = [], version }) => ({
      kind,
      className,
      aliases: [...aliases],
      version,
    }))
    return { plugins: names, faults }
  } catch (error) {
    return { plugins: [], faults: [error instanceof Error ? error.message : String(error)] }
  }
}

// A module that waits for what never happens leaves the event loop empty: a listener keeps the thread until its time is up.
parentPort?.on('message', () => {})
parentPort?.postMessage(await scan(workerData as PluginModule))
