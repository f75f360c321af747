/**
 * Takes entries out of a log: a tombstone takes the place of the document of its first entry by one write, and only that
 * write counts; the rests are removed afterwards. Throws the driver's errors and StoreFailure.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { Collection } from 'mongodb'

import type { Seq } from '../../log/entry.ts'
import type { StoreError } from '../../log/event-store.ts'
import { lastSeqOf, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { judgeBury, judgeQuarantine, noChunk } from '../chunk-rules.ts'
import type { KeyframeDocuments } from './keyframe-documents.ts'
import { placeId } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'
import { type PartDocument, type TombstoneDocument, tombstoneDocumentOf } from './part-documents.ts'
import type { PartReader } from './part-reader.ts'
import type { QuarantineDocuments } from './quarantine-documents.ts'
import type { Rests } from './rests.ts'

type Result = Either<StoreError, void>

const DONE: Result = right(undefined)

const unsettled = ({ stream, firstSeq, lastSeq }: Tombstone): Result => {
  const message = `Others change entries ${String(firstSeq)} to ${String(lastSeq)} of ${stream} at the same time: see to it that one does, and try again.`
  return left({ kind: 'unavailable', message })
}

const unfinished = (stone: Tombstone): TombstoneDocument => ({
  ...tombstoneDocumentOf(stone),
  unfinished: true,
})

/** What a log on MongoDB is made of. */
export interface LogDocuments {
  readonly parts: Collection<PartDocument>
  readonly reader: PartReader
  readonly rests: Rests
  readonly quarantine: QuarantineDocuments
  readonly keyframes: KeyframeDocuments
}

export class HoleDocuments {
  private readonly log: LogDocuments

  constructor(log: LogDocuments) {
    this.log = log
  }

  async bury(stone: Tombstone): Promise<Result> {
    const { stream, firstSeq, lastSeq } = stone
    const { parts, reader, rests, keyframes } = this.log
    await rests.clear(stream)
    const touched = await reader.parts(stream, firstSeq, lastSeq)
    const judged = judgeBury(touched, stone)
    if (judged === 'done') return DONE
    if (typeof judged === 'object') return left(judged)
    const [first] = touched
    if (first === undefined || first.kind === 'unreadable') return unsettled(stone)
    // They are derived: without them the log is slower to read, and no less.
    await keyframes.dropRange(stream, firstSeq, lastSeq - 1)
    const { _id, ...document } = unfinished(stone)
    // Only in the place of what was judged.
    const standing =
      first.kind === 'chunk' ? { payloadHash: first.header.payloadHash } : { hole: first.tombstone.kind }
    const unchanged = { _id, stream, firstSeq, lastSeq: lastSeqOf(first), ...standing }
    const { matchedCount } = await parts.replaceOne(unchanged, document)
    if (matchedCount === 0) return unsettled(stone)
    rests.note(stream)
    await rests.clear(stream)
    return DONE
  }

  async quarantine(
    stream: StreamId,
    firstSeqs: readonly Seq[],
    stone: Tombstone | undefined,
  ): Promise<Result> {
    const { parts, reader, rests, quarantine } = this.log
    await rests.clear(stream)
    if (stone !== undefined) {
      const touched = await reader.parts(stream, stone.firstSeq, stone.lastSeq)
      const before = await reader.lastBefore(stream, stone.firstSeq - 1, firstSeqs)
      const lastBefore = before === undefined ? 0 : lastSeqOf(before)
      const problem = judgeQuarantine(touched, lastBefore, firstSeqs, stone)
      if (problem !== undefined) return left(problem)
    }
    const originals = await this.originals(stream, firstSeqs, stone)
    const missing = firstSeqs.find((seq) => !originals.some(({ firstSeq }) => firstSeq === seq))
    if (missing !== undefined) return left(noChunk(stream, missing))
    for (const original of originals) await quarantine.copy(stream, original)
    rests.note(stream)
    if (stone !== undefined && !(await this.put(stone, originals))) return unsettled(stone)
    for (const { _id } of originals)
      if (stone === undefined || _id !== placeId(stream, stone.firstSeq)) await parts.deleteOne({ _id })
    await rests.clear(stream)
    return DONE
  }

  /** The documents at these entries, and those that have a place among the tombstone's but were altered to hide it. */
  private async originals(
    stream: StreamId,
    firstSeqs: readonly Seq[],
    stone: Tombstone | undefined,
  ): Promise<readonly PartDocument[]> {
    const { parts } = this.log
    const found = await parts.find({ stream, firstSeq: { $in: [...firstSeqs] } }).toArray()
    if (stone !== undefined) {
      const places = { $gte: placeId(stream, stone.firstSeq), $lte: placeId(stream, stone.lastSeq) }
      for (const hidden of await parts.find({ _id: places }).toArray())
        if (!found.some(({ _id }) => _id === hidden._id)) found.push(hidden)
    }
    return found.sort((one, other) => (one._id < other._id ? -1 : 1))
  }

  /** False: what stood in the tombstone's place was changed meanwhile. */
  private async put(stone: Tombstone, originals: readonly PartDocument[]): Promise<boolean> {
    const { parts } = this.log
    const document = unfinished(stone)
    const { _id, ...content } = document
    const standing = originals.find((original) => original._id === _id)
    if (standing !== undefined) {
      const { lastSeq } = standing
      const { matchedCount } = await parts.replaceOne({ _id, stream: standing.stream, lastSeq }, content)
      return matchedCount > 0
    }
    const misplaced = originals.find((original) => original.firstSeq === stone.firstSeq)
    if (misplaced !== undefined) await parts.deleteOne({ _id: misplaced._id })
    try {
      await parts.insertOne(document)
      return true
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }
}
