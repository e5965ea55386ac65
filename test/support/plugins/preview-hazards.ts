// Plugins that a preview must survive: transforms that spin, fill the heap, throw no Error or leave the process, sources whose start or poll
// never ends or that poll no records, and one whose password is what it sends. Preview threads; for test/broker/preview-hazards.test.ts.
import { defineTransform, NO_HEADERS, type Plugin, SourceRecord, type SourceTask, STRING } from '../../../src/api/index.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { countedConnector } from './counted.ts'

const noKeys = defineConfig({})

const transform = (name: string, misbehave: () => never): Plugin =>
  defineTransform({
    className: `io.sluice.test.${name}`,
    aliases: [name],
    version: '0.1.0',
    config: noKeys,
    create: () => ({ configure: () => undefined, apply: () => misbehave() }),
  })

function spin(): never {
  for (;;);
}

function allocate(): never {
  const hoard: string[][] = []
  for (let i = 0; ; i++) hoard.push(Array.from({ length: 10_000 }, (_, j) => `${i}-${j}`))
}

function throwText(): never {
  throw 'only a text'
}

const never = <T>(): Promise<T> => new Promise(() => {})

const source = (name: string, create: () => SourceTask): Plugin => ({
  kind: 'source',
  className: `io.sluice.test.${name}Connector`,
  taskClass: `io.sluice.test.${name}Task`,
  aliases: [name],
  version: '0.1.0',
  config: defineConfig({
    topic: { type: 'string', importance: 'high', doc: 'Where records go.' },
    secret: { type: 'password', default: null, importance: 'high', doc: 'Is sent in every record.' },
  }),
  connector: countedConnector,
  task: create,
})

/** Sends its password as text, inside a text, as a number and as bytes. */
function leakyTask(): SourceTask {
  let secret = ''
  let topic = ''
  return {
    start(props) {
      secret = props.secret ?? ''
      topic = props.topic ?? ''
    },
    poll() {
      const values = [secret, `before ${secret} after`, { n: Number(secret), b: Buffer.from(secret), [secret]: 1 }]
      return values.map(
        (value, n) => new SourceRecord({ s: secret }, { n }, topic, null, STRING, 'k', null, value, null, NO_HEADERS),
      )
    },
    stop() {},
  }
}

const oddRecord = () => new SourceRecord({ s: 1 }, { n: 1 }, 'odd', null, STRING, 'k', STRING, 'v', null, NO_HEADERS)

export const plugins: readonly Plugin[] = [
  transform('SpinningTransform', spin),
  transform('AllocatingTransform', allocate),
  transform('TextThrowingTransform', throwText),
  transform('NullThrowingTransform', () => {
    throw null
  }),
  transform('BareThrowingTransform', () => {
    throw Object.create(null)
  }),
  transform('ExitingTransform', () => process.exit(3)),
  source('HangingStartSource', () => ({ start: () => never<void>(), poll: () => null, stop() {} })),
  source('HangingPollSource', () => ({ start() {}, poll: () => never<null>(), stop() {} })),
  source('ThrowingStartSource', () => ({
    start() {
      throw new Error('no such host')
    },
    poll: () => null,
    stop() {},
  })),
  source('OddPollSource', () => ({ start() {}, poll: () => [null, {}, 'text', oddRecord()] as never, stop() {} })),
  source('TextPollSource', () => ({ start() {}, poll: () => 'abc' as never, stop() {} })),
  source('LeakySource', leakyTask),
]
