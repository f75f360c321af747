/**
 * The chain: proves a stream complete and unaltered. SHA-256 over the canonical records in blocks of BLOCK_ENTRIES
 * entries by seq, each block hashed with the head before it. The head after any entry depends on nothing but the
 * entries 1 … seq: not on chunks, codec or backend.
 */
import { createHash, type Hash } from 'node:crypto'

import { EntryCursor, type Seq } from './entry.ts'

/** Block k holds entries k × BLOCK_ENTRIES + 1 … (k + 1) × BLOCK_ENTRIES. */
export const BLOCK_ENTRIES = 1024

/** The head before the first entry. */
export const CHAIN_START = '0'.repeat(64)

export class Chain {
  private previousHead: string
  private block: Hash
  private seq: Seq

  /** Goes on after entry `seq`, the last of a block (or 0), whose head is given. */
  constructor(seq: Seq = 0, head = CHAIN_START) {
    if (seq % BLOCK_ENTRIES !== 0) throw new Error('a chain goes on only at the end of a block')
    this.seq = seq
    this.previousHead = head
    this.block = createHash('sha256').update(Buffer.from(head, 'hex'))
  }

  /** The head after the last entry added. */
  head(): string {
    return this.seq % BLOCK_ENTRIES === 0 ? this.previousHead : this.block.copy().digest('hex')
  }

  /**
   * The head after the last full block: entry `seq - seq % BLOCK_ENTRIES`. A chain can go on from there alone, so that
   * a restart needs fewer than BLOCK_ENTRIES stored entries.
   */
  blockHead(): string {
    return this.previousHead
  }

  /**
   * Adds packed records that begin at the next entry. Throws when they are damaged or their seqs do not follow; the
   * chain is of no use afterwards.
   */
  add(records: Uint8Array): void {
    const cursor = new EntryCursor(records)
    let start = 0
    while (cursor.next()) {
      if (cursor.seq !== this.seq + 1)
        throw new Error(`entry ${String(cursor.seq)} follows entry ${String(this.seq)}`)
      this.seq = cursor.seq
      if (this.seq % BLOCK_ENTRIES === 0) {
        this.block.update(records.subarray(start, cursor.recordEnd))
        start = cursor.recordEnd
        this.previousHead = this.block.digest('hex')
        this.block = createHash('sha256').update(Buffer.from(this.previousHead, 'hex'))
      }
    }
    if (start < records.length) this.block.update(records.subarray(start))
  }
}
