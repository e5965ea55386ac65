// What every object store must do, wherever it keeps its objects (src/kit/object-store/object-store.ts): a suite that a store's test
// calls with a way to make one.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { isRetriable } from '../../src/base/errors.ts'
import { prng } from '../../src/base/prng.ts'
import type { ObjectStore, UploadOwner } from '../../src/kit/object-store/object-store.ts'

export interface StoreUnderTest {
  readonly name: string
  /** An empty store for one test. */
  setUp(t: TestContext): Promise<StoreSystem>
  /** an object of more bytes goes up in several pieces */
  readonly partBytes: number
}

export interface StoreSystem {
  readonly store: ObjectStore
  /** How many uploads are begun and neither finished nor ended. */
  unfinished(): Promise<number>
  /** Resolves when what was written to unfinished uploads has arrived, where writes settle before. */
  arrived?(): Promise<void>
}

const OWNER: UploadOwner = { prefix: 'topics/', name: 'events+0+' }
const KEY = 'topics/events/partition=0/events+0+0000000000.json'

function bytesOf(length: number, seed = 1): Buffer {
  const random = prng(seed)
  const block = Buffer.from(Array.from({ length: 65_537 }, () => Math.floor(random() * 256)))
  return Buffer.alloc(length, length === 0 ? undefined : block)
}

/** Writes in pieces from one buffer that is overwritten in between, as encoders do. */
async function write(store: ObjectStore, key: string, bytes: Buffer, options?: { ifAbsent?: boolean }) {
  const upload = await store.begin(key, OWNER)
  const reused = Buffer.alloc(1 << 20)
  for (let at = 0; at < bytes.length; at += reused.length) {
    const count = bytes.copy(reused, 0, at, at + reused.length)
    await upload.write(reused.subarray(0, count))
    reused.fill(0xee)
  }
  return upload.complete(options)
}

async function keysOf(store: ObjectStore, prefix = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys.sort()
}

