/**
 * The chunks of one stream that wait, and their seals, in order. A chunk whose entries are still in memory has its seal asked
 * for as soon as it ends, ahead of what waits for the store; others are read back from the journal when it is their turn.
 */
import { Buffer } from 'node:buffer'

import { recordsAfter, type Seq } from '../../log/entry.ts'
import type { Journal } from '../../log/journal.ts'
import type { StreamId } from '../../market/instrument.ts'
import { endAfter, type LogEnd } from '../recovery.ts'
import type { Sealer } from '../thread-messages.ts'
import type { ChunkMemory } from './chunk-memory.ts'
import type { SealedChunk } from './stream-sealer.ts'

/** So many chunks at most are sealed, or being sealed, before the first of them is stored. */
const MOST_AHEAD = 3

export interface SealQueueOptions {
  readonly stream: StreamId
  readonly journal: Journal
  /** Where entries may still be in memory that the journal has. */
  readonly memory?: ChunkMemory | undefined
  readonly sealer: Sealer
}

/** A chunk that ended, and where the log ends once it is stored. */
export interface NextChunk {
  readonly sealed: SealedChunk
  readonly isLive: boolean
  readonly stored: LogEnd
}

interface WaitingChunk {
  readonly seq: Seq
  readonly isLive: boolean
  /** Undefined: it was not asked for yet. */
  next: Promise<NextChunk> | undefined
}

/** The records behind entry `after`, through `end`. Rejects with StoreFailure. */
const readThrough = async (journal: Journal, after: Seq, end: Seq): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const { records, lastSeq } of journal.read(after)) {
    const behind = lastSeq > end ? recordsAfter(records, end).length : 0
    parts.push(records.subarray(0, records.length - behind))
    if (lastSeq >= end) break
  }
  return Buffer.concat(parts)
}

export class SealQueue {
  private readonly options: SealQueueOptions
  private readonly chunks: WaitingChunk[] = []
  /** The end of the last chunk whose seal was asked for; undefined: the sealer is not known to stand anywhere. */
  private sealerEnd: LogEnd | undefined

  constructor(options: SealQueueOptions) {
    this.options = options
  }

  get length(): number {
    return this.chunks.length
  }

  /** A chunk ends with this entry, which the journal has. */
  push(seq: Seq, isLive: boolean): void {
    this.chunks.push({ seq, isLive, next: undefined })
    this.askAhead()
  }

  /** The sealer stands at the end of what is stored; chunks that are stored already do not wait. */
  begin(stored: LogEnd): void {
    while ((this.chunks[0]?.seq ?? Infinity) <= stored.lastSeq) this.chunks.shift()
    this.sealerEnd = stored
    this.askAhead()
  }

  /** The first that waits, sealed; undefined: none does. Rejects with StoreFailure, or when its sealer failed. */
  async first(): Promise<NextChunk | undefined> {
    const [chunk] = this.chunks
    const after = this.sealerEnd?.lastSeq
    if (chunk === undefined || after === undefined) return undefined
    if (chunk.next === undefined) {
      this.ask(chunk, await readThrough(this.options.journal, after, chunk.seq))
      this.askAhead()
    }
    return await chunk.next
  }

  /** The first is stored. */
  shift(): void {
    this.chunks.shift()
    this.askAhead()
  }

  private askAhead(): void {
    const { memory } = this.options
    for (const chunk of this.chunks.slice(0, MOST_AHEAD)) {
      if (chunk.next !== undefined) continue
      const held = this.sealerEnd && memory?.recordsOf(this.sealerEnd.lastSeq, chunk.seq)
      if (held === undefined) return
      this.ask(chunk, held)
    }
  }

  /** In the order of the chunks. */
  private ask(chunk: WaitingChunk, records: Uint8Array): void {
    const { stream, sealer, memory } = this.options
    const { seq, isLive } = chunk
    if (this.sealerEnd === undefined) throw new Error('a seal was asked for before anything was stored')
    // Before the seal, which may take the records away.
    const stored = (this.sealerEnd = endAfter(this.sealerEnd, records))
    chunk.next = sealer.seal(stream, records, seq).then((sealed) => {
      memory?.release(seq)
      return { sealed, isLive, stored }
    })
    // Whoever takes the chunk hears of it.
    chunk.next.catch(() => undefined)
  }
}
