/** Payloads of the entries that are ours: manifests, connection notes, REST answers. Owns their text forms. */
import { Buffer } from 'node:buffer'

import type { StreamId, VenueId } from '../market/instrument.ts'
import type { ClockQuality } from './clock-quality.ts'

/**
 * How entries came into the log: recorded with a live book (`full`) or without one of its own (`light`), as samples of a
 * book in place of frames (`snapshot`), or imported.
 */
export type RunMode = 'full' | 'light' | 'snapshot' | 'import'

/** What a run was: the payload of its `run-started` entry, as JSON. */
export interface RunManifest {
  readonly software: string
  readonly stream: StreamId
  readonly venue: VenueId
  readonly pair: string
  /** The venue's own name of the instrument. */
  readonly symbol: string
  /** The venue's feed: `full`, `level3`, `level2_batch`; `R0`, `P0` …; undefined: told by the frames themselves. */
  readonly feed: string | undefined
  readonly mode: RunMode
  /** Of a run of samples: levels a side, and microseconds from one sample to the next. */
  readonly depth?: number | undefined
  readonly interval?: number | undefined
  /** The run begins with an empty book that is taken as complete: valid, never verified. */
  readonly assumeEmptyBook: boolean
  /** Number of the run where several machines share a store: grows with every taking of the stream. */
  readonly epoch?: number | undefined
  /** The recorder that began the run: a name made by chance, the same as long as its spool is. */
  readonly recorder?: string | undefined
}

/** The value of a JSON text; undefined: it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The value of the bytes of a JSON text; undefined: they are none. */
export const decodeJson = (bytes: Uint8Array): unknown =>
  parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))

/** The mode that a manifest names; undefined: none. */
export const runModeOf = (manifest: string): unknown =>
  (parseJson(manifest) as { readonly mode?: unknown } | null | undefined)?.mode

/** Payload of `opened`, as JSON. */
export interface OpenedPayload {
  readonly url: string
}

/** Why a connection ended, from our side of it. */
export type CloseCause = 'remote' | 'silence' | 'requested' | 'failed' | 'shutdown'

/** Payload of `closed`, as JSON. `code` is the websocket close code, 1006 where the socket just ended. */
export interface ClosedPayload {
  readonly cause: CloseCause
  readonly code: number
  readonly reason: string
}

/** Payload of `timer`, as JSON. `silence`: no frame for the venue's limit. Others are the decoder's own names. */
export interface TimerPayload {
  readonly timer: string
}

/** Payload of `run-ended`, as JSON. `crash`: found by recovery, the recorder did not end it itself. */
export interface RunEndedPayload {
  readonly cause: 'stopped' | 'crash' | 'import-ended'
}

/** Payload of `clock`, as JSON: how far the wall clock is from the recorder's, in microseconds; and a sum of the run now and then. */
export interface ClockPayload {
  readonly offset: number
  readonly quality?: ClockQuality | undefined
}

/** A REST answer. Status 0: there was none, the body says why. */
export interface RestResponse {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly body: Uint8Array
}

/** What stands ahead of a REST answer's body: `{"method","url","status"}` as JSON, a line feed. */
export const encodeResponseHead = ({ method, url, status }: Omit<RestResponse, 'body'>): Uint8Array =>
  Buffer.from(`${JSON.stringify({ method, url, status })}\n`)

/** Its head and the body's exact bytes. */
export const encodeResponse = (response: RestResponse): Uint8Array =>
  Buffer.concat([encodeResponseHead(response), response.body])

/** Undefined when the payload is no response. The body is not copied. */
export const decodeResponse = (payload: Uint8Array): RestResponse | undefined => {
  const end = payload.indexOf(10)
  if (end < 0) return undefined
  const head = decodeJson(payload.subarray(0, end))
  if (typeof head !== 'object' || head === null) return undefined
  const { method, url, status } = head as Partial<RestResponse>
  if (typeof method !== 'string' || typeof url !== 'string' || typeof status !== 'number') return undefined
  return { method, url, status, body: payload.subarray(end + 1) }
}

/** Encodes any of our JSON payloads. */
export const encodeJson = (
  value: RunManifest | OpenedPayload | ClosedPayload | TimerPayload | RunEndedPayload | ClockPayload,
): Uint8Array => Buffer.from(JSON.stringify(value))
