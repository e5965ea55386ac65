// Memory of columns and files that grow: what is outgrown or done with is given back at once. Left to the garbage collector it would stay until tens
// of MB of it had gathered, several times what a task may hold. Some is kept for the next columns: fresh memory costs its page faults, and V8
// counts it against the heap's limit (decision 21). No view of what is given back may be in use. Task threads; file formats.
import { MIB } from '../../base/units.ts'

/** Smaller pieces are the garbage collector's. */
const LARGE_BYTES = 64 * 1024
/** What one thread keeps: the columns of a few files. */
const KEPT_BYTES_MAX = 16 * MIB

/** What is asked for, at most so many times. */
const LARGER_MAX = 16

/** Node.js 20 has no transfer: there the garbage collector does all. */
type Transferable = ArrayBuffer & { transfer?(bytes?: number): ArrayBuffer }

/** By size; all are powers of two. */
const kept = new Map<number, ArrayBuffer[]>()
let keptBytes = 0

const isPowerOfTwo = (bytes: number): boolean => (bytes & (bytes - 1)) === 0

/** Larger ones too: what was a full column will mostly become one again, without growing on the way. */
function takeKept(least: number): ArrayBuffer | undefined {
  for (let bytes = least; bytes <= least * LARGER_MAX; bytes *= 2) {
    const memory = kept.get(bytes)?.pop()
    if (memory === undefined) continue
    keptBytes -= bytes
    return memory
  }
  return undefined
}

/** The same memory's content in one at least so large. The array must have its ArrayBuffer for itself. */
function larger(from: ArrayBuffer, least: number): ArrayBuffer {
  const bytes = least < LARGE_BYTES ? least : 2 ** Math.ceil(Math.log2(least))
  const known = bytes < LARGE_BYTES ? undefined : takeKept(bytes)
  if (known !== undefined) {
    new Uint8Array(known).set(new Uint8Array(from))
    giveBack(from)
    return known
  }
  const { transfer } = from as Transferable
  if (from.byteLength >= LARGE_BYTES && transfer !== undefined) return transfer.call(from, bytes)
  const to = new ArrayBuffer(bytes)
  new Uint8Array(to).set(new Uint8Array(from))
  return to
}

export const grownBuffer = (bytes: Buffer<ArrayBuffer>, length: number): Buffer<ArrayBuffer> =>
  Buffer.from(larger(bytes.buffer, length))
export const grownBytes = (bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(larger(bytes.buffer, length))
export const grownIndexes = (indexes: Uint16Array<ArrayBuffer>, length: number): Uint16Array<ArrayBuffer> =>
  new Uint16Array(larger(indexes.buffer, length * 2))
export const grownFloats = (floats: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> =>
  new Float64Array(larger(floats.buffer, length * 8))
export const grownBigs = (bigs: BigInt64Array<ArrayBuffer>, length: number): BigInt64Array<ArrayBuffer> =>
  new BigInt64Array(larger(bigs.buffer, length * 8))

/** Gives back what nobody looks at any more. */
export function free({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  if (buffer instanceof ArrayBuffer) giveBack(buffer)
}

/** The same of whole memory, which may have come from another thread. Whoever still holds it holds nothing from now on. */
export function giveBack(memory: ArrayBuffer): void {
  const bytes = memory.byteLength
  if (bytes < LARGE_BYTES) return
  const isKept = isPowerOfTwo(bytes) && keptBytes + bytes <= KEPT_BYTES_MAX
  const own = (memory as Transferable).transfer?.(isKept ? bytes : 0)
  if (!isKept || own === undefined) return
  keptBytes += bytes
  const alike = kept.get(bytes)
  if (alike === undefined) kept.set(bytes, [own])
  else alike.push(own)
}
