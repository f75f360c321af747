/** Bitfinex's number text and book checksum, for the simulated server and the player. */
import { crc32 } from 'node:zlib'

import { decimalText } from '../../src/index.ts'

/** What the checksum covers of a row: its order id (R0) or price (P0 to P4), and its signed amount, as sent. */
export interface ChecksumRow {
  readonly key: string
  readonly amount: string
}

const ROWS_PER_SIDE = 25

/** Signed CRC-32 over the best 25 rows a side; rows best first, equal prices by order id. */
export const bitfinexChecksum = (bids: readonly ChecksumRow[], asks: readonly ChecksumRow[]): number => {
  const parts: string[] = []
  for (let index = 0; index < ROWS_PER_SIDE; index++) {
    const bid = bids[index]
    const ask = asks[index]
    if (bid !== undefined) parts.push(bid.key, bid.amount)
    if (ask !== undefined) parts.push(ask.key, ask.amount)
  }
  return crc32(parts.join(':')) | 0
}

/** The JSON number of a scaled integer, as JavaScript writes it: `7e-7`, `-4847.13`. */
export const numberText = (units: number, scale: number): string => String(Number(decimalText(units, scale)))
