// How long a plugin's module may take to load in the thread of a connector or task, or of a scan. What counts is the thread's own time, in which it had a
// processor or its loop waited. What the plugin does later, in `start` and so on, has no limit. Main thread; one for each ActorRef and each scan.
import { TaskThreadError } from '../base/errors.ts'
import { OwnTimeWatch, type OwnTimeWatchOptions } from '../base/own-time-watch.ts'
import type { FromAnyActor } from './messages.ts'

type Loading = Extract<FromAnyActor, { type: 'moduleLoading' }>

export interface ModuleWatchOptions extends Pick<OwnTimeWatchOptions<Loading>, 'clock' | 'ownTimeMs'> {
  /** the thread must end, unless `isLoading` says meanwhile that it is through; called again for another module, if it does not end */
  onHung(error: TaskThreadError, isLoading: () => boolean): void
}

export class ModuleWatch {
  /** by file: a task loads several at once, one file at most once at a time */
  readonly #loading = new Map<string, Loading>()
  readonly #times: OwnTimeWatch<Loading>

  constructor({ clock, ownTimeMs, onHung }: ModuleWatchOptions) {
    this.#times = new OwnTimeWatch({
      clock,
      ownTimeMs,
      onOver: ({ className, file, limitMs }, isLoading) => {
        const message = `${className} could not be loaded: ${file} did not finish loading within ${limitMs} ms, and its thread was terminated`
        onHung(new TaskThreadError(message, { code: 'CONNECT_TASK_STUCK_ON_LOAD' }), isLoading)
      },
    })
  }

  begun(module: Loading): void {
    if (this.#loading.has(module.file)) return
    this.#loading.set(module.file, module)
    this.#times.begun(module, module.limitMs)
  }

  ended(file: string): void {
    const module = this.#loading.get(file)
    if (module === undefined) return
    this.#loading.delete(file)
    this.#times.ended(module)
  }

  /** The thread is gone. */
  cancel(): void {
    this.#loading.clear()
    this.#times.cancel()
  }
}
