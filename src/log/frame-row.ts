/**
 * Frames as rows: the text of a frame is a template (everything that does not vary) and its scalars in the order of the
 * text. Owns the shapes alone: a scan of a frame just received gives them, and so does an opened chunk; whoever
 * reads rows cannot tell which.
 */

/**
 * What a scalar is, judged by its bytes alone:
 * - `number`: a decimal as JSON writes it, without exponent, leading zeros or minus zero, of at most 18 digits and below
 *   2^53 without its point. Value: its digits as a whole number, signed; scale: how many of them stand behind the point.
 * - `time`: `2024-01-31T23:59:59.123456Z`, up to six digits of a second. Value: microseconds since the Unix epoch;
 *   scale: how many digits stand behind the point (none: no point).
 * - `id`: a UUID in lower case, between quotes. Value: its reference, see FrameScope.
 * - `text`: anything else that varies. Value: its reference, see FrameScope.
 * - `list`: an array of arrays or objects. Value: how many elements; behind it, element by element, stand the
 *   number of the element's template and the element's scalars.
 */
export type SlotKind = 'number' | 'time' | 'id' | 'text' | 'list'

/** A place in a template where a scalar stands. */
export interface TemplateSlot {
  readonly kind: SlotKind
  /** Whether the scalar stands between quotes: a JSON string. */
  readonly isQuoted: boolean
  /** The way to it from the root of its template, keys and indices joined by dots: `price`, `1.0`, `changes`. */
  readonly path: string
}

/** What frames (or elements of lists) of one shape have in common. */
export interface FrameTemplate {
  /**
   * The text with each scalar replaced by U+0000 and a letter of its kind (n, t, i, x, l): the same in every scope, so
   * that it may be a key. Bytes above 127 stand as they are, one character each.
   */
  readonly skeleton: string
  readonly slots: readonly TemplateSlot[]
}

/**
 * What template numbers and references mean. They keep their meaning as long as the scope is the same object; it may
 * learn further ones meanwhile.
 */
export interface FrameScope {
  readonly templates: readonly FrameTemplate[]
  /** The UUID behind a reference, in lower case. */
  readonly idText: (reference: number) => string
  /** How many UUIDs there are: references are below it. */
  readonly idCount: number
  /**
   * The UUIDs themselves, 16 bytes each, in the order of their references, and perhaps room behind them; equal UUIDs have
   * equal references. Another array after the scope learnt further ones.
   */
  readonly idBytes: Uint8Array
  /** The raw text behind a reference: what stands in the frame, escapes of JSON included. */
  readonly text: (reference: number) => string
}

/** One frame. Valid only during the call it is handed to; the arrays may be others at the next frame. */
export interface FrameRow {
  readonly scope: FrameScope
  /** The template's number: its place in `scope.templates`. */
  readonly template: number
  readonly values: Float64Array
  /** Of the scalar at the same place; 0 where the kind has no scale. */
  readonly scales: Uint8Array
  /** Where the frame's first scalar stands in both arrays, and where its last one ends. */
  readonly start: number
  readonly end: number
}
