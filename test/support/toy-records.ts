/** Packed records for the toy venue: each line is a frame one millisecond after the one before. */
import { type EntryKind, EntryWriter, type Seq } from '../../src/log/entry.ts'
import { encodeJson, type RunManifest } from '../../src/log/payloads.ts'
import { type Micros, microsOf } from '../../src/market/time.ts'

const TOY_START = microsOf(1_700_000_000_000_000)

export const toyManifest: RunManifest = {
  software: 'test',
  stream: 'toy:A-B',
  venue: 'toy',
  pair: 'A-B',
  symbol: 'A-B',
  feed: 'words',
  mode: 'import',
  assumeEmptyBook: false,
}

const encoder = new TextEncoder()

/** The receive time of the entry numbered `seq` in toyRecords. */
export const toyTime = (seq: Seq): Micros => microsOf(TOY_START + seq * 1000)

/** Entry 1 is `run-started` when `from` is 1; then one frame per line. */
export const toyRecords = (lines: readonly string[], from: Seq = 1): Uint8Array => {
  const writer = new EntryWriter()
  let seq = from
  const append = (kind: EntryKind, payload: Uint8Array): void => {
    writer.append(kind, seq, toyTime(seq), kind === 'frame' ? 1 : 0, payload)
    seq++
  }
  if (from === 1) append('run-started', encodeJson(toyManifest))
  for (const line of lines) append('frame', encoder.encode(line))
  return writer.take() ?? new Uint8Array()
}

/** Frames that build a valid book: bids 99 and 100, asks 101 and 102. */
export const toySnapshot = [
  'snapshot',
  'open b1 bid 10000 500',
  'open b2 bid 9900 700',
  'open a1 ask 10100 300',
  'open a2 ask 10200 900',
  'valid',
] as const
