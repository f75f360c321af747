/** Seals chunks as a light recording does, with what its follower found, and holds each against the same chunk replayed. */
import { isDeepStrictEqual } from 'node:util'

import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import type { EntryBatch } from '../../src/recorder/feed/entry-log.ts'
import type { StreamFollower } from '../../src/recorder/sealing/stream-follower.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import type { Venue } from '../../src/venues/venue.ts'
import type { ModeFindings } from './live-books.ts'

const sealerOf = (stream: StreamId, venue: Venue): StreamSealer =>
  new StreamSealer(venue, {
    ...{ stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined },
  })

export class ChunkProof {
  private readonly stream: StreamId
  private readonly sealer: StreamSealer
  private readonly replaying: StreamSealer
  private readonly failures: string[] = []
  private open: Uint8Array[] = []
  private chunks = 0
  private held = 0

  constructor(stream: StreamId, venue: Venue) {
    this.stream = stream
    this.sealer = sealerOf(stream, venue)
    this.replaying = sealerOf(stream, venue)
  }

  /** A batch that the follower has taken. */
  take({ records, endsChunk, lastSeq }: EntryBatch, follower: StreamFollower): void {
    const { sealer, replaying } = this
    this.open.push(records)
    if (!endsChunk) return
    const packed = Buffer.concat(this.open)
    this.open = []
    const held = follower.takeHeld(sealer.nextSeq, lastSeq)
    const { chunk } = sealer.seal(packed, held ?? follower.take(lastSeq))
    follower.noteSize(sealer.storedBytesPerEntry)
    this.chunks++
    if (held !== undefined) this.held++
    if (!isDeepStrictEqual(chunk, replaying.seal(packed).chunk))
      this.fail(`the chunk through ${String(lastSeq)} is not the one that replaying gives`)
    const decoded = decodeChunk(chunk.header, chunk.payload)
    if (isLeft(decoded) || !packed.equals(decoded.right))
      this.fail(`the chunk through ${String(lastSeq)} does not hold its entries`)
  }

  private fail(text: string): void {
    if (this.failures.length < 5) this.failures.push(`${this.stream}: ${text}`)
  }

  findings(): ModeFindings {
    if (this.chunks === 0) this.fail('no chunk was sealed')
    const figures = { 'chunks sealed and replayed': this.chunks, 'of them as they were scanned': this.held }
    return { figures, failures: this.failures }
  }
}
