/**
 * Where a replay stands, as a text that one may keep and give back. Owns the text alone: base64url of a JSON document
 * behind the first bytes of its SHA-256, so that a text cut or mistyped is told from a position.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import { type Either, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import type { Seq } from '../log/entry.ts'
import { decodeJson } from '../log/payloads.ts'
import type { StreamId } from '../market/instrument.ts'
import { microsOf } from '../market/time.ts'
import type { Position } from './position.ts'

/** A stream's last entry whose events were told, and what was known with it. */
export interface StreamPlace {
  readonly stream: StreamId
  /** 0: none was told yet. */
  readonly seq: Seq
  /** Of that entry, microseconds; 0: it is missing. */
  readonly receiveTime: number
  /** What the venue stamped last; null: nothing. */
  readonly exchangeTime: number | null
  readonly venueSequence: number | null
}

export interface ReplayPlace {
  /** Where streams begin of which nothing was told; undefined: at their first entry. */
  readonly from: Position | undefined
  /** In the order of the request. */
  readonly streams: readonly StreamPlace[]
}

const VERSION = 1
const PROOF_BYTES = 6

const Whole = t.refinement(t.number, (value) => Number.isSafeInteger(value) && value >= 0, 'Whole')
const Row = t.tuple([t.string, Whole, Whole, t.union([t.number, t.null]), t.union([t.number, t.null])], 'Row')
const Document = t.strict(
  {
    version: t.literal(VERSION),
    from: t.union([t.null, t.tuple([t.keyof({ time: null, seq: null }), Whole])]),
    streams: t.array(Row),
  },
  'ReplayPlace',
)

const proofOf = (json: Buffer): Buffer =>
  Buffer.from(createHash('sha256').update(json).digest().subarray(0, PROOF_BYTES))

export const encodePlace = ({ from, streams }: ReplayPlace): string => {
  const document: t.TypeOf<typeof Document> = {
    version: VERSION,
    from: from === undefined ? null : [from.kind, from.kind === 'time' ? from.time : from.seq],
    streams: streams.map((place) => [
      place.stream,
      place.seq,
      place.receiveTime,
      place.exchangeTime,
      place.venueSequence,
    ]),
  }
  const json = Buffer.from(JSON.stringify(document))
  return Buffer.concat([proofOf(json), json]).toString('base64url')
}

/** Left: one sentence why the text is no position. */
export const decodePlace = (text: string): Either<string, ReplayPlace> => {
  const bytes = Buffer.from(text, 'base64url')
  const json = bytes.subarray(PROOF_BYTES)
  const document = decodeJson(json)
  const refusal = 'This is no position of a replay, or one that was cut or changed.'
  if (!proofOf(json).equals(bytes.subarray(0, PROOF_BYTES)) || !Document.is(document)) return left(refusal)
  const [kind, value] = document.from ?? []
  const from: Position | undefined =
    value === undefined
      ? undefined
      : kind === 'time'
        ? { kind: 'time', time: microsOf(value) }
        : { kind: 'seq', seq: value }
  return right({
    from,
    streams: document.streams.map(([stream, seq, receiveTime, exchangeTime, venueSequence]) => ({
      stream: stream as StreamId,
      seq,
      receiveTime,
      exchangeTime,
      venueSequence,
    })),
  })
}