export function storeConformance(under: StoreUnderTest): void {
  const { partBytes } = under
  const named = (what: string): string => `${under.name}: ${what}`
  const many = 2 * partBytes + 12_345

  for (const bytes of [0, 1, partBytes - 1, partBytes, partBytes + 1, many]) {
    test(named(`an object of ${bytes} bytes is invisible until it is complete, then whole`), async t => {
      const { store, unfinished } = await under.setUp(t)
      const content = bytesOf(bytes)
      const upload = await store.begin(KEY, OWNER)
      for (let at = 0; at < bytes; at += 1 << 20) await upload.write(content.subarray(at, at + (1 << 20)))
      assert.equal(await store.head(KEY), null)
      assert.deepEqual(await keysOf(store), [])
      assert.equal(await upload.complete(), 'written')
      assert.equal((await store.head(KEY))?.bytes, bytes)
      assert.ok(content.equals(await store.read(KEY)))
      assert.deepEqual(await keysOf(store), [KEY])
      assert.equal(await unfinished(), 0)
    })
  }

  for (const bytes of [10, many]) {
    test(named(`an older object is replaced by ${bytes} bytes, unless ifAbsent: then it stays`), async t => {
      const { store, unfinished } = await under.setUp(t)
      const [one, two, three] = [bytesOf(bytes, 1), bytesOf(bytes + 1, 2), bytesOf(bytes + 2, 3)]
      assert.equal(await write(store, KEY, one, { ifAbsent: true }), 'written')
      assert.equal(await write(store, KEY, two, { ifAbsent: true }), 'exists')
      assert.ok(one.equals(await store.read(KEY)))
      assert.equal(await write(store, KEY, three), 'written')
      assert.ok(three.equals(await store.read(KEY)))
      assert.equal(await unfinished(), 0)
    })

    test(named(`an upload of ${bytes} bytes that is given up leaves nothing, and abort may come twice`), async t => {
      const { store, unfinished } = await under.setUp(t)
      const upload = await store.begin(KEY, OWNER)
      await upload.write(bytesOf(bytes))
      await upload.abort()
      await upload.abort()
      assert.deepEqual(await keysOf(store), [])
      assert.equal(await store.head(KEY), null)
      assert.equal(await unfinished(), 0)
    })
  }

  test(named('discard ends the uploads that a dead owner left, and no others'), async t => {
    const { store, unfinished, arrived } = await under.setUp(t)
    const other = { key: 'topics/events/partition=1/events+1+0000000000.json', owner: { ...OWNER, name: 'events+1+' } }
    const dead = await store.begin(KEY, OWNER)
    await dead.write(bytesOf(many))
    const living = await store.begin(other.key, other.owner)
    await living.write(bytesOf(many))
    assert.equal(await unfinished(), 2)
    await arrived?.()
    await store.discard?.(OWNER)
    assert.equal(await unfinished(), 1)
    // It may have been alive all the same: it tries again from its records.
    await assert.rejects(dead.complete(), error => isRetriable(error) && /events\+0\+0000000000/.test((error as Error).message))
    await dead.abort()
    assert.equal(await living.complete(), 'written')
    assert.deepEqual(await keysOf(store), [other.key])
    assert.equal(await unfinished(), 0)
  })

  test(named('what is not there: head is null, delete is no error, read names the object'), async t => {
    const { store } = await under.setUp(t)
    assert.equal(await store.head('topics/no/such'), null)
    await store.delete('topics/no/such')
    await assert.rejects(store.read('topics/no/such'), /topics\/no\/such/)
    assert.deepEqual(await keysOf(store, 'topics/'), [])
  })

  test(named('names with spaces, quotes, percent signs and other scripts come back as they went'), async t => {
    const { store } = await under.setUp(t)
    const names = ['a b', 'a+b', 'a%2Fb', 'k=v&w', 'Zürich', '東京', `it's "so"`, 'a#b?c', 'a\\b', '~x', '😀']
    const keys = names.map(name => `topics/${name}/events+0+0.json`)
    for (const key of keys) assert.equal(store.keyError?.(key) ?? null, null, key)
    for (const key of keys) await write(store, key, Buffer.from(key))
    assert.deepEqual(await keysOf(store), [...keys].sort())
    for (const key of keys) assert.equal((await store.read(key)).toString(), key)
    for (const key of keys) await store.delete(key)
    assert.deepEqual(await keysOf(store), [])
  })

  test(named('list gives what begins with the prefix, and nothing else'), async t => {
    const { store } = await under.setUp(t)
    for (const key of ['topics/a/1', 'topics/a/2', 'topics/ab/1', 'topics/b', 'other/a/1'])
      await write(store, key, Buffer.from('x'))
    assert.deepEqual(await keysOf(store, 'topics/a/'), ['topics/a/1', 'topics/a/2'])
    assert.deepEqual(await keysOf(store, 'topics/a'), ['topics/a/1', 'topics/a/2', 'topics/ab/1'])
    assert.deepEqual(await keysOf(store, 'topics/ab/1'), ['topics/ab/1'])
  })

  test(named('a name that leads elsewhere is refused'), async t => {
    const { store } = await under.setUp(t)
    for (const key of ['', '../x', 'topics/../../x', 'topics/./x', 'a/\0']) assert.notEqual(store.keyError?.(key), null, key)
  })

  test(named('eight large uploads side by side do not mix'), async t => {
    const { store, unfinished } = await under.setUp(t)
    const contents = Array.from({ length: 8 }, (_, i) => bytesOf(partBytes + 1000 * i + 1, i + 1))
    const keyOf = (i: number) => `topics/events/n=${i}/events+0+0.json`
    await Promise.all(contents.map((content, i) => write(store, keyOf(i), content)))
    for (const [i, content] of contents.entries()) assert.ok(content.equals(await store.read(keyOf(i))), `object ${i}`)
    assert.equal(await unfinished(), 0)
  })
}
