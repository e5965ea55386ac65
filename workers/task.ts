// Entry of a task thread: reads its spec, opens plugins and connections, runs the task until it is stopped or fails.
import { workerData } from 'node:worker_threads'
import { ActorHost } from '../src/actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../src/actor/messages.ts'
import { trimHeap } from '../src/actor/trim-heap.ts'
import { systemClock } from '../src/base/clock.ts'
import { openVariables, resolveWorkerProps } from '../src/config/variables.ts'
import { openSinkTask } from '../src/task/sink-task/open.ts'

const written = workerData as TaskSpec
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
      : await (await import('../src/task/source-task/open.ts')).openSourceTask(host, spec, systemClock)
  trimHeap()
  host.post({ type: 'opened' })
  await runner.start()
} catch (error) {
  host.fail(error)
}
