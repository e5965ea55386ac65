// MockSource and MockSink: a connector or task that does nothing, and fails after a while if it is told to, for tests of restarts. Connector and
// task threads. Java: org.apache.kafka.connect.tools.Mock{Connector,SourceTask,SinkTask}.
import type { Connector, Props, SinkTask, SourceTask } from '../../api/index.ts'
import { type Clock, systemClock, type Timer } from '../../base/clock.ts'
import { ConnectError, codeOf } from '../../base/errors.ts'
import { parseLong } from './numbers.ts'

const MODE = 'mock_mode'
const DELAY_MS_DEFAULT = 15_000
/** A poll waits so long; Java's comes back at once and is called again. */
const POLL_MS = 50

function delayOf(props: Props): number {
  return props.delay_ms === undefined ? DELAY_MS_DEFAULT : parseLong(props.delay_ms)
}

/** Java's is a RuntimeException without a word. */
function failure(mode: string): ConnectError {
  return new ConnectError(`the mock fails because ${MODE} is ${mode}`, { code: 'CONNECT_MOCK_FAILURE' })
}

/** One task, whose configuration is the connector's. */
export function mockConnector(clock: Clock = systemClock): Connector {
  let props: Props = {}
  let timer: Timer | null = null
  return {
    start(started, context) {
      props = started
      if (started[MODE] !== 'connector-failure') return
      timer = clock.after(delayOf(started), () => context.raiseError(failure('connector-failure')))
    },
    taskConfigs: () => [props],
    stop() {
      timer?.cancel()
    },
  }
}

/** When a task in mode task-failure is to fail; any other never does. */
class Fuse {
  readonly #clock: Clock
  #failAfterMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(props: Props): void {
    if (props[MODE] === 'task-failure') this.#failAfterMs = this.#clock.now() + delayOf(props)
  }

  check(): void {
    if (this.#clock.now() > this.#failAfterMs) throw failure('task-failure')
  }
}

export function mockSourceTask(clock: Clock = systemClock): SourceTask {
  const fuse = new Fuse(clock)
  return {
    start: props => fuse.start(props),
    async poll(signal) {
      fuse.check()
      await clock.sleep(POLL_MS, signal).catch(error => {
        if (codeOf(error) !== 'CONNECT_ABORTED') throw error
      })
      return null
    },
    stop() {},
  }
}

export function mockSinkTask(clock: Clock = systemClock): SinkTask {
  const fuse = new Fuse(clock)
  return {
    start: props => fuse.start(props),
    // Called twice a second also when there are no records.
    put: () => fuse.check(),
    stop() {},
  }
}
