// What every file format must do: a suite called with a way to make the format and to read a file back.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SinkRecord } from '../../src/api/index.ts'
import type { FileEncoder, FileFormat } from '../../src/kit/formats/format.ts'
import { sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

export interface FormatUnderTest {
  readonly name: string
  format(): FileFormat
  /** The values in a file, as text. */
  read(file: string): Promise<readonly string[]>
  /** A record that the format refuses. */
  readonly refused: SinkRecord
}

const text = (i: number): string => `value ${i} "ü😀\\ ${'x'.repeat(i % 300)}`

async function encode(encoder: FileEncoder): Promise<Buffer> {
  const pieces: Buffer[] = []
  // The piece is only lent: a copy is kept.
  await encoder.encode(async bytes => void pieces.push(Buffer.from(bytes)))
  return Buffer.concat(pieces)
}

export function formatConformance(under: FormatUnderTest): void {
  const named = (what: string): string => `${under.name}: ${what}`

  test(named('gives back every value in order, however large the file'), async t => {
    const folder = tempFolder(t)
    const format = under.format()
    assert.match(format.extension, /^\.[a-z.]+$/)
    for (const count of [1, 7, 30_000]) {
      const encoder = format.open('topic')
      for (let i = 0; i < count; i++) encoder.append(sinkRecord(i, text(i)))
      const file = join(folder, `${count}${format.extension}`)
      writeFileSync(file, await encode(encoder))
      const expected = Array.from({ length: count }, (_, i) => text(i))
      assert.deepEqual(await under.read(file), expected)
    }
  })

  test(named('a refused value leaves nothing behind, and the file goes on'), async t => {
    const format = under.format()
    const encoder = format.open('topic')
    encoder.append(sinkRecord(0, 'before'))
    assert.throws(() => encoder.append(under.refused), { code: /^CONNECT_DATA|^CONNECT_SCHEMA/ })
    encoder.append(sinkRecord(2, 'after'))
    const file = join(tempFolder(t), `file${format.extension}`)
    writeFileSync(file, await encode(encoder))
    assert.deepEqual(await under.read(file), ['before', 'after'])
  })

  test(named('keeps no view into the record, counts its bytes, and encodes the same twice'), async () => {
    const format = under.format()
    const encoder = format.open('topic')
    assert.equal(encoder.bytes, 0)
    const buffer = Buffer.from('a value in a fetch buffer')
    encoder.append(sinkRecord(0, buffer.toString()))
    for (let i = 0; i < 100; i++) encoder.append(sinkRecord(i, text(i)))
    assert.ok(encoder.bytes > 1000)
    const once = await encode(encoder)
    buffer.fill(0)
    assert.deepEqual(await encode(encoder), once)
  })

  test(named('files of one topic open side by side do not mix'), async t => {
    const format = under.format()
    const [one, two] = [format.open('topic'), format.open('topic')]
    for (let i = 0; i < 50; i++) (i % 2 === 0 ? one : two).append(sinkRecord(i, String(i)))
    const file = join(tempFolder(t), `file${format.extension}`)
    writeFileSync(file, await encode(two))
    assert.deepEqual(
      await under.read(file),
      Array.from({ length: 25 }, (_, i) => String(i * 2 + 1)),
    )
  })
}
