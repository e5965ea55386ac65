// Levels as REST shows and sets them: what KIP-495 clients rely on.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Levels } from '../../src/base/log.ts'
import { LogLevels } from '../../src/supervisor/log-levels.ts'
import { TestClock } from '../support/clock.ts'

function levels() {
  const applied: Levels[] = []
  const clock = new TestClock()
  return { applied, clock, levels: new LogLevels({ root: 'INFO' }, clock, changed => applied.push(changed)) }
}

describe('log levels', () => {
  it('a name sets everything below it, and overrides what was set there before', () => {
    const { levels: l, applied } = levels()
    assert.deepEqual(l.set('org.example.a.B', 'off'), ['org.example.a.B'])
    assert.deepEqual(l.set('org.example', 'DEBUG'), ['org.example', 'org.example.a.B'])
    assert.deepEqual(applied.at(-1), { root: 'INFO', 'org.example': 'DEBUG' })
    assert.deepEqual(l.set('org.example', 'debug'), [])
  })

  it('root changes all, under its name in any case', () => {
    const { levels: l } = levels()
    const changed = l.set('ROOT', 'warn')
    assert.ok(changed.includes('root') && changed.includes('org.apache.kafka.connect.runtime.Worker'))
    assert.deepEqual(changed, changed.toSorted())
    assert.equal(l.one('root')?.level, 'WARN')
  })

  it('the time of the last change is that of each logger; none where nothing changed', () => {
    const { levels: l, clock } = levels()
    assert.equal(l.one('root')?.last_modified, null)
    l.set('org.example', 'DEBUG')
    assert.equal(l.one('org.example')?.last_modified, clock.now())
    assert.equal(l.one('root')?.last_modified, null)
  })

  it('what is off is not listed but can be asked for; a name nobody heard of is not there', () => {
    const { levels: l } = levels()
    l.know('org.example.Sink')
    assert.ok('org.example.Sink' in l.all())
    l.set('org.example.Sink', 'OFF')
    assert.equal('org.example.Sink' in l.all(), false)
    assert.equal(l.one('org.example.Sink')?.level, 'OFF')
    assert.equal(l.one('org.nowhere'), null)
    assert.deepEqual(Object.keys(l.all()), Object.keys(l.all()).toSorted())
  })

  it('an unknown level changes nothing', () => {
    const { levels: l, applied } = levels()
    assert.throws(() => l.set('org.new', 'LOUD'), { code: 'CONNECT_NOT_FOUND', message: "invalid log level 'LOUD'." })
    assert.equal(l.one('org.new'), null)
    assert.equal(applied.length, 0)
  })

  it('names that requests make up have a limit', () => {
    const { levels: l } = levels()
    for (let i = 0; i < 10_100; i++) l.know(`x${i}`)
    assert.throws(() => l.set('one.more', 'DEBUG'), { code: 'CONNECT_NOT_FOUND' })
  })
})
