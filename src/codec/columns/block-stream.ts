/**
 * Blocks of a payload: each names how it is stored, how long it is, and carries a checksum. Owns the limits on what
 * opening them may allocate.
 *
 * One block, little-endian: u8 method (0 stored, 1 brotli) | u32 content length | u32 stored length |
 * u32 CRC-32 over the nine bytes before it and the stored bytes | stored bytes.
 */
import { Buffer } from 'node:buffer'
import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib'

import { MalformedColumns } from './byte-stream.ts'

const HEAD_BYTES = 13
const STORED = 0
const BROTLI = 1

/** Content smaller than this is stored as it is. */
const LEAST_COMPRESSED = 16

/** Bytes that decompression allocates at once: what a hostile block may make it do in vain. */
const MOST_AT_ONCE = 2 ** 21
const LEAST_AT_ONCE = 64

const compressed = (content: Uint8Array, quality: number): Uint8Array =>
  brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      [constants.BROTLI_PARAM_LGWIN]: Math.min(22, Math.max(10, 33 - Math.clz32(content.length))),
    },
  })

export class BlockWriter {
  private readonly parts: Uint8Array[] = []

  /** Adds a block and returns its bytes as stored, head included. Quality 0: stored as it is. */
  add(content: Uint8Array, quality: number): number {
    const packed = quality > 0 && content.length >= LEAST_COMPRESSED ? compressed(content, quality) : content
    const isSmaller = packed.length < content.length
    const stored = isSmaller ? packed : content
    const head = Buffer.alloc(HEAD_BYTES)
    head[0] = isSmaller ? BROTLI : STORED
    head.writeUInt32LE(content.length, 1)
    head.writeUInt32LE(stored.length, 5)
    head.writeUInt32LE(crc32(stored, crc32(head.subarray(0, 9))), 9)
    this.parts.push(head, stored)
    return HEAD_BYTES + stored.length
  }

  /** All blocks behind `head`. */
  finish(head: Uint8Array): Uint8Array {
    const length = this.parts.reduce((sum, part) => sum + part.length, head.length)
    const payload = Buffer.allocUnsafeSlow(length)
    payload.set(head)
    let at = head.length
    for (const part of this.parts) {
      payload.set(part, at)
      at += part.length
    }
    return payload
  }
}

export class BlockReader {
  private readonly bytes: Buffer
  private at: number
  private allowance: number
  private blocks = 0

  /** `allowance`: the most bytes that all blocks together may hold. */
  constructor(payload: Uint8Array, at: number, allowance: number) {
    this.bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    this.at = at
    this.allowance = allowance
  }

  /** Where the next block begins. */
  get place(): number {
    return this.at
  }

  /** The next block's content; not copied where it is stored as it is. Throws MalformedColumns. */
  next(name: string): Uint8Array {
    const { bytes, at } = this
    const number = String(++this.blocks)
    const damage = (what: string): MalformedColumns =>
      new MalformedColumns(`its block ${number} (${name}) ${what}`)
    if (at + HEAD_BYTES > bytes.length) throw damage('is missing')
    const method = bytes[at] ?? 0
    const length = bytes.readUInt32LE(at + 1)
    const storedLength = bytes.readUInt32LE(at + 5)
    const start = at + HEAD_BYTES
    if (storedLength > bytes.length - start) throw damage('is cut')
    const stored = bytes.subarray(start, start + storedLength)
    if (crc32(stored, crc32(bytes.subarray(at, at + 9))) !== bytes.readUInt32LE(at + 9))
      throw damage('is not what was written (CRC-32)')
    if (length > this.allowance) throw damage('claims more than the chunk may hold')
    this.allowance -= length
    this.at = start + storedLength
    if (method === STORED && length === storedLength) return stored
    if (method !== BROTLI) throw damage('is stored in a way this version does not know')
    const content = this.decompress(stored, length)
    if (content?.length !== length) throw damage('cannot be decompressed')
    return content
  }

  private decompress(stored: Uint8Array, length: number): Uint8Array | undefined {
    try {
      return brotliDecompressSync(stored, {
        maxOutputLength: Math.max(length, 1),
        // One buffer, and no second one behind it that stays empty.
        chunkSize: Math.min(MOST_AT_ONCE, Math.max(LEAST_AT_ONCE, length + 1)),
      })
    } catch {
      return undefined
    }
  }

  end(): void {
    if (this.at !== this.bytes.length) throw new MalformedColumns('it goes on behind its last block')
  }
}
