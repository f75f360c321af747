/** The venue's checksum of a book: CRC-32 over number texts. Owns its order of parts; the texts come from the rows. */
import { crc32 } from 'node:zlib'

/** Entries of each side that count, whatever the length of the book. */
export const CHECKSUM_DEPTH = 25

/** One entry as it goes into the checksum: `key:amount`; the key is an order's id or a level's price. */
export type ChecksumEntry = string

/** Bids and asks, best first, taken in turn; a missing entry is skipped. A signed 32-bit number. */
export const checksumOf = (bids: readonly ChecksumEntry[], asks: readonly ChecksumEntry[]): number => {
  const parts: string[] = []
  for (let index = 0; index < CHECKSUM_DEPTH; index++) {
    const bid = bids[index]
    const ask = asks[index]
    if (bid !== undefined) parts.push(bid)
    if (ask !== undefined) parts.push(ask)
  }
  return crc32(parts.join(':')) | 0
}
