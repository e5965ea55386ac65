// Entry of a preview thread: runs one preview, posts its report, ends when it is told to.
import { workerData } from 'node:worker_threads'
import { ActorHost } from '../src/actor/actor-host.ts'
import type { FromPreview, PreviewSpec, ToPreview } from '../src/actor/preview-messages.ts'
import { systemClock } from '../src/base/clock.ts'
import { openVariables, resolveWorkerProps } from '../src/config/variables.ts'
import { passwordRedactor } from '../src/task/preview/passwords.ts'
import { runPreview } from '../src/task/preview/run-preview.ts'

const written = workerData as PreviewSpec
const host = new ActorHost<ToPreview, FromPreview>(written)

try {
  const variables = openVariables(written.workerProps)
  const ofProviders = variables.redactor([written.connectorProps, written.workerProps])
  const spec: PreviewSpec = {
    ...written,
    connectorProps: variables.resolve(written.connectorProps),
    workerProps: resolveWorkerProps(written.workerProps),
  }
  const ofPasswords = passwordRedactor(spec, written)
  // Variables first: a password that came from a provider is shown as its variable.
  const redact = (text: string) => ofPasswords(ofProviders(text))
  host.setRedactor(redact)
  const stopping = new AbortController()
  let isDone = false
  host.onMessage(message => {
    if (message.type !== 'stop') return
    stopping.abort()
    if (isDone) host.exit()
  })
  try {
    const report = await runPreview(host, spec, systemClock, redact, stopping.signal)
    host.post({ type: 'previewed', report })
  } finally {
    isDone = true
  }
  if (stopping.signal.aborted) host.exit()
} catch (error) {
  host.fail(error)
}
