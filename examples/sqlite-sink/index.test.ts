import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { OPTIONAL_STRING, Schema, Struct, sinkRecord } from 'sluice'
import { FakeSinkContext, withConfigTable } from 'sluice/kit'
import { fieldEquals } from './field-equals.ts'
import { hashField } from './hash-field.ts'
import { plugins } from './index.ts'
import { sqliteSink } from './sqlite-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-sqlite-'))
after(() => rmSync(folder, { recursive: true }))

async function startSink(path: string, columns: string, context = new FakeSinkContext()) {
  const task = sqliteSink.task()
  await task.start({ 'db.path': path, columns }, context)
  return task
}

function rowsOf(path: string, sql: string): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database
      .prepare(sql)
      .all()
      .map(row => ({ ...row }))
  } finally {
    database.close()
  }
}

test('a record is a row, one that comes twice is one row', async () => {
  const path = join(folder, 'rows.db')
  const task = await startSink(path, 'id,paid')
  const records = [
    sinkRecord({ topic: 'or"ders', key: 'k', value: { id: 7, paid: true, lines: [1] }, timestamp: 5 }),
    sinkRecord({ topic: 'or"ders', value: null, kafkaOffset: 1 }),
  ]
  await task.put(records)
  await task.put(records)
  await task.stop()
  assert.deepEqual(rowsOf(path, 'SELECT * FROM "or""ders" ORDER BY kafka_offset'), [
    { kafka_partition: 0, kafka_offset: 0, kafka_time: 5, key: '"k"', value: '{"id":7,"paid":true,"lines":[1]}', id: 7, paid: 1 },
    { kafka_partition: 0, kafka_offset: 1, kafka_time: null, key: null, value: null, id: null, paid: null },
  ])
})

test('a value that does not fit goes to the dead letters, or fails the task where there are none', async () => {
  const bad = sinkRecord({ topic: 't', value: { id: { deep: 1 } } })
  const good = sinkRecord({ topic: 't', value: { id: 1 }, kafkaOffset: 1 })
  const context = new FakeSinkContext().takeErrantRecords()
  const path = join(folder, 'bad.db')
  const task = await startSink(path, 'id', context)
  await task.put([bad, good])
  await task.stop()
  assert.deepEqual(rowsOf(path, 'SELECT id FROM t'), [{ id: 1 }])
  assert.match(context.errant[0]?.error.message ?? '', /field id holds a object/)
  const strict = await startSink(join(folder, 'strict.db'), 'id')
  await assert.rejects(async () => strict.put([bad]), /field id/)
  await strict.stop()
})

test('while another program holds the database the records are to come again', async () => {
  const path = join(folder, 'busy.db')
  const task = await startSink(path, '')
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  const record = sinkRecord({ topic: 't', value: 'x' })
  await assert.rejects(async () => task.put([record]), { retriable: true })
  other.exec('ROLLBACK')
  other.close()
  await task.put([record])
  await task.stop()
  assert.equal(rowsOf(path, 'SELECT * FROM t').length, 1)
})

test('a name that cannot be a column is refused by validation', () => {
  const errors = (columns: string) =>
    sqliteSink.config.validate({ 'db.path': 'x', columns }).find(one => one.name === 'columns')?.errors
  assert.deepEqual(errors('id,name'), [])
  assert.match(errors('id,1x')?.[0] ?? '', /1x cannot be a column/)
  assert.match(errors('Value')?.[0] ?? '', /Value cannot be a column/)
})

test('HashField hides a text, with and without schema, and keeps equal texts equal', () => {
  const transform = hashField.create()
  transform.configure({ field: 'mail', secret: 's' })
  const hash = (value: unknown) => transform.apply(sinkRecord({ topic: 't', value }))?.value
  assert.match(String((hash({ mail: 'a@b', id: 1 }) as { mail: string }).mail), /^[0-9a-f]{64}$/)
  assert.deepEqual(hash({ mail: 'a@b', id: 1 }), hash({ mail: 'a@b', id: 1 }))
  assert.notDeepEqual(hash({ mail: 'a@b' }), hash({ mail: 'a@c' }))
  assert.deepEqual(hash({ id: 1 }), { id: 1 })
  const schema = new Schema({ type: 'struct', fields: [{ name: 'mail', schema: OPTIONAL_STRING }] })
  const hidden = hash(new Struct(schema, ['a@b']))
  assert.ok(hidden instanceof Struct)
  assert.deepEqual({ mail: hidden.get('mail') }, hash({ mail: 'a@b' }))
  assert.throws(() => hash({ mail: 1 }), /field mail is no text/)
})

test('FieldEquals compares as text, and holds for nothing without the field', () => {
  const predicate = fieldEquals.create()
  predicate.configure({ field: 'n', value: '3' })
  const holds = (value: unknown) => predicate.test(sinkRecord({ topic: 't', value }))
  assert.deepEqual([{ n: 3 }, { n: '3' }, { n: 4 }, {}, null].map(holds), [true, true, false, false, false])
})

test('the table in the README is the one of the declaration (npm run docs)', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  assert.equal(withConfigTable(readme, plugins), readme)
})
