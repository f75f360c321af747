/**
 * JSON documents: chunk headers, tombstones, keyframe references, run manifests. Owns their io-ts codecs and the checksum in front
 * of stored ones; the interfaces are those of log/.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import type {
  BookVerdict,
  ChunkHeader,
  DisconnectRecord,
  EntryCounts,
  Extent,
  GapRecord,
  SeqSpans,
  Verdict,
} from '../log/chunk.ts'
import { ENTRY_KINDS } from '../log/entry.ts'
import type { KeyframeRef } from '../log/event-store.ts'
import type { RunManifest } from '../log/payloads.ts'
import { MOST_SPANS } from '../log/seq-spans.ts'
import type { Tombstone, TombstoneKind } from '../log/tombstone.ts'
import {
  DISCONNECT_CAUSES,
  type DisconnectCause,
  GAP_CAUSES,
  type GapCause,
  INVALID_REASONS,
  type InvalidReason,
} from '../market/event.ts'
import { splitStreamId, type StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'

const guarded = <A>(name: string, is: (input: unknown) => input is A): t.Type<A, A> =>
  new t.Type<A, A>(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity,
  )

const isWhole = (input: unknown): input is number => Number.isSafeInteger(input) && Number(input) >= 0

const whole = guarded('whole number', isWhole)
const micros = guarded('microseconds', (input): input is Micros => isWhole(input))
const streamId = guarded(
  'stream',
  (input): input is StreamId => typeof input === 'string' && splitStreamId(input) !== undefined,
)
const sha256 = guarded(
  'SHA-256',
  (input): input is string => typeof input === 'string' && /^[0-9a-f]{64}$/.test(input),
)

const gapCause: t.Type<GapCause> = t.keyof(GAP_CAUSES)
const disconnectCause: t.Type<DisconnectCause> = t.keyof(DISCONNECT_CAUSES)
const invalidReason: t.Type<InvalidReason> = t.keyof(INVALID_REASONS)
const tombstoneKind: t.Type<TombstoneKind> = t.keyof({ deleted: null, damaged: null, unused: null })

const entryCounts = guarded('counts by kind', (input): input is EntryCounts => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false
  return Object.entries(input).every(
    ([kind, count]) => ENTRY_KINDS.some((known) => known === kind) && isWhole(count) && count > 0,
  )
})
const seqSpans: t.Type<SeqSpans, unknown> = t.strict({
  listed: guarded('stretches of entries', (input): input is readonly (readonly [number, number])[] => {
    if (!Array.isArray(input) || input.length > MOST_SPANS) return false
    let last = 0
    for (const span of input as readonly unknown[]) {
      if (!Array.isArray(span) || span.length !== 2) return false
      const [from, to] = span as readonly unknown[]
      if (!isWhole(from) || !isWhole(to) || from <= last || to < from) return false
      last = to
    }
    return true
  }),
  further: whole,
})
const extent: t.Type<Extent, unknown> = t.strict({ least: whole, greatest: whole })

const gapRecord: t.Type<GapRecord, unknown> = t.strict({
  seq: whole,
  cause: gapCause,
  expected: t.string,
  found: t.string,
})
const disconnectRecord: t.Type<DisconnectRecord, unknown> = t.strict({ seq: whole, cause: disconnectCause })
const bookVerdict: t.Type<BookVerdict, unknown> = t.strict({
  valid: t.boolean,
  reason: t.union([invalidReason, t.null]),
  verified: t.boolean,
  digest: sha256,
  digestSeq: whole,
})
const written = t.strict({
  decoderVersion: whole,
  events: whole,
  trades: whole,
  runs: whole,
  gaps: t.readonlyArray(gapRecord),
  disconnects: t.readonlyArray(disconnectRecord),
  checksums: t.strict({ right: whole, wrong: whole }),
  undecoded: t.strict({ frames: whole, kinds: t.record(t.string, whole) }),
  spanMicros: whole,
  validMicros: whole,
  verifiedMicros: whole,
  validSpans: seqSpans,
  verifiedSpans: seqSpans,
  exchangeTimes: t.union([extent, t.null]),
  venueSequences: t.union([extent, t.null]),
  book: bookVerdict,
  sealMismatches: t.union([whole, t.undefined]),
})
/** Written as it is: a field that is absent stays absent. */
const verdict = new t.Type<Verdict, unknown>(
  'verdict',
  (input): input is Verdict => written.is(input),
  written.validate.bind(written),
  t.identity,
)
const chunkHeader: t.Type<ChunkHeader, unknown> = t.strict({
  format: t.string,
  stream: streamId,
  firstSeq: whole,
  lastSeq: whole,
  firstReceiveTime: micros,
  lastReceiveTime: micros,
  entries: whole,
  kinds: entryCounts,
  rawBytes: whole,
  storedBytes: whole,
  payloadHash: sha256,
  chainBefore: sha256,
  chainAfter: sha256,
  chainFirstBlock: t.union([sha256, t.null]),
  chainBlock: sha256,
  verdict,
})
const tombstone: t.Type<Tombstone, unknown> = t.strict({
  kind: tombstoneKind,
  stream: streamId,
  firstSeq: whole,
  lastSeq: whole,
  firstReceiveTime: micros,
  lastReceiveTime: micros,
  headBefore: sha256,
  headAfter: sha256,
  restartsChain: t.boolean,
  reason: t.string,
})
const keyframeRef: t.Type<KeyframeRef, unknown> = t.strict({
  stream: streamId,
  seq: whole,
  receiveTime: micros,
  decoderVersion: whole,
  payloadHash: sha256,
})
const optional = <A>(codec: t.Type<A>) => t.union([codec, t.undefined])
const runManifest: t.Type<RunManifest, unknown> = t.exact(
  t.intersection([
    t.type({
      software: t.string,
      stream: streamId,
      venue: t.string,
      pair: t.string,
      symbol: t.string,
      feed: t.union([t.string, t.undefined]),
      mode: t.keyof({ full: null, light: null, snapshot: null, import: null }),
      assumeEmptyBook: t.boolean,
    }),
    t.partial({
      epoch: optional(t.number),
      recorder: optional(t.string),
      depth: optional(t.number),
      interval: optional(t.number),
    }),
  ]),
)

