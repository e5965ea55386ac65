// java.util.HashMap<byte[],byte[]> in Java's object stream format: what Java's standalone worker keeps its offsets in.
// Main thread; called by file-offset-store.ts. Grammar (Java Object Serialization Specification, chapter 6):
//   stream  = AC ED 00 05  73 classDesc(HashMap: F loadFactor, I threshold)  float int  77 08 int capacity int size  entry*  78
//   entry   = array array | array 70          array = 75 classDesc([B) int length bytes
//   classDesc = 72 name suid flags fields 78 super | 71 handle; handles count up from 7E0000 in order of appearance
import { DataError } from '../base/errors.ts'

export interface MapEntry {
  readonly key: Buffer
  readonly value: Buffer | null
}

const STREAM_MAGIC = 0xaced_0005
const TC_NULL = 0x70
const TC_REFERENCE = 0x71
const TC_CLASSDESC = 0x72
const TC_OBJECT = 0x73
const TC_ARRAY = 0x75
const TC_BLOCKDATA = 0x77
const TC_ENDBLOCKDATA = 0x78
const BASE_HANDLE = 0x7e_0000
const HASH_MAP_SUID = 0x0507_dac1_c316_60d1n
const BYTE_ARRAY_SUID = 0xacf3_17f8_0608_54e0n
/** More entries than this in a file are taken for a damaged length. */
const ENTRIES_MAX = 10_000_000

class StreamReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get at(): number {
    return this.#at
  }

  take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.#bytes.length) {
      throw new DataError(`the object stream ends at byte ${this.#bytes.length} where ${length} more bytes belong at ${this.#at}`)
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  u8(): number {
    return this.take(1).readUInt8()
  }

  i32(): number {
    return this.take(4).readInt32BE()
  }

  expect(value: number, length: number, what: string): void {
    const at = this.#at
    const found = this.take(length).readUIntBE(0, length)
    if (found !== value)
      throw new DataError(
        `byte ${at} of the object stream is ${found.toString(16)} where ${what} (${value.toString(16)}) belongs`,
      )
  }

  text(): string {
    return this.take(this.take(2).readUInt16BE()).toString()
  }
}

/** A new class descriptor: name and serial version, its fields skipped; flags and superclass must be what we know. */
function readNewClass(reader: StreamReader, name: string, suid: bigint, fieldCount: number): void {
  const found = reader.text()
  if (found !== name) throw new DataError(`the object stream holds a ${found} where a ${name} belongs`)
  if (reader.take(8).readBigUInt64BE() !== suid) throw new DataError(`the object stream holds an unknown version of ${name}`)
  reader.u8() // flags
  const fields = reader.take(2).readUInt16BE()
  if (fields !== fieldCount) throw new DataError(`${name} has ${fields} fields in the object stream, not ${fieldCount}`)
  for (let i = 0; i < fields; i++) {
    reader.u8()
    reader.text()
  }
  reader.expect(TC_ENDBLOCKDATA, 1, 'the end of a class description')
  reader.expect(TC_NULL, 1, 'no superclass')
}

class ByteArrayReader {
  readonly #reader: StreamReader
  /** handles already given: HashMap's class and the map itself */
  #handles = 2
  #classHandle = -1
  readonly #arrays = new Map<number, Buffer>()

  constructor(reader: StreamReader) {
    this.#reader = reader
  }

  read(): Buffer | null {
    const reader = this.#reader
    const at = reader.at
    const tag = reader.u8()
    if (tag === TC_NULL) return null
    if (tag === TC_REFERENCE) {
      const array = this.#arrays.get(reader.i32() - BASE_HANDLE)
      if (array === undefined) throw new DataError(`byte ${at} of the object stream refers to something that is no byte array`)
      return array
    }
    if (tag !== TC_ARRAY) throw new DataError(`byte ${at} of the object stream is ${tag.toString(16)} where a byte array belongs`)
    this.#readClass()
    const handle = this.#handles++
    const array = Buffer.from(reader.take(reader.i32()))
    this.#arrays.set(handle, array)
    return array
  }

  #readClass(): void {
    const reader = this.#reader
    if (this.#classHandle < 0) {
      reader.expect(TC_CLASSDESC, 1, 'a class description')
      readNewClass(reader, '[B', BYTE_ARRAY_SUID, 0)
      this.#classHandle = this.#handles++
      return
    }
    reader.expect(TC_REFERENCE, 1, 'a reference to the byte array class')
    reader.expect(BASE_HANDLE + this.#classHandle, 4, 'the byte array class')
  }
}

/** @throws DataError when the bytes are no such map */
export function readJavaMap(bytes: Buffer): MapEntry[] {
  const reader = new StreamReader(bytes)
  reader.expect(STREAM_MAGIC, 4, 'the head of a Java object stream')
  reader.expect(TC_OBJECT, 1, 'an object')
  reader.expect(TC_CLASSDESC, 1, 'a class description')
  readNewClass(reader, 'java.util.HashMap', HASH_MAP_SUID, 2)
  reader.take(8) // loadFactor, threshold
  reader.expect(TC_BLOCKDATA, 1, "the map's block data")
  reader.expect(8, 1, "the block data's length")
  reader.i32() // capacity
  const size = reader.i32()
  if (size < 0 || size > ENTRIES_MAX) throw new DataError(`the object stream claims to hold ${size} entries`)
  const arrays = new ByteArrayReader(reader)
  const entries: MapEntry[] = []
  for (let i = 0; i < size; i++) {
    const key = arrays.read()
    const value = arrays.read()
    if (key !== null) entries.push({ key, value })
  }
  reader.expect(TC_ENDBLOCKDATA, 1, 'the end of the map')
  return entries
}

/** Java's table for so many entries: 16 doubled until three quarters of it hold them. */
function capacityFor(size: number): number {
  let capacity = 16
  while (size > capacity * 0.75) capacity *= 2
  return capacity
}

const HEAD = Buffer.concat([
  Buffer.from('aced000573720011', 'hex'),
  Buffer.from('java.util.HashMap'),
  Buffer.from('0507dac1c31660d1030002', 'hex'),
  Buffer.from('46000a', 'hex'),
  Buffer.from('loadFactor'),
  Buffer.from('490009', 'hex'),
  Buffer.from('threshold'),
  Buffer.from('78703f400000', 'hex'),
])
const NEW_BYTE_ARRAY = Buffer.from('757200025b42acf317f8060854e00200007870', 'hex')
const BYTE_ARRAY_AGAIN = Buffer.from('7571007e0002', 'hex')

export function writeJavaMap(entries: readonly MapEntry[]): Buffer {
  const capacity = capacityFor(entries.length)
  const head = Buffer.alloc(14)
  // an empty map never made its table, so its threshold is still 0
  head.writeInt32BE(entries.length === 0 ? 0 : capacity * 0.75, 0)
  head.writeUInt8(TC_BLOCKDATA, 4)
  head.writeUInt8(8, 5)
  head.writeInt32BE(capacity, 6)
  head.writeInt32BE(entries.length, 10)
  const parts: Buffer[] = [HEAD, head]
  let isFirst = true
  const push = (bytes: Buffer | null) => {
    if (bytes === null) return parts.push(Buffer.of(TC_NULL))
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length)
    parts.push(isFirst ? NEW_BYTE_ARRAY : BYTE_ARRAY_AGAIN, length, bytes)
    isFirst = false
  }
  for (const entry of entries) {
    push(entry.key)
    push(entry.value)
  }
  parts.push(Buffer.of(TC_ENDBLOCKDATA))
  return Buffer.concat(parts)
}
