// The connectors that Kafka's own system tests of Connect use, under their Java names: docs/test-connectors.md. Connector threads; the catalogue
// imports `plugins`.
import { type Connector, defineConfig, type Plugin, type Props } from '../../api/index.ts'
import { mockConnector, mockSinkTask, mockSourceTask } from './mock.ts'
import { SchemaSourceTask } from './schema-source.ts'
import { VerifiableSinkTask } from './verifiable-sink.ts'
import { VerifiableSourceTask } from './verifiable-source.ts'

/** Java's say the version of Kafka. */
const VERSION = '4.3.0'
const PACKAGE = 'org.apache.kafka.connect.tools'

/** Java declares no keys, so none is checked before a task reads it. */
const NO_KEYS = defineConfig({})

/** As many tasks as are allowed, each with its number. */
function numberedTasks(): Connector {
  let props: Props = {}
  return {
    start(started) {
      props = started
    },
    taskConfigs: maxTasks => Array.from({ length: maxTasks }, (_, id) => ({ ...props, id: String(id) })),
    stop() {},
  }
}

function named(name: string) {
  return {
    className: `${PACKAGE}.${name}Connector`,
    taskClass: `${PACKAGE}.${name}Task`,
    aliases: [name, `${name}Connector`],
    version: VERSION,
    config: NO_KEYS,
  }
}

export const plugins: readonly Plugin[] = [
  { ...named('MockSink'), kind: 'sink', connector: () => mockConnector(), task: () => mockSinkTask() },
  {
    ...named('VerifiableSink'),
    kind: 'sink',
    connector: numberedTasks,
    task: () => new VerifiableSinkTask(),
    previewTarget: () => () => ({ path: 'standard output', format: 'JSON lines' }),
  },
  { ...named('MockSource'), kind: 'source', connector: () => mockConnector(), task: () => mockSourceTask() },
  { ...named('SchemaSource'), kind: 'source', connector: numberedTasks, task: () => new SchemaSourceTask() },
  { ...named('VerifiableSource'), kind: 'source', connector: numberedTasks, task: () => new VerifiableSourceTask() },
]
