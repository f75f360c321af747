/**
 * The SealedSpool in two files beside a journal's own. `sealed.chunk`: SHA-256 of what follows (32 bytes), then header,
 * payload, and reference and payload of each keyframe, each behind its length (u32, little-endian). `stored.json`: the mark.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import { decodeHeader, decodeKeyframeRef, encodeHeader, encodeKeyframeRef } from '../../codec/documents.ts'
import type { Keyframe } from '../../log/chunk.ts'
import { ENTRY_KINDS } from '../../log/entry.ts'
import { StoreFailure } from '../../log/event-store.ts'
import type { SealedSpool, SpooledChunk, StoredMark } from '../../log/sealed-spool.ts'
import { microsOf } from '../../market/time.ts'
import { storeErrorOf } from '../disk-errors.ts'

const NAME = 'sealed.chunk'
const MARK_NAME = 'stored.json'
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

const markFile = t.type({
  lastSeq: t.number,
  lastReceiveTime: t.number,
  lastConnection: t.number,
  lastKind: t.union([t.string, t.null]),
  epoch: t.number,
})

const markBytes = (mark: StoredMark): Buffer =>
  Buffer.from(`${JSON.stringify({ ...mark, lastKind: mark.lastKind ?? null })}\n`)

const markIn = (file: Buffer): StoredMark | undefined => {
  let value: unknown
  try {
    value = JSON.parse(file.toString('utf8'))
  } catch {
    return undefined
  }
  const found = markFile.decode(value)
  if (isLeft(found)) return undefined
  const { lastSeq, lastReceiveTime, lastConnection, epoch } = found.right
  const lastKind = ENTRY_KINDS.find((kind) => kind === found.right.lastKind)
  return { lastSeq, lastReceiveTime: microsOf(lastReceiveTime), lastConnection, lastKind, epoch }
}

/** Undefined: there is no such file. */
const contentOf = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole and on disk, or not at all. */
const replaceFile = async (path: string, parts: readonly Uint8Array[]): Promise<void> => {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w')
  try {
    await file.writev([...parts])
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

export class SealedFile implements SealedSpool {
  private readonly path: string
  private readonly markPath: string

  constructor(folder: string) {
    this.path = join(folder, NAME)
    this.markPath = join(folder, MARK_NAME)
  }

  readonly keep = async (sealed: SpooledChunk): Promise<void> => {
    await this.atDisk(async () => {
      await replaceFile(this.path, encode(sealed))
    })
  }

  readonly kept = async (): Promise<SpooledChunk | undefined> =>
    await this.atDisk(async () => {
      const file = await contentOf(this.path)
      return file === undefined ? undefined : decode(file)
    })

  readonly keepMark = async (mark: StoredMark): Promise<void> => {
    await this.atDisk(async () => {
      await replaceFile(this.markPath, [markBytes(mark)])
    })
  }

  readonly mark = async (): Promise<StoredMark | undefined> =>
    await this.atDisk(async () => {
      const file = await contentOf(this.markPath)
      return file === undefined ? undefined : markIn(file)
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
