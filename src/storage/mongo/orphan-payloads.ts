/**
 * Payloads that nothing refers to: a writer died between a payload and its document. One that was found so is noted with the
 * server's time, and removed when it is found so again long after: no writer sleeps for as long between the two.
 */
import type { Collection } from 'mongodb'

import type { StreamId } from '../../market/instrument.ts'
import type { KeyframeDocument } from './keyframe-documents.ts'
import { paddedNumber, type PayloadDocument } from './mongo-documents.ts'
import type { PartDocument } from './part-documents.ts'

/** Milliseconds by the server's clock; far more than any driver waits for a reply. */
const LEAST_AGE = 3_600_000

/** What a sweep did. */
export interface Sweep {
  /** Payloads, or parts of large ones, that were removed. */
  readonly removed: number
  /** Those noted now or before, too young to be removed. */
  readonly noted: number
}

interface NotedPayload {
  readonly _id: string
  readonly orphanedAt?: unknown
}

const OWNERS = ['chunk', 'keyframe'] as const

export interface OrphanPlaces {
  readonly chunks: Collection<PartDocument>
  readonly keyframes: Collection<KeyframeDocument>
  readonly payloads: Collection<PayloadDocument>
  /** The server's clock. */
  readonly now: () => Promise<Date>
}

/** What is referred to: `chunk/STREAM/SEQ/HASH/`. */
const referred = async (
  { chunks, keyframes }: OrphanPlaces,
  stream: StreamId,
): Promise<ReadonlySet<string>> => {
  const stems = new Set<string>()
  const fields = { payloadHash: 1 } as const
  for await (const { firstSeq, payloadHash } of chunks
    .find({ stream })
    .project<{ firstSeq: number; payloadHash?: string }>({ firstSeq: 1, ...fields }))
    if (payloadHash !== undefined) stems.add(`chunk/${stream}/${paddedNumber(firstSeq)}/${payloadHash}`)
  for await (const { seq, payloadHash } of keyframes
    .find({ stream })
    .project<{ seq: number; payloadHash: string }>({ seq: 1, ...fields }))
    stems.add(`keyframe/${stream}/${paddedNumber(seq)}/${payloadHash}`)
  return stems
}

/** Removes what has been without an owner for long. Safe while others write. Throws the driver's errors. */
export const sweepOrphans = async (places: OrphanPlaces, stream: StreamId): Promise<Sweep> => {
  const { payloads } = places
  // Payloads first: what is written meanwhile is referred to by then, or is noted and looked at again.
  const found: NotedPayload[] = []
  for (const owner of OWNERS) {
    const all = { $gte: `${owner}/${stream}/`, $lt: `${owner}/${stream}/~` }
    const ids = payloads.find({ _id: all }).project<NotedPayload>({ _id: 1, orphanedAt: 1 })
    for await (const payload of ids) found.push(payload)
  }
  const stems = await referred(places, stream)
  const now = await places.now()
  let removed = 0
  let noted = 0
  for (const { _id, orphanedAt } of found) {
    const isReferred = stems.has(_id.slice(0, _id.lastIndexOf('/')))
    if (isReferred) {
      if (orphanedAt !== undefined) await payloads.updateOne({ _id }, { $unset: { orphanedAt: '' } })
    } else if (!(orphanedAt instanceof Date)) {
      await payloads.updateOne({ _id }, { $set: { orphanedAt: now } })
      noted++
    } else if (now.getTime() - orphanedAt.getTime() < LEAST_AGE) noted++
    // Written once more since, it has lost its note.
    else removed += (await payloads.deleteOne({ _id, orphanedAt })).deletedCount
  }
  return { removed, noted }
}
