// Goal: the file connectors in a cluster, their offsets changed and reset over REST, as Java's FileStreamSourceConnectorIntegrationTest and
// FileStreamSinkConnectorIntegrationTest have it. Method: one worker; files and topics before and after.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readTopic } from '../broker/producer-parts.ts'
import { append, linesOf, numbered } from '../support/line-files.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { Stage } from './stage.ts'

const LINES = 5
let stage: Stage

before(async () => {
  stage = await Stage.open(1)
})

after(() => stage?.close())

describe('FileStreamSource', () => {
  const values = async (topic: string) => (await readTopic(stage.kafka.bootstrap, topic)).map(({ value }) => value)

  /** A source whose LINES lines are in its topic, and whose offset is committed. */
  async function sourceThatRead(): Promise<{ name: string; file: string }> {
    const name = uniqueName('source')
    const file = stage.path(`${name}.txt`)
    append(file, 0, LINES)
    await createTopic(stage.kafka.bootstrap, name)
    await stage.put(name, { 'connector.class': 'FileStreamSourceConnector', topic: name, file })
    await stage.running(name, 1)
    const end = numbered(0, LINES).join('\n').length + 1
    await until(async () => (await stage.offsets(name))[0]?.offset?.position === end)
    return { name, file }
  }

  it('each line is a record, in order', async () => {
    const { name } = await sourceThatRead()
    assert.deepEqual(await values(name), numbered(0, LINES))
    await stage.remove(name)
  })

  it('stopped and resumed it goes on behind what it has sent', async () => {
    const { name, file } = await sourceThatRead()
    await stage.stopConnector(name)
    append(file, LINES, 2 * LINES)
    await stage.resume(name)
    await stage.running(name, 1)
    await until(async () => (await values(name)).length >= 2 * LINES)
    assert.deepEqual(await values(name), numbered(0, 2 * LINES))
    await stage.remove(name)
  })

  it('a changed position is read from there', async () => {
    const { name, file } = await sourceThatRead()
    await stage.stopConnector(name)
    const position = numbered(0, LINES - 1).join('\n').length + 1
    await stage.expect(200, 'PATCH', `/connectors/${name}/offsets`, {
      offsets: [{ partition: { filename: file }, offset: { position } }],
    })
    await stage.resume(name)
    await until(async () => (await values(name)).length >= LINES + 1)
    assert.deepEqual(await values(name), [...numbered(0, LINES), `line ${LINES - 1}`])
    await stage.remove(name)
  })

  it('reset it reads the file anew', async () => {
    const { name } = await sourceThatRead()
    await stage.stopConnector(name)
    await stage.expect(200, 'DELETE', `/connectors/${name}/offsets`)
    await stage.resume(name)
    await until(async () => (await values(name)).length >= 2 * LINES)
    assert.deepEqual(await values(name), [...numbered(0, LINES), ...numbered(0, LINES)])
    await stage.remove(name)
  })
})

describe('FileStreamSink', () => {
  /** A sink that has written what was in its topics. */
  async function sinkThatWrote(topics: number, tasks: number): Promise<{ name: string; file: string; topic: string }> {
    const name = uniqueName('sink')
    const file = stage.path(`${name}.txt`)
    const names = Array.from({ length: topics }, (_, i) => `${name}-${i}`)
    for (const topic of names) {
      await createTopic(stage.kafka.bootstrap, topic)
      await produce(
        stage.kafka.bootstrap,
        topic,
        numbered(0, LINES).map(value => ({ value })),
      )
    }
    await stage.put(name, {
      'connector.class': 'FileStreamSinkConnector',
      topics: names.join(','),
      file,
      'tasks.max': String(tasks),
    })
    await stage.running(name, tasks)
    await until(async () => {
      const offsets = await stage.offsets(name)
      return offsets.length === topics && offsets.every(({ offset }) => offset?.kafka_offset === LINES)
    })
    return { name, file, topic: names[0] ?? '' }
  }

  const changed = (method: 'PATCH' | 'DELETE', name: string, body?: unknown) =>
    until(async () => (await stage.ask(method, `/connectors/${name}/offsets`, body)).status === 200)

  it('each record is a line, in order', async () => {
    const { name, file } = await sinkThatWrote(1, 1)
    assert.deepEqual(linesOf(file), numbered(0, LINES))
    await stage.remove(name)
  })

  it('a changed offset is put from there', async () => {
    const { name, file, topic } = await sinkThatWrote(1, 1)
    await stage.stopConnector(name)
    const entry = { partition: { kafka_topic: topic, kafka_partition: 0 }, offset: { kafka_offset: LINES - 1 } }
    await changed('PATCH', name, { offsets: [entry] })
    await stage.resume(name)
    await until(() => linesOf(file).length > LINES)
    await stage.running(name, 1)
    assert.deepEqual(linesOf(file), [...numbered(0, LINES), `line ${LINES - 1}`])
    await stage.remove(name)
  })

  it('reset it puts the topic anew', async () => {
    const { name, file } = await sinkThatWrote(1, 1)
    await stage.stopConnector(name)
    await changed('DELETE', name)
    await stage.resume(name)
    await until(() => linesOf(file).length >= 2 * LINES)
    assert.deepEqual(linesOf(file), [...numbered(0, LINES), ...numbered(0, LINES)])
    await stage.remove(name)
  })

  it('two topics by two tasks into one file: every line of both', async () => {
    const { name, file } = await sinkThatWrote(2, 2)
    assert.deepEqual(linesOf(file).sort(), [...numbered(0, LINES), ...numbered(0, LINES)].sort())
    await stage.remove(name)
  })
})
