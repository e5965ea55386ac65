// The compressions of record batches: gzip, snappy, lz4 (frame format) and zstd, both ways. Any thread; synchronous, for a batch is small
// (1 MB compressed by Kafka's default) and waiting for libuv's threads would cost more than it frees.
//
// Java's clients frame snappy in blocks, as the library of Xerial does; others write it raw. Both are read, the framed one is written:
// stream => magic(8 bytes: 0x82 "SNAPPY" 0) version(int32) compatible(int32) { length(int32) snappy_block }*
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DataError } from '../../base/errors.ts'
import { COPY, lz4, snappy } from '../../base/rust-codecs.ts'
import { formatBytes, KIB, MIB } from '../../base/units.ts'

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** A batch that would grow beyond this is refused: a few KB can be made to hold gigabytes. */
export const DECOMPRESSED_BYTES_MAX = 256 * MIB

export function compress(compression: Compression, bytes: Buffer): Buffer {
  switch (compression) {
    case 'none':
      return bytes
    case 'gzip':
      return gzipSync(bytes)
    case 'snappy':
      return compressXerial(bytes)
    case 'lz4':
      return lz4().compressFrameSync(bytes)
    case 'zstd':
      return zstdCompressSync(bytes)
  }
}

/**
 * @param id the lowest three bits of a batch's attributes, not 0
 * @throws DataError without a place: the caller knows topic, partition and offset
 */
export function decompress(id: number, bytes: Buffer, bytesMax = DECOMPRESSED_BYTES_MAX): Buffer {
  const compression = COMPRESSIONS[id]
  if (compression === undefined) throw new DataError(`its compression (${id}) is not known`)
  try {
    // Records shrink to a third or less, mostly; too small a chunk is grown by copying.
    const zlibOptions = { maxOutputLength: bytesMax, chunkSize: Math.min(Math.max(4 * bytes.length, 16 * KIB), MIB) }
    switch (compression) {
      case 'none':
        return bytes
      case 'gzip':
        return gunzipSync(bytes, zlibOptions)
      case 'snappy':
        return uncompressSnappy(bytes, bytesMax)
      case 'lz4':
        return uncompressLz4(bytes, bytesMax)
      case 'zstd':
        return zstdDecompressSync(bytes, zlibOptions)
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(compression, bytesMax)
    throw new DataError(`its ${compression} data cannot be decompressed: ${(cause as Error).message}`, { cause })
  }
}

function tooLarge(compression: Compression, bytesMax: number): DataError {
  return new DataError(`its ${compression} data decompresses to more than ${formatBytes(bytesMax)}`)
}

// ---- snappy

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16
const XERIAL_BLOCK_BYTES = 32 * KIB

function compressXerial(bytes: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES)
  XERIAL_MAGIC.copy(header)
  header.writeInt32BE(1, 8)
  header.writeInt32BE(1, 12)
  const parts: Buffer[] = [header]
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK_BYTES) {
    const block = snappy().compressSync(bytes.subarray(at, at + XERIAL_BLOCK_BYTES), COPY)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

function uncompressSnappy(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length < XERIAL_HEADER_BYTES || !XERIAL_MAGIC.equals(bytes.subarray(0, 8)))
    return uncompressBlock(bytes, bytesMax, bytesMax)
  const parts: Buffer[] = []
  let left = bytesMax
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1
    at += 4
    if (length < 0 || length > bytes.length - at) throw new DataError('its snappy data ends in the middle of a block')
    const part: Buffer = uncompressBlock(bytes.subarray(at, at + length), left, bytesMax)
    left -= part.length
    parts.push(part)
    at += length
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

/** A block begins with its decompressed length, a varint, which is what the library would allocate. */
function uncompressBlock(block: Buffer, bytesLeft: number, bytesMax: number): Buffer {
  let length = 0
  for (let i = 0; i < 5 && i < block.length; i++) {
    length += (block[i]! & 127) * 2 ** (7 * i)
    if (block[i]! < 128) break
  }
  if (length > bytesLeft) throw tooLarge('snappy', bytesMax)
  return snappy().uncompressSync(block, COPY)
}

// ---- lz4

const LZ4_MAGIC = 0x184d_2204
/** By the block size code of the frame descriptor, 4 to 7. */
const LZ4_BLOCK_BYTES = [0, 0, 0, 0, 64 * KIB, 256 * KIB, MIB, 4 * MIB]

/**
 * Block by block: the library's frame decoder takes no limit, and 38 us for a batch of 16 KB where its block decoder takes 7. Checksums of
 * the frame are not looked at, for the batch has its own. Frames whose blocks refer to one another, which Kafka does not allow, go to the
 * frame decoder.
 */
function uncompressLz4(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new DataError('its lz4 data is not in the frame format')
  const flags = bytes[4]!
  const areIndependent = (flags & 0x20) !== 0
  const blockMax = LZ4_BLOCK_BYTES[(bytes[5]! >>> 4) & 7]!
  const checksumBytes = flags & 0x10 ? 4 : 0
  const parts: Buffer[] = []
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0)
  for (let bound = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at)
    const end = at + 4 + (size & 0x7fff_ffff)
    if (size === 0) {
      if (!areIndependent) return lz4().decompressFrameSync(bytes)
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    }
    if (end > bytes.length) break
    const isStored = size >= 0x8000_0000
    // A byte of a compressed block stands for 255 at most.
    const outMax = isStored ? end - at - 4 : Math.min(blockMax, (end - at - 4) * 255)
    if (bound + outMax > bytesMax) throw tooLarge('lz4', bytesMax)
    if (!areIndependent) bound += outMax
    else {
      const part = isStored ? bytes.subarray(at + 4, end) : uncompressLz4Block(bytes.subarray(at + 4, end), outMax)
      bound += part.length
      parts.push(part)
    }
    at = end + checksumBytes
  }
  throw new DataError('its lz4 data ends in the middle of a block')
}

function uncompressLz4Block(block: Buffer, outMax: number): Buffer {
  const sized = Buffer.allocUnsafe(4 + block.length)
  sized.writeUInt32LE(outMax, 0)
  block.copy(sized, 4)
  return lz4().uncompressSync(sized)
}
