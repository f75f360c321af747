/** Small made-up streams for tests of log, codec and storage. */
import { encodeChunk } from '../../src/codec/chunk-plain.ts'
import { Chain } from '../../src/log/chain.ts'
import type { Chunk, Verdict } from '../../src/log/chunk.ts'
import { ENTRY_KINDS, EntryWriter, type Seq } from '../../src/log/entry.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'

const FIRST_TIME = 1_700_000_000_000_000

export const emptyVerdict: Verdict = {
  decoderVersion: 1,
  events: 0,
  trades: 0,
  runs: 0,
  gaps: [],
  disconnects: [],
  checksums: { right: 0, wrong: 0 },
  undecoded: { frames: 0, kinds: {} },
  spanMicros: 0,
  validMicros: 0,
  verifiedMicros: 0,
  validSpans: { listed: [], further: 0 },
  verifiedSpans: { listed: [], further: 0 },
  exchangeTimes: null,
  venueSequences: null,
  book: { valid: false, reason: 'no-snapshot', verified: false, digest: '0'.repeat(64), digestSeq: 0 },
}

/** Packed entries `from` … `to`, each with a payload told by its seq alone. */
export const sampleRecords = (from: Seq, to: Seq, payloadBytes = 0): Uint8Array => {
  const writer = new EntryWriter()
  for (let seq = from; seq <= to; seq++) {
    const payload = Buffer.from(`{"sequence":${String(seq)}}${'x'.repeat(payloadBytes)}`)
    const kind = ENTRY_KINDS[seq % 3] ?? 'frame'
    writer.append(kind, seq, microsOf(FIRST_TIME + seq * 10), 1, payload, seq % 7 === 0)
  }
  return writer.take() ?? new Uint8Array()
}

/** A chunk of `sampleRecords`, with the right chain. */
export const sampleChunk = (
  stream: StreamId,
  from: Seq,
  to: Seq,
  payloadBytes = 0,
  verdict = emptyVerdict,
): Chunk => {
  const chain = new Chain()
  if (from > 1) chain.add(sampleRecords(1, from - 1, payloadBytes))
  const records = sampleRecords(from, to, payloadBytes)
  return encodeChunk({
    stream,
    records,
    ...chain.addChunk(records),
    verdict,
  })
}
