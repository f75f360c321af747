/**
 * Follows the chain over a stream's chunks and holes and holds it against what headers say. Behind a hole in the middle
 * of a block nothing can be computed before the block ends: those entries are counted, and the chain goes on there.
 */
import { BLOCK_ENTRIES, Chain, CHAIN_START, type ChainHeads } from '../../log/chain.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import type { Tombstone } from '../../log/tombstone.ts'

export class ChainCheck {
  /** Head after the last entry; undefined: nobody knows, behind damage. */
  head: string | undefined = CHAIN_START
  /** Entries that follow a hole inside its block: sound, and linked by their heads, but not computed. */
  unproven = 0
  /** Head after the entry asked for, once it was passed. */
  askedHead: string | undefined
  private chain: Chain | undefined = new Chain()
  private readonly askedSeq: Seq | undefined

  /** `askedSeq`: an entry whose head is wanted. */
  constructor(askedSeq?: Seq) {
    this.askedSeq = askedSeq
    if (askedSeq === 0) this.askedHead = CHAIN_START
  }

  /** The parts that `chain` has seen were passed. */
  goOn(chain: Chain): void {
    this.chain = chain
    this.head = chain.head()
  }

  /** Whether a part that says so of the head before it can follow. */
  isLinked(headBefore: string): boolean {
    return this.head === undefined || this.head === headBefore
  }

  /** What is wrong with a chunk that follows, as a sentence; undefined: nothing. */
  add(header: ChunkHeader, records: Uint8Array): string | undefined {
    const { chain } = this
    const difference =
      chain === undefined ? this.resume(header, records) : differenceOf(header, this.addTo(chain, records))
    if (difference === undefined) this.head = header.chainAfter
    else this.lose()
    if (header.lastSeq === this.askedSeq) this.askedHead ??= this.head
    return difference
  }

  private addTo(chain: Chain, records: Uint8Array): ChainHeads {
    const { askedSeq } = this
    const later = askedSeq === undefined ? new Uint8Array(0) : recordsAfter(records, askedSeq)
    if (later.length === 0 || later.length === records.length) return chain.addChunk(records)
    const before = chain.addChunk(records.subarray(0, records.length - later.length))
    this.askedHead = before.chainAfter
    const behind = chain.addChunk(later)
    return {
      ...behind,
      chainBefore: before.chainBefore,
      chainFirstBlock: before.chainFirstBlock ?? behind.chainFirstBlock,
    }
  }

  /** Goes on at the end of the first block inside the chunk, whose head the header knows. */
  private resume(header: ChunkHeader, records: Uint8Array): string | undefined {
    const { firstSeq, lastSeq, chainFirstBlock } = header
    const blockEnd = Math.ceil(firstSeq / BLOCK_ENTRIES) * BLOCK_ENTRIES
    this.unproven += Math.min(blockEnd, lastSeq) - firstSeq + 1
    if (blockEnd <= lastSeq !== (chainFirstBlock !== null)) return 'its blocks are not those of its entries'
    if (chainFirstBlock === null) return undefined
    const chain = new Chain(blockEnd, chainFirstBlock)
    this.chain = chain
    const { chainAfter, chainBlock } = this.addTo(chain, recordsAfter(records, blockEnd))
    return chainAfter === header.chainAfter && chainBlock === header.chainBlock ? undefined : WRONG_HEADS
  }

  /** A hole follows: the chain goes on over it where it can. */
  skip({ lastSeq, headAfter, restartsChain }: Tombstone): void {
    const isAtBlock = restartsChain || lastSeq % BLOCK_ENTRIES === 0
    this.chain = isAtBlock ? new Chain(lastSeq, headAfter) : undefined
    this.head = headAfter
    if (lastSeq === this.askedSeq) this.askedHead = headAfter
  }

  /** What follows cannot be read, `headAfter` is what its own header says, if it has one. */
  lose(headAfter?: string): void {
    this.chain = undefined
    this.head = headAfter
  }
}

const WRONG_HEADS = 'its entries do not give the chain head that its header names'

const differenceOf = (header: ChunkHeader, heads: ChainHeads): string | undefined =>
  heads.chainAfter === header.chainAfter &&
  heads.chainBlock === header.chainBlock &&
  heads.chainFirstBlock === header.chainFirstBlock
    ? undefined
    : WRONG_HEADS