/** First wrong field of a document, as a part of a sentence. */
const describeErrors = (errors: t.Errors): string => {
  const [first] = errors
  const path = (first?.context ?? []).map((step) => step.key).filter((key) => key !== '')
  return `its field ${JSON.stringify(path.join('.'))} is not what it should be`
}

const decodeJson = <A>(codec: t.Type<A, unknown>, text: string): Either<string, A> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return left('it is not JSON')
  }
  const decoded = codec.decode(value)
  return isLeft(decoded) ? left(describeErrors(decoded.left)) : decoded
}

// A stored document: its kind and version, the SHA-256 of what follows, a line feed, JSON.
const HEADER_KIND = 'header-1'
const TOMBSTONE_KIND = 'tombstone-1'
const KEYFRAME_KIND = 'keyframe-1'

const sealed = (kind: string, value: unknown): Uint8Array => {
  const json = Buffer.from(JSON.stringify(value))
  const hash = createHash('sha256').update(json).digest('hex')
  return Buffer.concat([Buffer.from(`${kind} ${hash}\n`), json])
}

const unsealed = <A>(kind: string, codec: t.Type<A, unknown>, bytes: Uint8Array): Either<string, A> => {
  const end = bytes.indexOf(10)
  const json = Buffer.from(bytes.buffer, bytes.byteOffset + end + 1, bytes.byteLength - end - 1)
  const hash = createHash('sha256').update(json).digest('hex')
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.max(end, 0)).toString('latin1')
  if (head === `${kind} ${hash}`) return decodeJson(codec, json.toString('utf8'))
  return head.startsWith(`${kind} `)
    ? left('its bytes are not those that were written (checksum)')
    : left(`it is no ${kind} document`)
}

/** The header as stored: JSON behind a checksum. */
export const encodeHeader = (header: ChunkHeader): Uint8Array => sealed(HEADER_KIND, header)

/** Left: what is wrong, as a part of a sentence about the header. */
export const decodeHeader = (bytes: Uint8Array): Either<string, ChunkHeader> => {
  const decoded = unsealed(HEADER_KIND, chunkHeader, bytes)
  if (isLeft(decoded)) return decoded
  const { firstSeq, lastSeq, entries, kinds } = decoded.right
  const counted = Object.values(kinds).reduce((sum, count) => sum + count, 0)
  const isConsistent =
    firstSeq >= 1 && entries >= 1 && lastSeq - firstSeq + 1 === entries && counted === entries
  return isConsistent ? right(decoded.right) : left('its entry numbers contradict each other')
}

/** The tombstone as stored: JSON behind a checksum. */
export const encodeTombstone = (stone: Tombstone): Uint8Array => sealed(TOMBSTONE_KIND, stone)

/** Whether stored bytes are a tombstone, sound or not. */
export const isTombstone = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(0, 10).toString('latin1') ===
  'tombstone-'

/** Left: what is wrong, as a part of a sentence about the tombstone. */
export const decodeTombstone = (bytes: Uint8Array): Either<string, Tombstone> => {
  const decoded = unsealed(TOMBSTONE_KIND, tombstone, bytes)
  if (isLeft(decoded)) return decoded
  const { firstSeq, lastSeq } = decoded.right
  return firstSeq >= 1 && lastSeq >= firstSeq ? decoded : left('its entry numbers contradict each other')
}

/** A keyframe's reference as stored, without the payload. */
export const encodeKeyframeRef = (reference: KeyframeRef): Uint8Array => {
  const { stream, seq, receiveTime, decoderVersion, payloadHash } = reference
  return sealed(KEYFRAME_KIND, { stream, seq, receiveTime, decoderVersion, payloadHash })
}

/** Left: what is wrong, as a part of a sentence about the reference. */
export const decodeKeyframeRef = (bytes: Uint8Array): Either<string, KeyframeRef> =>
  unsealed(KEYFRAME_KIND, keyframeRef, bytes)

/** The manifest in a `run-started` entry. Left: what is wrong, as a part of a sentence about it. */
export const decodeManifest = (text: string): Either<string, RunManifest> => decodeJson(runManifest, text)
