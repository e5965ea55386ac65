// A task's thread from its spec on: opens plugins and connections, runs the task until it is stopped or fails. Task threads; called by
// workers/task.ts and workers/spare.ts.
import { ActorHost } from '../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../actor/messages.ts'
import { systemClock } from '../base/clock.ts'
import { openVariables, resolveWorkerProps } from '../config/variables.ts'
import { openSinkTask } from './sink-task/open.ts'

/**
 * Listens to the supervisor before it returns its promise, which never rejects: a failure is told to the supervisor.
 * @param loaded called when everything is loaded, and nothing runs yet
 */
export async function runTask(written: TaskSpec, loaded: () => void = () => {}): Promise<void> {
  const host = new ActorHost<ToTask, FromTask>(written)
  try {
    const variables = openVariables(written.workerProps)
    const { taskProps, connectorProps, workerProps, secretKeys } = written
    host.setRedactor(variables.redactor([taskProps, connectorProps, workerProps], secretKeys))
    const spec: TaskSpec = {
      ...written,
      taskProps: variables.resolve(taskProps),
      connectorProps: variables.resolve(connectorProps),
      workerProps: resolveWorkerProps(workerProps),
    }
    // What sources need besides is loaded by them only.
    const runner =
      spec.kind === 'sink'
        ? await openSinkTask(host, spec, systemClock)
        : await (await import('./source-task/open.ts')).openSourceTask(host, spec, systemClock)
    loaded()
    await runner.start()
  } catch (error) {
    host.fail(error)
  }
}
