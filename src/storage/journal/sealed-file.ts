/**
 * The SealedSpool in one file beside a journal's own. Its layout: SHA-256 of what follows (32 bytes), then header, payload,
 * and reference and payload of each keyframe, each behind its length (u32, little-endian).
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeHeader, decodeKeyframeRef, encodeHeader, encodeKeyframeRef } from '../../codec/documents.ts'
import type { Keyframe } from '../../log/chunk.ts'
import { StoreFailure } from '../../log/event-store.ts'
import type { SealedSpool, SpooledChunk } from '../../log/sealed-spool.ts'
import { storeErrorOf } from '../disk-errors.ts'

const NAME = 'sealed.chunk'
const HASH_BYTES = 32
const EMPTY = new Uint8Array(0)

const hashOf = (parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const encode = ({ chunk, keyframes }: SpooledChunk): readonly Uint8Array[] => {
  const parts = [encodeHeader(chunk.header), chunk.payload]
  for (const keyframe of keyframes) parts.push(encodeKeyframeRef(keyframe), keyframe.payload)
  const body = parts.flatMap((part) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(part.length)
    return [length, part]
  })
  return [hashOf(body), ...body]
}

const partsOf = (body: Buffer): readonly Buffer[] => {
  const parts: Buffer[] = []
  for (let at = 0; at + 4 <= body.length;) {
    const end = at + 4 + body.readUInt32LE(at)
    parts.push(body.subarray(at + 4, end))
    at = end
  }
  return parts
}

/** Undefined for bytes that are not what was kept: nothing of them was sent, or its journal is still there. */
const decode = (file: Buffer): SpooledChunk | undefined => {
  const body = file.subarray(HASH_BYTES)
  if (!file.subarray(0, HASH_BYTES).equals(hashOf([body]))) return undefined
  const [headerBytes = EMPTY, payload = EMPTY, ...rest] = partsOf(body)
  const header = decodeHeader(headerBytes)
  if (isLeft(header)) return undefined
  const keyframes: Keyframe[] = []
  for (let at = 0; at < rest.length; at += 2) {
    const reference = decodeKeyframeRef(rest[at] ?? EMPTY)
    if (isLeft(reference)) return undefined
    keyframes.push({ ...reference.right, payload: rest[at + 1] ?? EMPTY })
  }
  return { chunk: { header: header.right, payload }, keyframes }
}

export class SealedFile implements SealedSpool {
  private readonly path: string

  constructor(folder: string) {
    this.path = join(folder, NAME)
  }

  readonly keep = async (sealed: SpooledChunk): Promise<void> => {
    await this.atDisk(async () => {
      const temporary = `${this.path}.new`
      const file = await open(temporary, 'w')
      try {
        await file.writev([...encode(sealed)])
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.path)
    })
  }

  readonly kept = async (): Promise<SpooledChunk | undefined> =>
    await this.atDisk(async () => {
      try {
        return decode(await readFile(this.path))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    })

  readonly forget = async (): Promise<void> => {
    await this.atDisk(async () => {
      await rm(this.path, { force: true })
    })
  }

  private async atDisk<A>(work: () => Promise<A>): Promise<A> {
    try {
      return await work()
    } catch (error) {
      throw new StoreFailure(storeErrorOf(error, this.path))
    }
  }
}
