/** What can be made to go wrong between a venue's server and its clients. Owns the list; how each is done is the link's. */

/** Befalls one frame on its way to a client, or the connection at that moment. Durations are in seconds. */
export type FrameFault =
  | { readonly kind: 'lose' }
  | { readonly kind: 'duplicate' }
  /** The frame comes after the next one. */
  | { readonly kind: 'swap' }
  /** The frame and all behind it wait. */
  | { readonly kind: 'delay'; readonly seconds: number }
  /** Only the first `keep` characters come; half of them when left out. */
  | { readonly kind: 'truncate'; readonly keep: number | undefined }
  /** A checksum frame of Bitfinex tells another number. */
  | { readonly kind: 'checksum' }
  | { readonly kind: 'extra-field' }
  /** From this frame on the venue's numbers begin at 1 again. */
  | { readonly kind: 'sequence-restart' }
  /** These four come after the frame, beside what the venue says. */
  | { readonly kind: 'unknown-type' }
  | { readonly kind: 'oversized'; readonly bytes: number }
  | { readonly kind: 'malformed'; readonly text: string | undefined }
  | { readonly kind: 'binary'; readonly bytes: number }
  /** Frames of the connection vanish for a while; the socket stays open. */
  | { readonly kind: 'silence'; readonly seconds: number }
  | { readonly kind: 'reset' }
  /** The socket stays open, nothing passes either way any more; it is cut at the end. */
  | { readonly kind: 'half-open'; readonly seconds: number }
  /** Code 1006 ends the connection without a close frame. */
  | { readonly kind: 'close'; readonly code: number; readonly reason: string | undefined }
  /** The server does not read what the client says. */
  | { readonly kind: 'slow-read'; readonly seconds: number }
  /** The server's bytes leave at this rate, frames in pieces. */
  | { readonly kind: 'slow-write'; readonly seconds: number; readonly bytesPerSecond: number }
  /** Every client is cut, nobody is let in, no request is answered. */
  | { readonly kind: 'down'; readonly seconds: number }
  /** All times the venue tells are moved by this much more. */
  | { readonly kind: 'clock-step'; readonly seconds: number }

/** Befalls one REST request. */
export type RequestFault =
  | { readonly kind: 'http-error'; readonly status: number; readonly body: string | undefined }
  /** No answer; the connection is cut at the end. */
  | { readonly kind: 'http-timeout'; readonly seconds: number }
  /** The answer as of the request's moment comes late. */
  | { readonly kind: 'http-delay'; readonly seconds: number }
  /** Half of the body comes, as if it were all. */
  | { readonly kind: 'http-truncate' }
  /** The answer that the same URL had the time before. */
  | { readonly kind: 'stale-body' }
  /** The answer comes late and as of then, and the frames that led to it later still. */
  | { readonly kind: 'newer-body'; readonly seconds: number }

export type Fault = FrameFault | RequestFault
export type FaultKind = Fault['kind']

const REQUEST_FAULTS = [
  'http-error',
  'http-timeout',
  'http-delay',
  'http-truncate',
  'stale-body',
  'newer-body',
] as const satisfies readonly RequestFault['kind'][]

export const isRequestFault = (fault: Fault): fault is RequestFault =>
  REQUEST_FAULTS.some((kind) => kind === fault.kind)

/** Where a frame stands. */
export interface FramePlace {
  readonly venue: string
  /** Of this venue, from 1 in the order of connecting. */
  readonly connection: number
  /** `full`, `heartbeat`, `book`, `trades` ...; `control` for answers and greetings. */
  readonly channel: string
  /** Since the venue began to listen. */
  readonly seconds: number
}

/** Where a request stands. */
export interface RequestPlace {
  readonly venue: string
  /** With its query. */
  readonly path: string
  readonly seconds: number
}

/** Tells what goes wrong where. Asked for every frame and every request, in their order. */
export interface FaultSource {
  /** `fits`: whether a fault can happen to this very frame. */
  readonly onFrame: (place: FramePlace, fits: (fault: FrameFault) => boolean) => readonly FrameFault[]
  readonly onRequest: (place: RequestPlace) => RequestFault | undefined
}
