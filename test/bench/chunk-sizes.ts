/** What an entry takes in chunks of different lengths: a quiet stream seals small ones, `compact` makes full ones. */
import { CHAIN_START } from '../../src/log/chain.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import type { Row } from './row.ts'

const LENGTHS = [60, 600, 6_000, 60_000]
/** Chunks measured of each length: the first ones hold the snapshot and are left out. */
const CHUNKS = 4

const averageBytes = (records: Uint8Array, length: number): number => {
  const sealer = new StreamSealer(coinbaseVenue, { stream: 'coinbase:BTC-USD', chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }) // prettier-ignore
  const cursor = new EntryCursor(records)
  const bytes: number[] = []
  let start = 0
  for (let entries = 1; cursor.next() && bytes.length <= CHUNKS; entries++) {
    if (entries % length !== 0) continue
    bytes.push(sealer.seal(records.subarray(start, cursor.recordEnd)).chunk.payload.length)
    start = cursor.recordEnd
  }
  const measured = bytes.slice(1)
  return measured.reduce((total, value) => total + value, 0) / (measured.length * length)
}

/** One row for each length. */
export const chunkSizes = (records: Uint8Array): readonly Row[] =>
  LENGTHS.map((length) => ({
    name: `an entry in chunks of ${length.toLocaleString('en-US')}`,
    value: `${averageBytes(records, length).toFixed(1)} B`,
    note: `${(length / 60).toLocaleString('en-US')} entries a second, if none is sealed before its minute is over`,
  }))
