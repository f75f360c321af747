/** Chunks: immutable stored runs of entries of one stream, and what their headers say. Bytes are codec's business. */
import type { DisconnectCause, GapCause, InvalidReason } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { ChainHeads } from './chain.ts'
import type { EntryKind, Seq } from './entry.ts'

/** A loss and the entry that proved it. */
export interface GapRecord {
  readonly seq: Seq
  readonly cause: GapCause
  readonly expected: string
  readonly found: string
}

/** An interruption without loss and its entry. */
export interface DisconnectRecord {
  readonly seq: Seq
  readonly cause: DisconnectCause
}

/** Stretches of entries, [first, last] each, in order and apart from each other; only the first MOST_SPANS are listed. */
export interface SeqSpans {
  readonly listed: readonly (readonly [Seq, Seq])[]
  /** How many more there were. */
  readonly further: number
}

/** The least and the greatest of something that was seen. */
export interface Extent {
  readonly least: number
  readonly greatest: number
}

/**
 * What replaying a chunk showed: derived data, never truth. All counts are of this chunk alone, so that chunks add up.
 */
export interface Verdict {
  /** Version of the decoder that judged. */
  readonly decoderVersion: number
  readonly events: number
  readonly trades: number
  /** Runs that began in this chunk. */
  readonly runs: number
  readonly gaps: readonly GapRecord[]
  readonly disconnects: readonly DisconnectRecord[]
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly undecoded: { readonly frames: number; readonly kinds: Readonly<Record<string, number>> }
  /** Time from the entry before this chunk (or its first) to its last, and how much of it the book was valid, verified. */
  readonly spanMicros: number
  readonly validMicros: number
  readonly verifiedMicros: number
  /** The entries after which the book was valid, verified. */
  readonly validSpans: SeqSpans
  readonly verifiedSpans: SeqSpans
  /** The venue's times (microseconds) and numbers of the events; null: it told none. */
  readonly exchangeTimes: Extent | null
  readonly venueSequences: Extent | null
  /** The book after the chunk's last entry. */
  readonly book: BookVerdict
  /**
   * The one thing that replaying cannot show: how many times, at the end of a chunk, the live book of the recorder was not
   * the one that replaying gave. Absent: never.
   */
  readonly sealMismatches?: number | undefined
}

/** The book after the last entry judged. */
export interface BookVerdict {
  readonly valid: boolean
  /** Null when valid. */
  readonly reason: InvalidReason | null
  readonly verified: boolean
  /** SHA-256 of the book's content as last applied, hex. */
  readonly digest: string
  /** The entry that last changed the content; 0: none yet. */
  readonly digestSeq: Seq
}

/** Counts by kind of entry; kinds that do not occur are absent. */
export type EntryCounts = Readonly<Partial<Record<EntryKind, number>>>

/** Everything known of a chunk without its payload. Plain data: `null` for what is absent. */
export interface ChunkHeader extends ChainHeads {
  /** Name of the payload's format, `plain-1` …; readers refuse names they do not know. */
  readonly format: string
  readonly stream: StreamId
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly firstReceiveTime: Micros
  readonly lastReceiveTime: Micros
  readonly entries: number
  /** How many entries there are of each kind that occurs. */
  readonly kinds: EntryCounts
  /** Bytes of all payloads of the entries, before packing and compression. */
  readonly rawBytes: number
  /** Bytes of the chunk's payload as stored. */
  readonly storedBytes: number
  /** SHA-256 of the payload as stored, hex. */
  readonly payloadHash: string
  readonly verdict: Verdict
}

/** A chunk as it is stored. */
export interface Chunk {
  readonly header: ChunkHeader
  readonly payload: Uint8Array
}

/** A keyframe as it is stored: book and decoder state after entry `seq`. */
export interface Keyframe {
  readonly stream: StreamId
  readonly seq: Seq
  readonly receiveTime: Micros
  /** Version of the decoder whose state it holds. */
  readonly decoderVersion: number
  /** SHA-256 of the payload, hex. */
  readonly payloadHash: string
  readonly payload: Uint8Array
}
