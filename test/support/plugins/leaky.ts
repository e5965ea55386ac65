// A connector and a transform that tell everything they were given, in every message, at the place that `when` names. For the secrets test.
// Connector, task and job threads.
import {
  type ConnectorContext,
  DataError,
  type Plugin,
  type Props,
  type SinkRecord,
  type SinkTaskContext,
} from '../../../src/api/index.ts'
import { defineConfig } from '../../../src/config/define.ts'

const config = defineConfig({
  when: { type: 'string', default: '', importance: 'low', doc: 'validate, start, taskConfigs, task.start, put, later.' },
  pin: { type: 'password', default: null, importance: 'low', doc: 'A secret whose name does not say so.' },
  limit: { type: 'int', default: 1, importance: 'low', doc: 'A number.' },
})

const all = (props: Props) => Object.values(props).join(' ; ')
const tell = (props: Props) => new Error(`told: ${all(props)} ${JSON.stringify(props)}`)

function connector() {
  let given: Props = {}
  return {
    validate: (props: Props) => (props.when === 'validate' ? [{ name: 'when', errors: [tell(props).message] }] : []),
    start(_config: unknown, { logger, props }: ConnectorContext) {
      given = props
      logger.info(all(props))
      logger.trace({ props }, 'with props')
      if (props.when === 'start') throw tell(props)
    },
    taskConfigs() {
      if (given.when === 'taskConfigs') throw tell(given)
      return [{ ...given, url: `http://me:${given['own.text']}@host` }]
    },
    alterOffsets(props: Props): boolean {
      throw tell(props)
    },
    stop() {},
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.sluice.test.LeakySinkConnector',
    taskClass: 'io.sluice.test.LeakySinkTask',
    aliases: ['LeakySink'],
    version: '0.1.0',
    config,
    connector,
    task() {
      let given: Props = {}
      return {
        start(props: Props, { logger }: SinkTaskContext) {
          given = props
          logger.info(all(props))
          logger.debug({ props }, 'with props')
          if (props.when === 'task.start') throw new Error('outer', { cause: tell(props) })
          if (props.when === 'later') setImmediate(() => Promise.reject(tell(props)))
        },
        put(records: readonly SinkRecord[]) {
          if (given.when === 'put' && records.length > 0) throw tell(given)
        },
        stop() {},
      }
    },
  },
  {
    kind: 'transformation',
    className: 'io.sluice.test.Leaky',
    version: '0.1.0',
    config: defineConfig({ text: { type: 'string', importance: 'low', doc: 'A text.' } }),
    create() {
      let given: Props = {}
      return {
        configure(props: Props) {
          given = props
        },
        apply(): never {
          throw new DataError(tell(given).message)
        },
      }
    },
  },
]
