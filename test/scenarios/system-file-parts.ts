// The scenario of files in a group of three workers, for the plain and for the secured broker. Main thread of a test file.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { linesOf } from '../support/line-files.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { FILE_SINK, FILE_SOURCE, type SystemCluster } from './system-cluster.ts'

export const FIRST = ['foo', 'bar', 'baz']
export const SECOND = ['razz', 'ma', 'tazz']

export const appendLines = (file: string, lines: readonly string[]) =>
  appendFileSync(file, lines.map(line => `${line}\n`).join(''))

/**
 * Lines of a file go through a topic into another file; after a restart of all workers, only new ones.
 * @param bootstrap where the topic is made: the broker without security
 * @param folder for the files
 */
export async function fileToFile(cluster: SystemCluster, bootstrap: string, folder: string): Promise<void> {
  const at = mkdtempSync(join(folder, 'run-'))
  const [input, output] = [join(at, 'input'), join(at, 'output')]
  const topic = uniqueName('test')
  await createTopic(bootstrap, topic)
  const [source, sink] = [`${topic}-source`, `${topic}-sink`]
  await cluster.put(source, { 'connector.class': FILE_SOURCE, 'tasks.max': '1', file: input, topic })
  await cluster.put(sink, { 'connector.class': FILE_SINK, 'tasks.max': '1', file: output, topics: topic })
  appendLines(input, FIRST)
  await until(() => linesOf(output).length >= FIRST.length)
  assert.deepEqual(linesOf(output), FIRST)
  await cluster.restart()
  appendLines(input, SECOND)
  await until(() => linesOf(output).includes(SECOND.at(-1) ?? ''))
  assert.deepEqual(linesOf(output), [...FIRST, ...SECOND])
  for (const name of [source, sink]) await cluster.tell('DELETE', `/connectors/${name}`)
}
