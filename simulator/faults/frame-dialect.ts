/** What a link must know of a venue's frames to spoil them believably. One per connection; texts in, texts out. */

export interface FrameDialect {
  /** The channel of a frame; `control` for what belongs to none. Asked for every frame, in order: it learns from them. */
  readonly channelOf: (text: string) => string
  /** Whether the server has sent its frames of a stream up to this number; true where frames do not tell it. */
  readonly isAt: (stream: string, sequence: number) => boolean
  /** The number that a client is told for this one of a stream; undefined where frames tell none of the stream's. */
  readonly toldNumber: (stream: string, sequence: number) => number | undefined
  /** The frame with a wrong checksum; undefined when it has none. */
  readonly spoilChecksum: (text: string) => string | undefined
  /** The frame with one field more; undefined where no field can be added. */
  readonly addField: (text: string) => string | undefined
  /** Whether the venue numbers this frame, and not as the first: counting anew shows then. */
  readonly canRestart: (text: string) => boolean
  /** From this numbered frame on, itself included, `renumbered` counts from 1. */
  readonly restartNumbers: (text: string) => void
  /** The frame with the numbers that count now. */
  readonly renumbered: (text: string) => string
  /** The frame with all its times moved. */
  readonly retimed: (text: string, microseconds: number) => string
  /** A frame of a type that the venue does not have. */
  readonly unknownFrame: (padding: string) => string
  /** The beginning of a frame. */
  readonly malformedFrame: string
}

/** A venue's dialect for each of its connections. What restarts for the whole venue is shared between them. */
export interface VenueDialect {
  readonly connected: () => FrameDialect
  /** A REST body with the numbers and times that count now. */
  readonly body: (path: string, text: string, microseconds: number) => string
}

/** `{...}` with one field more. */
export const withField = (text: string): string | undefined =>
  text.endsWith('}') && text.length > 2
    ? `${text.slice(0, -1)},"simulated_extra":{"list":[1,null]}}`
    : undefined
