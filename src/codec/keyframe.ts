/** Keyframe payloads: saved state of book and decoder, compressed and hashed. The state itself is opaque here. */
import { createHash } from 'node:crypto'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'

import type { Keyframe } from '../log/chunk.ts'
import type { Seq } from '../log/entry.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { ChunkDamage } from './chunk-format.ts'
import { packBlock, unpackBlock } from './compressed-block.ts'

const KEYFRAME_TAG = 66

/** Measured over 110,000 orders: 19.9 bytes an order in 25 ms; 1 gives 20.2 in 7 ms, 6 gives 19.6 in 56 ms. */
const QUALITY = 4

/** A keyframe before it is packed. */
export interface KeyframeContent {
  readonly stream: StreamId
  readonly seq: Seq
  readonly receiveTime: Micros
  readonly decoderVersion: number
  /** The saved state after entry `seq`. */
  readonly state: Uint8Array
}

export const encodeKeyframe = (content: KeyframeContent): Keyframe => {
  const { stream, seq, receiveTime, decoderVersion, state } = content
  const payload = packBlock(KEYFRAME_TAG, state, QUALITY)
  const payloadHash = createHash('sha256').update(payload).digest('hex')
  return { stream, seq, receiveTime, decoderVersion, payloadHash, payload }
}

/** The saved state; Left when the stored bytes are not what was written. */
export const decodeKeyframe = (keyframe: Keyframe): Either<ChunkDamage, Uint8Array> => {
  const { payload, payloadHash } = keyframe
  if (createHash('sha256').update(payload).digest('hex') !== payloadHash)
    return left({
      kind: 'hash-mismatch',
      detail: 'the keyframe is not the bytes that were written (SHA-256)',
    })
  const state = unpackBlock(KEYFRAME_TAG, payload)
  return isLeft(state) ? left({ kind: 'malformed', detail: state.left }) : right(state.right)
}
