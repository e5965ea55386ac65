// Goal: a record, or an error, that is odd enough to fail a transform or converter does not fail those who report it: it is logged and has its
// letter. Method: the real reporters with records as plugins may make them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Headers, NO_HEADERS } from '../../src/data/headers.ts'
import { SourceRecord } from '../../src/data/record.ts'
import { Catalogue } from '../../src/plugins/catalogue.ts'
import { taskConfigOf } from '../../src/task/connector-host.ts'
import { ErrorLog } from '../../src/task/error-log.ts'
import { sourceOrigin } from '../../src/task/origin.ts'
import { loadChain, loadJson } from '../../src/task/plugins.ts'
import { Assignment } from '../../src/task/sink-task/assignment.ts'
import { TaskContext } from '../../src/task/sink-task/context.ts'
import { contextHeader, sourceLetter } from '../../src/task/source-letter.ts'

const cycle: Record<string, unknown> = {}
cycle.self = cycle
const unspeakable = Object.create(null)

const record = (fields: object) =>
  Object.assign(new SourceRecord({ f: 'a' }, { p: 1 }, 't', null, null, 'k', null, 'v', 5, NO_HEADERS), fields)

for (const [what, fields] of [
  ['no topic', { topic: null }],
  ['a number as topic', { topic: 5 }],
  ['an object without prototype as topic', { topic: unspeakable }],
  ['no source offset', { sourceOffset: null }],
  ['a symbol in its offset', { sourceOffset: { at: Symbol('s') } }],
  ['a cycle as offset', { sourceOffset: cycle }],
  ['an object without prototype in its offset', { sourceOffset: { at: unspeakable } }],
  ['a cycle as value', { value: cycle }],
  ['a symbol as value', { value: Symbol('s') }],
  ['a function as value', { value: () => 1 }],
  ['an object without prototype as value', { value: unspeakable }],
  ['a header that is none', { headers: new Headers([null as never]) }],
  ['a header with a number as name', { headers: new Headers([{ key: 5 as never, schema: null, value: cycle }]) }],
] as const) {
  test(`a record with ${what} is logged, and has a letter with its key`, async () => {
    const odd = record(fields)
    const origin = sourceOrigin(odd)
    assert.match(origin.describe(), /the record for topic/)
    const log = new ErrorLog({ logger: silentLogger, metrics: new MetricsSlab(), taskId: 'c-0', includeMessages: true })
    log.report({ stage: 'TRANSFORMATION', className: 'T', error: new Error('bad'), origin })
    const catalogue = new Catalogue()
    const chain = await loadChain(catalogue, {}, { 'key.converter': 'String', 'value.converter': 'String' })
    const letter = sourceLetter(odd, await loadJson(catalogue), chain)
    assert.match(String(letter.key), /"k"/)
    assert.ok(letter.headers.every(h => typeof h.key === 'string' && (h.value === null || Buffer.isBuffer(h.value))))
    assert.ok(Buffer.isBuffer(contextHeader('topic', odd.topic).value))
  })
}

test('a seek to what is no offset is refused at the plugin’s own line', () => {
  const context = new TaskContext({
    logger: silentLogger,
    assignment: new Assignment(),
    errantRecordReporter: null,
    setWait: () => undefined,
    requestCommit: () => undefined,
    bufferBytesMax: 1,
    setBufferedBytes: () => undefined,
  })
  const seek = (offset: unknown) => context.offset({ topic: 't', partition: 0 }, offset as number)
  assert.throws(() => seek(-1), /seek offset must not be a negative number/)
  for (const [offset, told] of [
    [Number.NaN, /NaN: an offset is a whole number/],
    [1.5, /1\.5/],
    ['2', /a string/],
    [5n, /a bigint/],
    [undefined, /undefined/],
  ] as const)
    assert.throws(() => seek(offset), told)
  assert.deepEqual(context.takeActions(), [])
  seek(0)
  assert.equal(context.takeActions().length, 1)
})

test('a task config has text only; what has no value is left out', () => {
  assert.deepEqual(taskConfigOf({ a: '1', b: undefined, c: null }, 'C.taskConfigs for task 0'), { a: '1' })
  for (const [config, told] of [
    [{ port: 5 }, 'C.taskConfigs for task 0, key port, returned a number: it must return a string'],
    [{ tables: ['a'] }, 'C.taskConfigs for task 0, key tables, returned an array: it must return a string'],
    [null, 'C.taskConfigs for task 0 returned null: it must return an object of strings'],
    ['x', 'C.taskConfigs for task 0 returned a string: it must return an object of strings'],
  ] as const)
    assert.throws(() => taskConfigOf(config, 'C.taskConfigs for task 0'), { code: 'CONNECT_WRONG_RETURN', message: told })
})
