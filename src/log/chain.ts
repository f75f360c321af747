/**
 * The chain: proves a stream complete and unaltered. SHA-256 over the canonical records in blocks of BLOCK_ENTRIES
 * entries by seq, each block hashed with the head before it. The head after any entry depends on nothing but the
 * entries 1 … seq: not on chunks, codec or backend.
 */
import { createHash, type Hash } from 'node:crypto'

import { EntryCursor, type Seq } from './entry.ts'

/** What the header of a chunk says of the chain; all heads are hex. */
export interface ChainHeads {
  /** The head before the chunk's first entry and after its last. */
  readonly chainBefore: string
  readonly chainAfter: string
  /** The head after the first block that ends inside the chunk: where a check goes on behind a hole; null: none ends. */
  readonly chainFirstBlock: string | null
  /** The head after the last full block at or before the chunk's last entry: where the chain goes on at a restart. */
  readonly chainBlock: string
}

/** Block k holds entries k × BLOCK_ENTRIES + 1 … (k + 1) × BLOCK_ENTRIES. */
export const BLOCK_ENTRIES = 1024

/** The head before the first entry. */
export const CHAIN_START = '0'.repeat(64)

export class Chain {
  private previousHead: string
  private block: Hash
  private seq: Seq
  /** Nothing was added since `previousHead`. */
  private isAtHead = true

  /** Goes on after entry `seq` whose head is given: 0, the last of a block, or of a hole that the chain begins anew at. */
  constructor(seq: Seq = 0, head = CHAIN_START) {
    this.seq = seq
    this.previousHead = head
    this.block = createHash('sha256').update(Buffer.from(head, 'hex'))
  }

  /** The head after the last entry added. */
  head(): string {
    return this.isAtHead ? this.previousHead : this.block.copy().digest('hex')
  }

  /**
   * The head after the last full block (entry `seq - seq % BLOCK_ENTRIES`), or after the hole behind it that the chain
   * began anew at. A chain can go on from there alone, so that a restart needs fewer than BLOCK_ENTRIES stored entries.
   */
  blockHead(): string {
    return this.previousHead
  }

  /** Adds the records of a chunk, as `add` does, and tells what its header says of them. */
  addChunk(records: Uint8Array): ChainHeads {
    const chainBefore = this.head()
    const chainFirstBlock = this.add(records)
    return { chainBefore, chainAfter: this.head(), chainFirstBlock, chainBlock: this.previousHead }
  }

  /**
   * Adds packed records that begin at the next entry; gives the head after the first block that ended with them, null
   * when none did. Throws when they are damaged or their seqs do not follow; the chain is of no use afterwards.
   */
  add(records: Uint8Array): string | null {
    const cursor = new EntryCursor(records)
    let start = 0
    let firstBlock: string | null = null
    while (cursor.next()) {
      if (cursor.seq !== this.seq + 1)
        throw new Error(`entry ${String(cursor.seq)} follows entry ${String(this.seq)}`)
      this.seq = cursor.seq
      if (this.seq % BLOCK_ENTRIES === 0) {
        this.block.update(records.subarray(start, cursor.recordEnd))
        start = cursor.recordEnd
        this.previousHead = this.block.digest('hex')
        this.block = createHash('sha256').update(Buffer.from(this.previousHead, 'hex'))
        this.isAtHead = true
        firstBlock ??= this.previousHead
      }
    }
    if (start < records.length) {
      this.block.update(records.subarray(start))
      this.isAtHead = false
    }
    return firstBlock
  }
}
