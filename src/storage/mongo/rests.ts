/**
 * Finishes changes that were cut short: removes what a larger chunk or a tombstone covers. Owns that nothing is
 * removed for the sake of a document that cannot be read. Throws the driver's errors and StoreFailure.
 */
import type { Collection } from 'mongodb'

import type { Seq } from '../../log/entry.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type PartDocument, partIn, type PartSpan, SPAN_FIELDS, spanIn } from './part-documents.ts'
import type { Payloads } from './payloads.ts'
import type { QuarantineDocuments } from './quarantine-documents.ts'

/** Spans that one span covers. */
interface Cover {
  readonly by: PartSpan
  readonly covered: PartSpan[]
}

export class Rests {
  private readonly collection: Collection<PartDocument>
  private readonly payloads: Payloads
  private readonly quarantine: QuarantineDocuments
  /** Streams without rests. */
  private readonly tidy = new Set<StreamId>()

  constructor(collection: Collection<PartDocument>, payloads: Payloads, quarantine: QuarantineDocuments) {
    this.collection = collection
    this.payloads = payloads
    this.quarantine = quarantine
  }

  /** There are some now. */
  note(stream: StreamId): void {
    this.tidy.delete(stream)
  }

  /**
   * Removes them in order: so what is left of a replacement at any moment is the end of the covered run, where the last
   * document still tells the last entry and every entry is found once.
   */
  async clear(stream: StreamId): Promise<void> {
    if (this.tidy.has(stream)) return
    let isTidy = true
    for (const cover of await this.covers(stream)) isTidy = (await this.clearCover(stream, cover)) && isTidy
    await this.quarantine.settle(stream)
    if (isTidy) this.tidy.add(stream)
  }

  /** A chunk that is being split stands until its mark is gone; false: it was changed meanwhile. */
  private async isFenced(document: PartDocument): Promise<boolean> {
    if (!('splitting' in document)) return true
    const { _id, splitting } = document
    const { matchedCount } = await this.collection.updateOne(
      { _id, splitting },
      { $unset: { splitting: '' } },
    )
    return matchedCount > 0
  }

  private async covers(stream: StreamId): Promise<readonly Cover[]> {
    const covers: Cover[] = []
    let reached: Seq = 0
    let last: Cover | undefined
    const documents = this.collection.find({ stream }).sort({ firstSeq: 1 }).project(SPAN_FIELDS)
    for await (const document of documents) {
      const span = spanIn(document)
      if (span === undefined) continue
      if (span.firstSeq > reached) {
        reached = span.lastSeq
        last = { by: span, covered: [] }
        if (span.unfinished === true) covers.push(last)
      } else if (span.lastSeq <= reached && last !== undefined) {
        if (last.covered.length === 0 && last.by.unfinished !== true) covers.push(last)
        last.covered.push(span)
      }
    }
    return covers
  }

  /** False: it was changed meanwhile, and must be looked at again. */
  private async clearCover(stream: StreamId, { by, covered }: Cover): Promise<boolean> {
    const document = await this.collection.findOne({ _id: by._id })
    const part = document === null ? undefined : partIn(document, stream)
    if (document === null || part === undefined || part.kind === 'unreadable') return true
    if (document.lastSeq !== by.lastSeq || !(await this.isFenced(document))) return false
    for (const { _id, firstSeq, lastSeq, payloadHash: hash, storedBytes: bytes, splitOf } of covered) {
      if (splitOf !== undefined) {
        // Its payload stays: another attempt to split writes the same.
        await this.collection.deleteOne({ _id, stream, firstSeq, lastSeq, splitOf })
        continue
      }
      await this.collection.deleteOne({ _id, stream, firstSeq, lastSeq })
      // What is put aside is removed once its copy is seen to.
      const isAside = part.kind === 'hole' && part.tombstone.kind !== 'deleted'
      if (hash !== undefined && bytes !== undefined && !isAside)
        await this.payloads.remove({ owner: 'chunk', stream, seq: firstSeq, hash, bytes })
    }
    if (part.kind !== 'hole') return true
    const { kind, firstSeq, lastSeq } = part.tombstone
    if (kind === 'deleted') await this.payloads.removeRange('chunk', stream, firstSeq, lastSeq)
    else await this.quarantine.settle(stream)
    await this.collection.updateOne({ _id: by._id, stream, firstSeq }, { $unset: { unfinished: '' } })
    return true
  }
}
