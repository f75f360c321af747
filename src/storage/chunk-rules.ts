/** What may be appended and what may replace what: the rules of the port, the same in every backend. */
import type { ChunkHeader } from '../log/chunk.ts'
import type { Seq } from '../log/entry.ts'
import type { StoreError } from '../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../log/tombstone.ts'

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
  const isWhole = covered.every(({ firstSeq }, index) => {
    const before = covered[index - 1]
    return before === undefined || before.lastSeq + 1 === firstSeq
  })
  if (isWhole && first.chainBefore === given.chainBefore && last.chainAfter === given.chainAfter)
    return undefined
  const range = `entries ${String(given.firstSeq)} to ${String(given.lastSeq)} of ${given.stream}`
  const message = `The chunk to put in the place of ${range} does not hold the same entries (its chain differs), so nothing was replaced.`
  return { kind: 'unavailable', message }
}

/** `covered`: the stored chunks that touch the given chunks' entries, in order. */
export const judgeSplit = (
  covered: readonly ChunkHeader[],
  first: ChunkHeader,
  second: ChunkHeader,
): 'split' | 'done' | StoreError => {
  const [whole, behind, further] = covered
  if (whole !== undefined && behind !== undefined && further === undefined)
    if (isSameChunk(whole, first) && isSameChunk(behind, second)) return 'done'
  const isWhole = whole?.firstSeq === first.firstSeq && whole.lastSeq === second.lastSeq
  const isSame = whole?.chainBefore === first.chainBefore && whole.chainAfter === second.chainAfter
  const isJoined = first.lastSeq + 1 === second.firstSeq && first.chainAfter === second.chainBefore
  if (isWhole && isSame && isJoined && behind === undefined) return 'split'
  const range = `entries ${String(first.firstSeq)} to ${String(second.lastSeq)} of ${first.stream}`
  const message = `The chunks to put in the place of ${range} do not hold the same entries as one that is stored, so nothing was changed.`
  return { kind: 'unavailable', message }
}

/** `stored`: the header that stands there. Undefined: the given one may take its place. */
export const judgeHeader = (stored: ChunkHeader | undefined, given: ChunkHeader): StoreError | undefined => {
  if (stored === undefined) return noChunk(given.stream, given.firstSeq)
  const isSame =
    isSameChunk(stored, given) &&
    stored.chainBefore === given.chainBefore &&
    stored.chainFirstBlock === given.chainFirstBlock &&
    stored.chainBlock === given.chainBlock
  if (isSame) return undefined
  const message = `The header for the chunk at entry ${String(given.firstSeq)} of ${given.stream} is another chunk's, so nothing was changed.`
  return { kind: 'unavailable', message }
}

const isSameTombstone = (one: Tombstone, other: Tombstone): boolean =>
  one.kind === other.kind &&
  one.firstSeq === other.firstSeq &&
  one.lastSeq === other.lastSeq &&
  one.headBefore === other.headBefore &&
  one.headAfter === other.headAfter

const refusal = (stone: Tombstone, why: string): StoreError => {
  const { stream, firstSeq, lastSeq } = stone
  const range = `Entries ${String(firstSeq)} to ${String(lastSeq)} of ${stream}`
  return { kind: 'unavailable', message: `${range} cannot be taken out: ${why}.` }
}

/** Heads of the chain at the edges of a part; undefined: it cannot be read. */
const headBefore = (part: LogPart): string | undefined =>
  part.kind === 'chunk'
    ? part.header.chainBefore
    : part.kind === 'hole'
      ? part.tombstone.headBefore
      : undefined

const headAfter = (part: LogPart): string | undefined =>
  part.kind === 'chunk' ? part.header.chainAfter : part.kind === 'hole' ? part.tombstone.headAfter : undefined

/** `touched`: the parts that touch the tombstone's entries, in order. */
export const judgeBury = (touched: readonly LogPart[], stone: Tombstone): 'bury' | 'done' | StoreError => {
  const first = touched[0]
  const last = touched.at(-1)
  if (first?.kind === 'hole' && touched.length === 1 && isSameTombstone(first.tombstone, stone)) return 'done'
  if (stone.kind !== 'deleted') return refusal(stone, 'only what is deleted is buried')
  let next = stone.firstSeq
  for (const part of touched) {
    if (part.kind === 'unreadable') return refusal(stone, 'not all of them are stored and sound')
    if (firstSeqOf(part) !== next) return refusal(stone, 'they are not whole chunks')
    next = lastSeqOf(part) + 1
  }
  if (first === undefined || last === undefined || !touched.some(({ kind }) => kind === 'chunk'))
    return refusal(stone, 'they are not stored')
  if (next !== stone.lastSeq + 1) return refusal(stone, 'they are not whole chunks')
  return headBefore(first) === stone.headBefore && headAfter(last) === stone.headAfter
    ? 'bury'
    : refusal(stone, 'the chain of the stored ones is another')
}

/**
 * `touched`: the parts that touch the tombstone's entries; `lastBefore`: the last entry stored before it. Undefined: the
 * parts at `firstSeqs` may be put aside.
 */
export const judgeQuarantine = (
  touched: readonly LogPart[],
  lastBefore: Seq,
  firstSeqs: readonly Seq[],
  stone: Tombstone,
): StoreError | undefined => {
  if (stone.kind === 'deleted' && firstSeqs.length > 0)
    return refusal(stone, 'what is put aside is not deleted')
  const other = touched.find((part) => !firstSeqs.includes(firstSeqOf(part)))
  if (other !== undefined) return refusal(stone, `entry ${String(firstSeqOf(other))} begins another part`)
  const reaching = touched.find((part) => lastSeqOf(part) > stone.lastSeq)
  if (reaching !== undefined) return refusal(stone, 'what is stored there goes on behind them')
  if (stone.firstSeq === lastBefore + 1) return undefined
  return { kind: 'does-not-follow', expected: lastBefore + 1, found: stone.firstSeq }
}

export const noQuarantined = (stream: ChunkHeader['stream'], number: number): StoreError => ({
  kind: 'unavailable',
  message: `Nothing of ${stream} was put aside under the number ${String(number)}.`,
})

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
