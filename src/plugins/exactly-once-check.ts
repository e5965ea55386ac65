// Whether a source can have what its config asks of exactly-once delivery: `exactly.once.support=required` and `transaction.boundary=connector`. In a
// cluster only, standalone workers ignore both. Job thread; called by validate.ts. Java: DistributedHerder, with its texts.
import type { Connector } from '../api/connector.ts'
import { toError } from '../base/errors.ts'
import type { Props } from '../config/define.ts'
import type { Findings } from './findings.ts'

const SUPPORT = 'exactly.once.support'
const BOUNDARY = 'transaction.boundary'

export async function addExactlyOnce(main: Findings, connector: Connector, props: Props, workerProps: Props): Promise<void> {
  if (isAsked(main, SUPPORT, 'required')) {
    if (workerProps['exactly.once.source.support']?.trim().toLowerCase() !== 'enabled')
      main.addError(SUPPORT, 'This worker does not have exactly-once source support enabled.')
    await addAnswer(main, SUPPORT, () => exactlyOnceFault(connector, props))
  }
  if (isAsked(main, BOUNDARY, 'connector')) await addAnswer(main, BOUNDARY, () => boundaryFault(connector, props))
}

/** The key has this value, and nothing was found against it. */
function isAsked(main: Findings, key: string, value: string): boolean {
  const found = main.get(key)
  return found?.errors.length === 0 && found.value?.trim().toLowerCase() === value
}

async function addAnswer(main: Findings, key: string, ask: () => Promise<string | null>): Promise<void> {
  try {
    const fault = await ask()
    if (fault !== null) main.addError(key, fault)
  } catch (error) {
    main.addError(key, `An unexpected error occurred during validation: ${toError(error).message}`)
  }
}

async function exactlyOnceFault(connector: Connector, props: Props): Promise<string | null> {
  if (connector.exactlyOnceSupport === undefined)
    return (
      'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult the ' +
      'documentation for the connector to determine whether it supports exactly-once semantics, and then consider reconfiguring the ' +
      'connector to use the value "requested" for this property (which will disable this preflight check and allow the connector to be ' +
      'created).'
    )
  if ((await connector.exactlyOnceSupport(props)) === 'supported') return null
  return 'The connector does not support exactly-once semantics with the provided configuration.'
}

async function boundaryFault(connector: Connector, props: Props): Promise<string | null> {
  if ((await connector.canDefineTransactionBoundaries?.(props)) === 'supported') return null
  return (
    'The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use ' +
    'a different transaction boundary definition.'
  )
}
