// Lines of the logger. What is expected here was recorded from pino 10.4 with errorKey `error`, whose lines these were before, and which the
// tools that read logs know.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JsonLogger, type LogLevel } from '../../src/base/logger.ts'

class RefusedError extends Error {
  readonly code = 'REFUSED'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RefusedError'
  }
}

function refused(): RefusedError {
  const error = new RefusedError('bad', { cause: new Error('why') })
  error.stack = 'S'
  ;(error.cause as Error).stack = 'T'
  return error
}

const REFUSED = '{"type":"RefusedError","message":"bad: why","stack":"S\\ncaused by: T","code":"REFUSED","name":"RefusedError"}'

function logging(level: LogLevel = 'info') {
  const lines: string[] = []
  const logger = new JsonLogger(
    { write: line => lines.push(line.replace(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, '"time"')) },
    { connector: 'a' },
    level,
  )
  return { logger, lines }
}

describe('a line', () => {
  const cases: readonly [string, (log: JsonLogger) => void, string][] = [
    ['words alone', log => log.warn('w'), '{"level":40,"time","connector":"a","msg":"w"}'],
    [
      'entries and words',
      log => log.info({ x: 1, y: 'z"' }, 'w'),
      '{"level":30,"time","connector":"a","x":1,"y":"z\\"","msg":"w"}',
    ],
    ['entries alone', log => log.info({ x: [null, true] }), '{"level":30,"time","connector":"a","x":[null,true]}'],
    [
      'values in the words',
      log => log.info('%s of %d: %j', 'a', 2, { b: 1 }),
      '{"level":30,"time","connector":"a","msg":"a of 2: {\\"b\\":1}"}',
    ],
    ['a percent sign without values', log => log.info('100 %s'), '{"level":30,"time","connector":"a","msg":"100 %s"}'],
    ['an error', log => log.error(refused()), `{"level":50,"time","connector":"a","error":${REFUSED},"msg":"bad"}`],
    ['an error and words', log => log.error(refused(), 'w'), `{"level":50,"time","connector":"a","error":${REFUSED},"msg":"w"}`],
    [
      'an error among the entries',
      log => log.error({ error: refused() }),
      `{"level":50,"time","connector":"a","error":${REFUSED},"msg":"bad"}`,
    ],
    ['an error as text', log => log.error({ error: 'text' }), '{"level":50,"time","connector":"a","error":"text"}'],
    [
      'what JSON does not know',
      log => log.info({ big: 2n ** 63n, nothing: undefined, call() {}, date: new Date(0), nan: Number.NaN }, 'w'),
      '{"level":30,"time","connector":"a","big":9223372036854775808,"date":"1970-01-01T00:00:00.000Z","nan":null,"msg":"w"}',
    ],
    ['no entries', log => log.info(null, 'w'), '{"level":30,"time","connector":"a","msg":"w"}'],
  ]
  for (const [name, write, expected] of cases)
    it(name, () => {
      const { logger, lines } = logging()
      write(logger)
      assert.deepEqual(lines, [`${expected}\n`])
    })

  it('comes out where a value points back, or cannot be read', () => {
    const { logger, lines } = logging()
    const cycle: { n: bigint; list: []; self?: object } = { n: 1n, list: [] }
    cycle.self = cycle
    const broken = {
      get value() {
        throw new Error('no')
      },
    }
    logger.info({ cycle, broken, whole: true }, 'w')
    assert.deepEqual(lines, [
      '{"level":30,"time","connector":"a","cycle":{"n":1,"list":[],"self":"[Circular]"},"broken":"(cannot be shown)","whole":true,"msg":"w"}\n',
    ])
  })

  it('ends where causes go round', () => {
    const { logger, lines } = logging()
    const error = refused()
    ;(error.cause as Error).cause = error
    logger.error({ error }, 'w')
    assert.equal(lines[0], `{"level":50,"time","connector":"a","error":${REFUSED},"msg":"w"}\n`)
  })

  it('shows the errors within an error', () => {
    const { logger, lines } = logging()
    logger.error({ error: new AggregateError([refused()], 'many') })
    const { error } = JSON.parse((lines[0] ?? '').replace('"time"', '"time":0')) as { error: { aggregateErrors: object[] } }
    assert.deepEqual(error.aggregateErrors, [JSON.parse(REFUSED)])
  })
})

describe('levels of a logger', () => {
  it('keep out what is below, and follow a change', () => {
    const { logger, lines } = logging('warn')
    logger.info('no')
    logger.level = 'trace'
    logger.trace('yes')
    logger.level = 'silent'
    logger.fatal('no')
    assert.deepEqual(lines, ['{"level":10,"time","connector":"a","msg":"yes"}\n'])
    assert.deepEqual(
      (['fatal', 'silent'] as const).map(level => logger.isLevelEnabled(level)),
      [false, false],
    )
  })

  it("a child has the entries of its parent before its own, and the parent's level until it gets one", () => {
    const { logger, lines } = logging('warn')
    const child = logger.child({ logger: 'x' })
    child.info('no')
    logger.child({ logger: 'y' }, { level: 'info' }).info('yes')
    child.warn({ z: 1 }, 'yes')
    assert.deepEqual(lines, [
      '{"level":30,"time","connector":"a","logger":"y","msg":"yes"}\n',
      '{"level":40,"time","connector":"a","logger":"x","z":1,"msg":"yes"}\n',
    ])
  })
})
