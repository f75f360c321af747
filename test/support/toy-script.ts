/** A toy stream of every kind of entry, cut into chunks wherever a test likes. */
import fc from 'fast-check'

import { CHAIN_START } from '../../src/log/chain.ts'
import { type EntryKind, EntryWriter } from '../../src/log/entry.ts'
import { encodeJson } from '../../src/log/payloads.ts'
import { microsOf } from '../../src/market/time.ts'
import type { KeyframeCadence } from '../../src/recorder/sealing/keyframe-cadence.ts'
import { type SealedChunk, StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { toyManifest, toySnapshot } from './toy-records.ts'
import { toyVenue } from './toy-venue.ts'

export const TOY = toyManifest.stream
const START = 1_700_000_000_000_000

export interface ScriptEntry {
  readonly kind: EntryKind
  readonly text: string
  /** Microseconds since the entry before. */
  readonly pause: number
}

const frame = (text: string, pause = 1000): ScriptEntry => ({ kind: 'frame', text, pause })
const run: readonly ScriptEntry[] = [
  { kind: 'run-started', text: Buffer.from(encodeJson(toyManifest)).toString(), pause: 0 },
  ...toySnapshot.map((text) => frame(text)),
]

const pieces: fc.Arbitrary<readonly ScriptEntry[]> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 9000, max: 9999 })).map(([id, price]) => [frame(`open x${String(id)} bid ${String(price)} 5`)]) }, // prettier-ignore
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }).map((id) => [frame(`remove x${String(id)}`, 0)]) },
  { weight: 3, arbitrary: fc.constantFrom('end', 'valid', 'gap').map((text) => [frame(text)]) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map((word) => [frame(`word${String(word)}`)]) },
  { weight: 1, arbitrary: fc.constant([{ kind: 'run-ended', text: '{"cause":"stopped"}', pause: 5 } as const, ...run]) }, // prettier-ignore
  { weight: 1, arbitrary: fc.constant([{ kind: 'closed', text: '{}', pause: 7 } as const]) },
)

/** A stream that begins with a run and a book, at least so many entries. */
export const toyScript = (minimum: number, maximum: number): fc.Arbitrary<readonly ScriptEntry[]> =>
  fc.array(pieces, { minLength: minimum, maxLength: maximum }).map((parts) => [...run, ...parts.flat()])

/** The entries as records, one batch for each of the given lengths; the last batch takes what is left. */
export const batchesOf = (
  script: readonly ScriptEntry[],
  lengths: readonly number[],
): readonly Uint8Array[] => {
  const batches: Uint8Array[] = []
  let writer = new EntryWriter()
  let time = START
  for (const [index, { kind, text, pause }] of script.entries()) {
    time += pause
    writer.append(kind, index + 1, microsOf(time), kind === 'frame' ? 1 : 0, Buffer.from(text))
    if (writer.entryCount < (lengths[batches.length] ?? Infinity)) continue
    batches.push(writer.take() ?? new Uint8Array())
    writer = new EntryWriter()
  }
  const rest = writer.take()
  return rest === undefined ? batches : [...batches, rest]
}

/** The batches sealed, each as a chunk. */
export const sealAll = (
  batches: readonly Uint8Array[],
  cadence: KeyframeCadence = { entries: 50, entriesPerOrder: 2 },
): readonly SealedChunk[] => {
  const start = { stream: TOY, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(toyVenue, start, cadence)
  return batches.map((records) => sealer.seal(records))
}
