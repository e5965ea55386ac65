// Which converters a task gets from the worker's and the connector's configuration, in which role, and that a failing one is named.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Float64 } from '../../src/data/decimal.ts'
import { Headers } from '../../src/data/headers.ts'
import { SourceRecord } from '../../src/data/record.ts'
import { FLOAT64, INT32, STRING } from '../../src/data/schema.ts'
import { loadChain, openTaskCatalogue } from '../../src/task/plugins.ts'

const worker = { 'key.converter': 'String', 'value.converter': 'Json', 'value.converter.schemas.enable': 'false' }
const load = async (connector: Record<string, string>) => loadChain(await openTaskCatalogue(worker), connector, worker)
const record = (key: unknown, headers = new Headers([])) =>
  new SourceRecord({}, {}, 't', null, INT32, key, null, new Float64(2), null, headers)

test('number converters as key, value and header converter, by Java’s short names', async () => {
  const chain = await load({ 'key.converter': 'Integer', 'value.converter': 'DoubleConverter', 'header.converter': 'Boolean' })
  const headers = new Headers([{ key: 'h', schema: null, value: true }])
  const { key, value, headers: raw } = chain.encode(record(7, headers))
  assert.deepEqual([key?.toString('hex'), value?.toString('hex')], ['00000007', '4000000000000000'])
  assert.deepEqual(raw, [{ key: 'h', value: Buffer.of(1) }])
  assert.throws(() => chain.encode(record('x')), { name: 'DataError', message: /IntegerConverter writes int32/ })
  assert.deepEqual([chain.stage, chain.className], ['KEY_CONVERTER', 'org.apache.kafka.connect.converters.IntegerConverter'])
  assert.throws(() => chain.encode(record(1, new Headers([{ key: 'h', schema: STRING, value: 'x' }]))), { name: 'DataError' })
  assert.equal(chain.stage, 'HEADER_CONVERTER')
})

test('every converter that Java also has for headers works there, with its own configuration', async () => {
  const headers = new Headers([{ key: 'h', schema: FLOAT64, value: 1 }])
  const write = async (header: Record<string, string>) => (await load(header)).encodeHeaders('t', headers)[0]?.value?.toString()
  assert.equal(await write({}), '1.0')
  assert.equal(await write({ 'header.converter': 'Simple' }), '1.0')
  assert.equal(
    await write({ 'header.converter': 'String', 'header.converter.converter.encoding': 'UTF-16BE' }),
    '\u00001\u0000.\u00000',
  )
  assert.equal(await write({ 'header.converter': 'Json', 'header.converter.schemas.enable': 'false' }), '1.0')
  assert.equal(await write({ 'header.converter': 'Json' }), '{"schema":{"type":"double","optional":false},"payload":1.0}')
  await assert.rejects(write({ 'header.converter': 'ByteArray' }), { name: 'DataError' })
})

test('a connector that names a converter takes nothing of the worker’s converter over', async () => {
  const written = async (connector: Record<string, string>) => (await load(connector)).encode(record(1)).value?.toString()
  assert.equal(await written({}), '2.0')
  assert.equal(await written({ 'value.converter': 'Json' }), '{"schema":null,"payload":2.0}')
  assert.equal(await written({ 'value.converter.schemas.enable': 'true' }), '2.0')
})

test('a schema.content that is none is refused with its key before any record', async () => {
  const { config } = await (await openTaskCatalogue(worker)).load('converter', 'Json')
  const errorsOf = (content: string) =>
    config.validate({ 'schema.content': content, 'converter.type': 'value' }).flatMap(v => v.errors)
  for (const good of ['', 'null', '{"type":"int32"}', '{"type":"int32"} x']) assert.deepEqual(errorsOf(good), [], good)
  for (const bad of ['{', '5', '{}', '{"type":"intt"}', '{"type":"struct"}']) {
    assert.match(errorsOf(bad).join(), /schema\.content/, bad)
    await assert.rejects(load({ 'value.converter': 'Json', 'value.converter.schema.content': bad }), { name: 'ConfigError' })
  }
})
