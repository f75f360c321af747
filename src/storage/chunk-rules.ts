/** What may be appended and what may replace what: the rules of the port, the same in every backend. */
import type { ChunkHeader } from '../log/chunk.ts'
import type { Seq } from '../log/entry.ts'
import type { StoreError } from '../log/event-store.ts'

/**
 * Whether two headers stand for the same chunk: the same entries in the same bytes. The verdict may differ: it is
 * derived, and a newer decoder may have judged a retry.
 */
const isSameChunk = (stored: ChunkHeader, given: ChunkHeader): boolean =>
  stored.firstSeq === given.firstSeq &&
  stored.lastSeq === given.lastSeq &&
  stored.format === given.format &&
  stored.payloadHash === given.payloadHash &&
  stored.chainAfter === given.chainAfter

/** `last`: the last stored entry; `atFirst`: the stored chunk that begins where the given one does. */
export const judgeAppend = (
  last: Seq,
  atFirst: ChunkHeader | undefined,
  given: ChunkHeader,
): 'append' | 'done' | StoreError => {
  if (given.firstSeq === last + 1 && given.lastSeq >= given.firstSeq) return 'append'
  if (atFirst !== undefined && isSameChunk(atFirst, given)) return 'done'
  return { kind: 'does-not-follow', expected: last + 1, found: given.firstSeq }
}

/** `covered`: the stored chunks that touch the given chunk's entries, in order. Undefined: it may replace them. */
export const judgeReplace = (covered: readonly ChunkHeader[], given: ChunkHeader): StoreError | undefined => {
  const first = covered[0]
  const last = covered.at(-1)
  if (first === undefined || last === undefined)
    return { kind: 'does-not-follow', expected: 1, found: given.firstSeq }
  if (first.firstSeq !== given.firstSeq)
    return { kind: 'does-not-follow', expected: first.firstSeq, found: given.firstSeq }
  if (last.lastSeq !== given.lastSeq)
    return { kind: 'does-not-follow', expected: last.lastSeq + 1, found: given.lastSeq + 1 }
  if (first.chainBefore === given.chainBefore && last.chainAfter === given.chainAfter) return undefined
  const range = `entries ${String(given.firstSeq)} to ${String(given.lastSeq)} of ${given.stream}`
  const message = `The chunk to put in the place of ${range} does not hold the same entries (its chain differs), so nothing was replaced.`
  return { kind: 'unavailable', message }
}

export const noChunk = (stream: ChunkHeader['stream'], seq: Seq): StoreError => ({
  kind: 'damaged',
  stream,
  seq,
  detail: 'no chunk begins there.',
})

export const noKeyframe = (stream: ChunkHeader['stream'], seq: Seq): StoreError => ({
  kind: 'damaged',
  stream,
  seq,
  detail: 'no keyframe stands there.',
})
