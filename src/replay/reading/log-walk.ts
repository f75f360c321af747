/**
 * Walks over everything a stream's log is made of and proves each part: bytes, order, chain. Damage is told and passed
 * over, so that one bad chunk hides nothing behind it. What entries mean is not its business.
 */
import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { ChainCheck } from '../proof/chain-check.ts'
import { openChunk, type OpenedChunk } from './chunk-reader.ts'

/** Damage of what was stored. */
export type DamageKind = 'damaged-chunk' | 'missing-entries' | 'chain-broken'

export interface Damage {
  readonly kind: DamageKind
  /** The entry where it begins. */
  readonly seq: Seq
  /** One sentence. */
  readonly detail: string
  /** The part that is damaged; undefined: none stands there, the entries in front of the next part are gone. */
  readonly part: LogPart | undefined
}

export type LogStep =
  | { readonly kind: 'chunk'; readonly chunk: OpenedChunk }
  | { readonly kind: 'hole'; readonly tombstone: Tombstone }
  | { readonly kind: 'damage'; readonly damage: Damage }

/** The parts were put together anew under the walk (compaction): it must begin again. */
export class LogRewritten extends Error {}

/** Parts fetched at once. */
const PAGE = 64

/** The parts of a log in order, a page at a time. */
async function* partsOf(store: EventStore, stream: StreamId): AsyncGenerator<LogPart, void> {
  for (let from: Seq = 1; ;) {
    const page = await store.parts(stream, { from }, PAGE)
    const last = page.at(-1)
    for (const part of page) {
      if (firstSeqOf(part) >= from) yield part
      // A part that cannot be read touches any range behind it.
      else if (part.kind !== 'unreadable') throw new LogRewritten()
    }
    if (last === undefined || page.length < PAGE) return
    from = lastSeqOf(last) + 1
  }
}

const spanText = (first: Seq, last: Seq): string =>
  first === last ? `entry ${String(first)}` : `entries ${String(first)} to ${String(last)}`

export class LogWalk {
  /** The chain as far as it was followed. */
  readonly chain: ChainCheck
  /** The last entry passed. */
  lastSeq: Seq = 0
  private readonly store: EventStore
  private readonly stream: StreamId
  /** An unreadable part was passed last: the next one may begin anywhere. */
  private isOpenEnded = false

  /** `askedSeq`: an entry whose head `chain.askedHead` is to tell. */
  constructor(store: EventStore, stream: StreamId, askedSeq?: Seq) {
    this.store = store
    this.stream = stream
    this.chain = new ChainCheck(askedSeq)
  }

  /** Throws StoreFailure only when the store as a whole fails, and LogRewritten. */
  async *steps(): AsyncGenerator<LogStep, void> {
    for await (const part of partsOf(this.store, this.stream)) {
      const first = firstSeqOf(part)
      if (first <= this.lastSeq) {
        yield damage(
          'damaged-chunk',
          first,
          'A part of the log stands where other entries stand already.',
          part,
        )
        continue
      }
      if (first > this.lastSeq + 1 && !this.isOpenEnded) {
        const missing = spanText(this.lastSeq + 1, first - 1)
        yield damage('missing-entries', this.lastSeq + 1, `The log has a hole: ${missing} should be there.`)
        this.chain.lose()
      }
      yield await this.take(part)
      this.lastSeq = lastSeqOf(part)
      this.isOpenEnded = part.kind === 'unreadable'
    }
  }

  private async take(part: LogPart): Promise<LogStep> {
    switch (part.kind) {
      case 'unreadable':
        this.chain.lose()
        return damage(
          'damaged-chunk',
          part.firstSeq,
          `At entry ${String(part.firstSeq)} ${part.detail}`,
          part,
        )
      case 'hole':
        return this.takeHole(part, part.tombstone)
      case 'chunk':
        return await this.takeChunk(part, part.header)
    }
  }

  private takeHole(part: LogPart, tombstone: Tombstone): LogStep {
    const isLinked = this.chain.isLinked(tombstone.headBefore)
    this.chain.skip(tombstone)
    if (isLinked) return { kind: 'hole', tombstone }
    const detail = 'The note of missing entries does not continue the chain of the entries before it.'
    return damage('chain-broken', tombstone.firstSeq, detail, part)
  }

  private async takeChunk(part: LogPart, header: ChunkHeader): Promise<LogStep> {
    const { chain } = this
    const { firstSeq, lastSeq } = header
    const named = `The chunk of ${spanText(firstSeq, lastSeq)}`
    if (!chain.isLinked(header.chainBefore)) {
      chain.lose()
      const detail = `${named} does not continue the chain of the entries before it.`
      return damage('chain-broken', firstSeq, detail, part)
    }
    let chunk: OpenedChunk
    let records: Uint8Array
    try {
      chunk = await openChunk(this.store, header)
      // Rendering every frame again may show damage too.
      records = chunk.records
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
      const [now] = await this.store.parts(this.stream, { from: firstSeq, to: firstSeq })
      if (now?.kind !== 'chunk' || now.header.payloadHash !== header.payloadHash) throw new LogRewritten()
      chain.lose(header.chainAfter)
      return damage(
        'damaged-chunk',
        firstSeq,
        `${named} is damaged: ${error.error.detail.replace(/\.$/, '')}.`,
        part,
      )
    }
    const difference = chain.add(header, records)
    if (difference === undefined) return { kind: 'chunk', chunk }
    return damage('chain-broken', firstSeq, `${named} is not what the chain proves: ${difference}.`, part)
  }
}

const damage = (kind: DamageKind, seq: Seq, detail: string, part?: LogPart): LogStep => ({
  kind: 'damage',
  damage: { kind, seq, detail, part },
})
