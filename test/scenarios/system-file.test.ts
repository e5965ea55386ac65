// Goal: lines of a file go through a topic into another file over three workers, for each protocol, exactly once and not, and after a restart of all workers
// only what is new; transforms change what is in the topic. Method: FileStreamSource and FileStreamSink on one machine's files, records read back
// with their schema. Java: connect_distributed_test.py.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readTopic } from '../broker/producer-parts.ts'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { FILE_SOURCE, type SystemCluster, withCluster } from './system-cluster.ts'
import { appendLines, FIRST, fileToFile } from './system-file-parts.ts'
import { groupText, MIXED, PROTOCOLS } from './system-parameters.ts'

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-system-file-'))

before(async () => {
  kafka = await broker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const bootstrap = () => kafka.bootstrap

async function transformations(cluster: SystemCluster): Promise<void> {
  const name = uniqueName('file-src')
  const file = join(folder, name)
  await createTopic(kafka.bootstrap, name)
  await cluster.put(name, {
    'connector.class': FILE_SOURCE,
    'tasks.max': '1',
    file,
    topic: name,
    transforms: 'hoistToStruct,insertTimestampField',
    'transforms.hoistToStruct.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
    'transforms.hoistToStruct.field': 'content',
    'transforms.insertTimestampField.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.insertTimestampField.timestamp.field': 'the_timestamp',
  })
  appendLines(file, FIRST)
  const records = await until(async () => {
    const found = await readTopic(kafka.bootstrap, name)
    return found.length >= FIRST.length ? found : null
  })
  const schema = {
    type: 'struct',
    fields: [
      { field: 'content', type: 'string', optional: false },
      { field: 'the_timestamp', name: 'org.apache.kafka.connect.data.Timestamp', type: 'int64', version: 1, optional: true },
    ],
    optional: false,
  }
  assert.deepEqual(
    records.map(({ value }) => JSON.parse(value ?? 'null')),
    FIRST.map((content, i) => ({ schema, payload: { content, the_timestamp: records[i]?.timestamp } })),
  )
  await cluster.tell('DELETE', `/connectors/${name}`)
}

for (const protocol of PROTOCOLS) {
  describe(`three workers, ${protocol}`, () => {
    withCluster(bootstrap, { protocol }, cluster => {
      it(`file to file, over a restart of all workers: ${protocol}`, () => fileToFile(cluster(), kafka.bootstrap, folder))
      it(`transforms of a source: ${protocol}`, () => transformations(cluster()))
    })
  })

  describe(`three workers, exactly once, ${protocol}`, () => {
    withCluster(bootstrap, { protocol, isExactlyOnce: true }, cluster => {
      it(`file to file, over a restart of all workers: exactly once, ${protocol}`, () =>
        fileToFile(cluster(), kafka.bootstrap, folder))
    })
  })
}

describe('a group with a Java worker', () => {
  withCluster(bootstrap, { protocol: 'sessioned', kinds: MIXED }, cluster => {
    it(`file to file, over a restart of all workers: ${groupText(MIXED)}`, () => fileToFile(cluster(), kafka.bootstrap, folder))
  })
})
