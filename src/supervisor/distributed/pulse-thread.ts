// The worker's pulse in its group, in a thread of its own: starts it, tells it for whom to beat, ends it. Main thread; made by cli/distributed.ts,
// used by the group's member. Once it has died the member's own heartbeats are all there is.
import { Worker } from 'node:worker_threads'
import { toError } from '../../base/errors.ts'
import { ownModule } from '../../base/layout.ts'
import type { Logger } from '../../base/log.ts'
import type { ClientProps } from '../../kafka/client-props.ts'
import type { MemberIdentity } from '../../kafka/codec/group-heartbeat.ts'
import type { GroupPulse, PulseGroup, PulseSpec } from '../../kafka/group-pulse.ts'

/** It holds the code of a client and two connections. */
const MEMORY_MB_MAX = 64
const YOUNG_GENERATION_MB = 2

export class PulseThread implements GroupPulse {
  readonly #lastAnswer = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)).fill(-Infinity)
  readonly #thread: Worker
  #isClosing = false

  constructor(group: PulseGroup, clientProps: ClientProps, clientId: string, log: Logger) {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = group
    const spec: PulseSpec = {
      ...{ groupId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs },
      ...{ clientProps, clientId, lastAnswer: this.#lastAnswer.buffer, timeOriginMs: performance.timeOrigin },
    }
    this.#thread = new Worker(ownModule('workers/group-pulse'), {
      workerData: spec,
      name: 'group-pulse',
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    this.#thread.unref()
    let failure = ''
    this.#thread.on('error', error => {
      failure = toError(error).message
    })
    this.#thread.on('exit', code => {
      if (!this.#isClosing)
        log.warn({ code, error: failure }, 'the thread for the heartbeats has ended; they come from the main thread alone now')
    })
  }

  keep(identity: MemberIdentity | null): void {
    this.#thread.postMessage(identity)
  }

  get lastAnswerMs(): number {
    return this.#lastAnswer[0] ?? -Infinity
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#thread.terminate()
  }
}
