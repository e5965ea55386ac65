// Memory of columns and files that grow: what is outgrown or done with is given back at once. Left to the garbage collector it would stay until tens
// of MB of it had gathered, several times what a task may hold. No view of it may be in use. Task threads; file formats.

/** Smaller pieces are the garbage collector's. */
const LARGE_BYTES = 64 * 1024

/** Node.js 20 has no transfer: there the garbage collector does all. */
type Transferable = ArrayBuffer & { transfer?(bytes: number): ArrayBuffer }

/** The same memory's content in a larger one. The array must have its ArrayBuffer for itself. */
function larger(from: ArrayBuffer, bytes: number): ArrayBuffer {
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
  if (buffer.byteLength >= LARGE_BYTES) (buffer as Transferable).transfer?.(0)
}
