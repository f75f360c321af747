/** Reads the documents of an LMDB store and holds each against its key. Owns what counts as damaged there. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeHeader, decodeKeyframeRef, decodeTombstone, isTombstone } from '../../codec/documents.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type KeyframeRef, StoreFailure } from '../../log/event-store.ts'
import type { LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'

/** The place of a part or a keyframe. */
export type Key = [StreamId, Seq]

/** What a stored document of the log is; one that cannot be read is told as such. */
export const partOf = ([stream, seq]: Key, bytes: Uint8Array): LogPart => {
  const unreadable = (detail: string): LogPart => ({ kind: 'unreadable', firstSeq: seq, detail })
  if (isTombstone(bytes)) {
    const stone = decodeTombstone(bytes)
    if (isLeft(stone)) return unreadable(`the note of its missing entries is wrong: ${stone.left}.`)
    if (stone.right.stream === stream && stone.right.firstSeq === seq)
      return { kind: 'hole', tombstone: stone.right }
    return unreadable('the note of its missing entries belongs to another place.')
  }
  const header = decodeHeader(bytes)
  if (isLeft(header)) return unreadable(`the header of its chunk is wrong: ${header.left}.`)
  if (header.right.stream === stream && header.right.firstSeq === seq)
    return { kind: 'chunk', header: header.right }
  return unreadable("the header of its chunk is another chunk's.")
}

/** Undefined where no chunk stands. Throws StoreFailure. */
export const headerOf = (key: Key, bytes: Uint8Array | undefined): ChunkHeader | undefined => {
  const part = bytes === undefined ? undefined : partOf(key, bytes)
  if (part?.kind === 'unreadable') throw damaged(key, part.detail)
  return part?.kind === 'chunk' ? part.header : undefined
}

/** Throws StoreFailure. */
export const referenceOf = ([stream, seq]: Key, bytes: Uint8Array): KeyframeRef => {
  const reference = decodeKeyframeRef(bytes)
  if (isLeft(reference)) throw damaged([stream, seq], `the note of its keyframe is wrong: ${reference.left}.`)
  if (reference.right.stream === stream && reference.right.seq === seq) return reference.right
  throw damaged([stream, seq], "the note of its keyframe is another keyframe's.")
}

export const damaged = ([stream, seq]: Key, detail: string): StoreFailure =>
  new StoreFailure({ kind: 'damaged', stream, seq, detail })
