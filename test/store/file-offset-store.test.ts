// The standalone offset file against files that Java's FileOffsetBackingStore wrote (test/golden/store, recorder beside them).
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { FileOffsetStore } from '../../src/store/file-offset-store.ts'
import { readJavaMap, writeJavaMap } from '../../src/store/java-map.ts'
import { javaHashMapOrder } from '../../src/store/offset-json.ts'
import type { OffsetEntry } from '../../src/store/offset-store.ts'

const golden = join(import.meta.dirname, '../golden/store')
const folder = mkdtempSync(join(tmpdir(), 'sluice-offsets-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const fresh = () => join(folder, `offsets-${count++}`)

async function open(path: string): Promise<FileOffsetStore> {
  const store = new FileOffsetStore(path)
  await store.start()
  return store
}

/** the file's entries as text, sorted by key */
function entriesOf(path: string): [string, string | null][] {
  const entries = readJavaMap(readFileSync(path)).map(({ key, value }): [string, string | null] => [
    key.toString(),
    value === null ? null : value.toString(),
  ])
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

describe('a file that Java wrote', () => {
  it('is read: partitions, offsets, numbers beyond 2^53', async () => {
    const store = await open(join(golden, 'many.offsets'))
    assert.deepEqual(await store.get('m', [{ topic: 't', cluster: 'source', partition: 3 }, { topic: 'other' }]), [
      { offset: 5 },
      null,
    ])
    const [odd] = await store.all('odd ä')
    assert.deepEqual(odd, {
      partition: { yes: true, 'quote"back\\slash': 'tab\there\u0001\u001f ü € 😀 /', none: null },
      offset: { max: 9223372036854775807n, half: 0.5, big: 1e10, small: 1e-5, tenth: 123456.75 },
    })
    assert.deepEqual(await store.get('reset', [{ k: 'v' }]), [null])
    assert.deepEqual(await store.all('reset'), [])
  })

  it('with an entry changed keeps the key bytes of all and the values of the others', async () => {
    const path = fresh()
    copyFileSync(join(golden, 'many.offsets'), path)
    const before = entriesOf(path)
    const store = await open(path)
    // given in another order than the file has
    await store.put('jdbc', [{ partition: { table: 'db.orders', protocol: '1' }, offset: { incrementing: 10 } }])
    const expected = before.map(([key, value]) => [key, key.includes('jdbc') ? '{"incrementing":10}' : value])
    assert.deepEqual(entriesOf(path), expected)
  })

  for (const name of ['empty.offsets', 'one.offsets']) {
    it(`${name} is written back byte for byte`, () => {
      const bytes = readFileSync(join(golden, name))
      assert.deepEqual(writeJavaMap(readJavaMap(bytes)), bytes)
    })
  }

  it('hundred.offsets has the same head and length when written by us', () => {
    const bytes = readFileSync(join(golden, 'hundred.offsets'))
    assert.deepEqual(writeJavaMap(readJavaMap(bytes)), bytes)
  })
})

describe('what we write', () => {
  it('has the text Java would write for the same maps', async () => {
    const path = fresh()
    const store = await open(path)
    await store.put('odd ä', [
      {
        partition: { none: null, 'quote"back\\slash': 'tab\there\u0001\u001f ü € 😀 /', yes: true },
        offset: { max: 9223372036854775807n, half: 0.5, big: 1e10 + 0.5, small: 1e-5, tenth: 123456.75, zero: 0 },
      },
    ])
    const recorded = entriesOf(join(golden, 'many.offsets')).find(([key]) => key.includes('odd'))
    const [[key, value]] = entriesOf(path) as [[string, string]]
    assert.equal(key, recorded?.[0])
    assert.equal(value, '{"max":9223372036854775807,"half":0.5,"big":1.00000000005E10,"small":1.0E-5,"tenth":123456.75,"zero":0}')
  })

  it('orders the keys of a new partition as java.util.HashMap does', () => {
    const recorded = readFileSync(join(golden, 'hash-map-order.txt'), 'utf8').trim().split(',')
    const inserted = Array.from({ length: 40 }, (_, i) => `key-${i}`)
    assert.deepEqual(javaHashMapOrder(inserted), recorded)
  })

  it('is read back by a new store, also when the first never stopped', async () => {
    const path = fresh()
    const store = await open(path)
    await store.put('c', [
      { partition: { f: 'a' }, offset: { position: 1 } },
      { partition: { f: 'b' }, offset: { position: 2 } },
    ])
    await store.put('c', [{ partition: { f: 'b' }, offset: null }])
    const again = await open(path)
    assert.deepEqual(await again.all('c'), [{ partition: { f: 'a' }, offset: { position: 1 } }])
    assert.deepEqual(await again.get('other', [{ f: 'a' }]), [null])
  })

  it('of a thousand puts at the same time is all there, in few files', async () => {
    const path = fresh()
    const store = await open(path)
    await Promise.all(Array.from({ length: 1000 }, (_, n) => store.put('c', [{ partition: { n }, offset: { position: n } }])))
    assert.equal((await (await open(path)).all('c')).length, 1000)
    assert.deepEqual(
      readdirSync(folder).filter(name => name.endsWith('.tmp')),
      [],
    )
  })

  it('does not settle before it is in the file', async () => {
    const path = fresh()
    const store = await open(path)
    for (let position = 0; position < 20; position++) {
      await store.put('c', [{ partition: { f: 'a' }, offset: { position } }])
      assert.deepEqual(await (await open(path)).get('c', [{ f: 'a' }]), [{ position }])
    }
  })
})

describe('a bad place', () => {
  it('a missing and an empty file have no offsets', async () => {
    const path = fresh()
    assert.deepEqual(await (await open(path)).all('c'), [])
    writeFileSync(path, '')
    assert.deepEqual(await (await open(path)).all('c'), [])
  })

  it('a damaged file is refused by name and left as it is', async () => {
    const good = readFileSync(join(golden, 'many.offsets'))
    const damaged = [
      Buffer.from('not java at all'),
      good.subarray(0, good.length - 20),
      Buffer.concat([good.subarray(0, 120), good.subarray(130)]),
      Buffer.from(good.toString('latin1').replace('java.util.HashMap', 'java.util.HashSet'), 'latin1'),
    ]
    for (const bytes of damaged) {
      const path = fresh()
      writeFileSync(path, bytes)
      await assert.rejects(open(path), (error: Error & { code: string; key: string }) => {
        assert.equal(error.code, 'CONNECT_CONFIG')
        assert.equal(error.key, 'offset.storage.file.filename')
        assert.ok(error.message.includes(path), error.message)
        return true
      })
      assert.deepEqual(readFileSync(path), bytes)
    }
  })

  it('any single damaged byte is refused or read, never a crash of another kind', () => {
    const good = readFileSync(join(golden, 'many.offsets'))
    for (let at = 0; at < good.length; at++) {
      const bytes = Buffer.from(good)
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      try {
        readJavaMap(bytes)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'CONNECT_DATA', `byte ${at}: ${String(error)}`)
      }
    }
  })

  it('a missing folder and a folder in its place are told before anything runs', async () => {
    await assert.rejects(open(join(folder, 'nowhere', 'offsets')), {
      code: 'CONNECT_CONFIG',
      message: /offset\.storage\.file\.filename/,
    })
    const path = fresh()
    mkdirSync(path)
    await assert.rejects(open(path), { code: 'CONNECT_CONFIG', message: /folder/ })
  })

  it('a write that fails is reported, and made good by the next one', async () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    const path = join(inner, 'offsets')
    const store = await open(path)
    await store.put('c', [{ partition: { f: 'a' }, offset: { position: 1 } }])
    rmSync(inner, { recursive: true })
    await assert.rejects(store.put('c', [{ partition: { f: 'a' }, offset: { position: 2 } }]), {
      code: 'CONNECT_OFFSET_FILE',
      retriable: true,
    })
    mkdirSync(inner)
    await store.stop()
    assert.ok(existsSync(path))
    assert.deepEqual(await (await open(path)).get('c', [{ f: 'a' }]), [{ position: 2 }])
  })

  it('an offset that JSON cannot hold changes nothing', async () => {
    const path = fresh()
    const store = await open(path)
    const entries = [
      { partition: { f: 'a' }, offset: { position: 1 } },
      { partition: { f: 'b' }, offset: { position: Number.NaN } },
    ]
    await assert.rejects(store.put('c', entries), { code: 'CONNECT_DATA', message: /NaN/ })
    assert.deepEqual(await store.all('c'), [])
  })

  it('nor does what is no scalar: it would be read by nobody', async () => {
    const path = fresh()
    const store = await open(path)
    for (const odd of [new Date(0), { y: 1 }, [1], undefined, Symbol('s'), () => 1]) {
      for (const entry of [
        { partition: { f: 'a' }, offset: { at: odd } },
        { partition: { at: odd }, offset: { position: 1 } },
      ]) {
        await assert.rejects(store.put('c', [entry as unknown as OffsetEntry]), {
          code: 'CONNECT_DATA',
          message: /cannot be stored/,
        })
      }
    }
    assert.deepEqual(await store.all('c'), [])
  })

  it('a stored offset that is no JSON is told with how to be rid of it, keeps no other from being read, and can be removed', async () => {
    const path = fresh()
    const entry = (key: string, value: string) => ({ key: Buffer.from(key), value: Buffer.from(value) })
    const broken = entry('["c",{"f":"a"}]', '{"since":Thu Jan 01 1970}')
    writeFileSync(
      path,
      writeJavaMap([broken, entry('["c",{"f":"b"}]', '{"position":2}'), entry('["c",{"since":Thu}]', '{"x":1}')]),
    )
    const store = await open(path)
    assert.deepEqual(await store.get('c', [{ f: 'b' }]), [{ position: 2 }])
    await assert.rejects(store.get('c', [{ f: 'a' }]), {
      code: 'CONNECT_DATA',
      message: /stored offset of connector c, source partition \{"f":"a"\}, cannot be read: .*DELETE \/connectors\/c\/offsets/,
    })
    const all = await store.all('c')
    assert.deepEqual(all, [
      { partition: { f: 'a' }, offset: null },
      { partition: { f: 'b' }, offset: { position: 2 } },
    ])
    await store.put(
      'c',
      all.map(({ partition }) => ({ partition, offset: null })),
    )
    assert.deepEqual(await (await open(path)).get('c', [{ f: 'a' }, { f: 'b' }]), [null, null])
  })
})
