// Snappy and lz4, which Node does not have: packages of Rust code, loaded in the threads that use them, when they do. Any thread; used by the
// codecs of record batches and of Parquet pages.
import { requirePackage } from './layout.ts'

interface Snappy {
  compressSync(bytes: Buffer, options: { copyOutputData: true }): Buffer
  uncompressSync(bytes: Buffer, options: { asBuffer: true; copyOutputData: true }): Buffer
}

interface Lz4 {
  /** a block behind its length before compression, int32 little-endian */
  compressSync(bytes: Buffer): Buffer
  /** of such a block; the length is what it may have at most */
  uncompressSync(bytes: Buffer): Buffer
  compressFrameSync(bytes: Buffer): Buffer
  decompressFrameSync(bytes: Buffer): Buffer
}

/** For snappy: memory of Rust's handed over as it is costs 40 us more a batch than a copy, by the finalizer that V8 keeps for it, uncounted. */
export const COPY = { asBuffer: true, copyOutputData: true } as const

let snappyModule: Snappy | null = null
let lz4Module: Lz4 | null = null

export function snappy(): Snappy {
  snappyModule ??= requirePackage('snappy') as Snappy
  return snappyModule
}

export function lz4(): Lz4 {
  lz4Module ??= requirePackage('lz4-napi') as Lz4
  return lz4Module
}
