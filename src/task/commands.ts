// Carries out the supervisor's messages to a task, sink or source. Task threads; the runners register themselves here.
import type { ActorHost } from '../actor/actor-host.ts'
import type { FromTask, ToTask } from '../actor/messages.ts'

export interface Obeying {
  setPaused(isPaused: boolean): void
  /** after `deadlineMs` the thread is terminated */
  stop(deadlineMs: number): Promise<void>
  /** between a failure and the thread's end */
  cleanUp(): Promise<void>
}

export function obey(host: ActorHost<ToTask, FromTask>, runner: Obeying): void {
  host.onFailure(() => runner.cleanUp())
  host.onMessage(message => {
    switch (message.type) {
      case 'setLogLevels':
        return host.setLogLevels(message.levels)
      case 'pause':
        return runner.setPaused(true)
      case 'resume':
        return runner.setPaused(false)
      case 'stop':
        void runner.stop(message.deadlineMs)
    }
  })
}
