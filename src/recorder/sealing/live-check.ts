/** Holds the live book against the sealed one at the end of every chunk; which of the two comes first does not matter. */
import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import type { LiveDigest } from '../thread-messages.ts'

export class LiveCheck {
  /** Chunks whose live book was not what the seal found. */
  mismatches = 0
  private readonly onMismatch: (header: ChunkHeader) => void
  private readonly live = new Map<Seq, LiveDigest>()
  private readonly sealed = new Map<Seq, ChunkHeader>()

  constructor(onMismatch: (header: ChunkHeader) => void) {
    this.onMismatch = onMismatch
  }

  noteLive(live: LiveDigest): void {
    this.live.set(live.seq, live)
    this.compare(live.seq)
  }

  noteSealed(header: ChunkHeader): void {
    this.sealed.set(header.lastSeq, header)
    this.compare(header.lastSeq)
  }

  private compare(seq: Seq): void {
    const live = this.live.get(seq)
    const sealed = this.sealed.get(seq)
    if (live === undefined || sealed === undefined) return
    this.live.delete(seq)
    this.sealed.delete(seq)
    if (live.digest === sealed.verdict.book.digest) return
    this.mismatches++
    this.onMismatch(sealed)
  }
}
