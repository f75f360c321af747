/** Bytes compressed behind a short head that names what they are and how long. Owns limits against hostile input. */
import { Buffer } from 'node:buffer'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

import { type Either, left, right } from 'fp-ts/lib/Either.js'

/** The most bytes a block may hold before compression: what a reader must be ready to allocate. */
const MAX_BLOCK_BYTES = 2 ** 29

const MAGIC = 0xb7
const HEAD_BYTES = 6

/**
 * `tag` (0 … 255) names the kind and version of the content, `quality` is brotli's. Layout: magic byte | tag | u32 length |
 * brotli.
 */
export const packBlock = (tag: number, content: Uint8Array, quality = 1): Uint8Array => {
  if (content.length > MAX_BLOCK_BYTES)
    throw new Error(`a block of ${String(content.length)} bytes is larger than ${String(MAX_BLOCK_BYTES)}`)
  const compressed = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })
  const packed = Buffer.allocUnsafeSlow(HEAD_BYTES + compressed.length)
  packed[0] = MAGIC
  packed[1] = tag
  packed.writeUInt32LE(content.length, 2)
  packed.set(compressed, HEAD_BYTES)
  return packed
}

/** The content; Left says what is wrong. Never allocates more than the length in the head, nor more than `limit`. */
export const unpackBlock = (
  tag: number,
  packed: Uint8Array,
  limit = MAX_BLOCK_BYTES,
): Either<string, Uint8Array> => {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  if (bytes.length < HEAD_BYTES || bytes[0] !== MAGIC || bytes[1] !== tag)
    return left('the payload does not begin as its format says')
  const length = bytes.readUInt32LE(2)
  if (length > Math.min(limit, MAX_BLOCK_BYTES))
    return left(`the payload claims ${String(length)} bytes, more than it may hold`)
  try {
    const content = brotliDecompressSync(bytes.subarray(HEAD_BYTES), { maxOutputLength: Math.max(length, 1) })
    return content.length === length ? right(content) : left('the payload ends early')
  } catch {
    return left('the payload cannot be decompressed')
  }
}
