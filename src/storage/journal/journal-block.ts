/**
 * The blocks of a journal's files: one batch each, behind a head that proves it whole. Owns their layout:
 * u32 batch length | u32 CRC-32 of all that follows | u64 firstSeq | u64 lastSeq | batch; little-endian.
 */
import { Buffer } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'

import type { Seq } from '../../log/entry.ts'

const HEAD_BYTES = 24
const CHECKED_FROM = 8

export const blockHead = (batch: Uint8Array, firstSeq: Seq, lastSeq: Seq): Buffer => {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt32LE(batch.length, 0)
  head.writeBigUInt64LE(BigInt(firstSeq), 8)
  head.writeBigUInt64LE(BigInt(lastSeq), 16)
  head.writeUInt32LE(crc32(batch, crc32(head.subarray(CHECKED_FROM))), 4)
  return head
}

/** Walks over the blocks of one file. */
export class BlockReader {
  firstSeq: Seq = 0
  lastSeq: Seq = 0
  batch: Uint8Array = Buffer.alloc(0)
  /** Where the last good block ended. */
  end = 0
  private readonly descriptor: number
  private readonly size: number

  /** Throws the system's error when the file cannot be opened. The size is the one of now. */
  constructor(path: string) {
    this.descriptor = openSync(path, 'r')
    this.size = fstatSync(this.descriptor).size
  }

  /** `bad`: what comes next is no whole block; the reader stays before it. */
  next(): 'block' | 'bad' | 'end' {
    if (this.end === this.size) return 'end'
    const length = this.readAt(this.end)
    if (length === undefined) return 'bad'
    this.end += length
    return 'block'
  }

  /** Whether a good block stands behind the bad one: then this is damage, not an unfinished write. */
  isFollowedByGood(): boolean {
    const head = this.bytesAt(this.end, HEAD_BYTES)
    return head !== undefined && this.readAt(this.end + HEAD_BYTES + head.readUInt32LE(0)) !== undefined
  }

  close(): void {
    closeSync(this.descriptor)
  }

  private readAt(at: number): number | undefined {
    const head = this.bytesAt(at, HEAD_BYTES)
    const batch = head && this.bytesAt(at + HEAD_BYTES, head.readUInt32LE(0))
    if (head === undefined || batch === undefined || batch.length === 0) return undefined
    if (crc32(batch, crc32(head.subarray(CHECKED_FROM))) !== head.readUInt32LE(4)) return undefined
    this.firstSeq = Number(head.readBigUInt64LE(8))
    this.lastSeq = Number(head.readBigUInt64LE(16))
    this.batch = batch
    return HEAD_BYTES + batch.length
  }

  private bytesAt(at: number, length: number): Buffer | undefined {
    if (at + length > this.size) return undefined
    const bytes = Buffer.allocUnsafeSlow(length)
    let read = 0
    while (read < length) {
      const more = readSync(this.descriptor, bytes, read, length - read, at + read)
      if (more === 0) return undefined
      read += more
    }
    return bytes
  }
}
