// Named loggers: the level of the nearest name above counts, and what is off costs nothing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Levels, Loggers, levelNamed, levelOf } from '../../src/base/log.ts'

function logging(levels: Levels) {
  const lines: { logger: string; msg: string }[] = []
  return { lines, loggers: new Loggers(levels, { write: line => lines.push(JSON.parse(line)) }) }
}

describe('levels', () => {
  it('the nearest name above counts, whole names only', () => {
    const levels: Levels = { root: 'WARN', 'a.b': 'DEBUG', 'a.b.c': 'OFF' }
    assert.deepEqual(
      ['a', 'a.b', 'a.b.x', 'a.bb', 'a.b.c.d', 'a.b$Inner', 'root'].map(name => levelOf(levels, name)),
      ['WARN', 'DEBUG', 'DEBUG', 'WARN', 'OFF', 'DEBUG', 'WARN'],
    )
  })

  it("names are Java's or pino's, in any case; a name of Object.prototype is none", () => {
    assert.deepEqual(['debug', 'Off', 'silent', 'ALL', 'toString', 'x'].map(levelNamed), [
      'DEBUG',
      'OFF',
      'OFF',
      'ALL',
      undefined,
      undefined,
    ])
  })
})

describe('loggers', () => {
  it('write the name, and follow a change also when they were there before it', () => {
    const { lines, loggers } = logging({ root: 'INFO' })
    const early = loggers.named('a.b.C')
    early.debug('no')
    loggers.setLevels({ root: 'INFO', 'a.b': 'DEBUG' })
    early.debug('yes')
    loggers.named('a.b.D').debug('yes')
    loggers.named('a.x').debug('no')
    assert.deepEqual(
      lines.map(({ logger, msg }) => [logger, msg]),
      [
        ['a.b.C', 'yes'],
        ['a.b.D', 'yes'],
      ],
    )
  })

  it('a level that is off is an empty function: nothing is built for it', () => {
    const { loggers } = logging({ root: 'INFO' })
    const logger = loggers.named('hot')
    assert.equal(logger.debug, logger.trace)
    assert.equal(logger.isLevelEnabled('debug'), false)
    assert.notEqual(logger.info, logger.debug)
  })

  it('one name is one logger', () => {
    const { loggers } = logging({ root: 'INFO' })
    assert.equal(loggers.named('a'), loggers.named('a'))
  })
})
