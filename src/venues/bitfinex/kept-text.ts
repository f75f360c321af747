/**
 * The text of the last numbered frame, for telling a repeated one. Owns how it is kept: a frame that was read as a row
 * leaves its scalars, and its text is only put together when it is asked for.
 */
import type { ArrayFrame } from './array-frame.ts'
import { textOfDigits } from './digits.ts'

/** Longer frames are not kept: a repeated number is then a break, which only costs a fresh start. */
const LONGEST = 4096

/** Frames with more scalars are kept as text. Single changes, checksums and trades have at most eight. */
const MOST_SCALARS = 16

const withinBound = (text: string): string | undefined => (text.length <= LONGEST ? text : undefined)

export class KeptText {
  private text: string | undefined
  /** What stands around the scalars; undefined: the text is as it is. */
  private pieces: readonly string[] | undefined
  private readonly values = new Float64Array(MOST_SCALARS)
  private readonly scales = new Uint8Array(MOST_SCALARS)

  keep(frame: ArrayFrame): void {
    const { row, bound } = frame
    this.text = undefined
    this.pieces = undefined
    if (row === undefined || bound === undefined) {
      this.text = withinBound(frame.text())
      return
    }
    const { values, scales, start, end } = row
    if (end - start > MOST_SCALARS || bound.hasCount) {
      // Every scalar takes a character.
      if (end - start <= LONGEST) this.text = withinBound(frame.text())
      return
    }
    this.pieces = bound.pieces
    for (let at = start; at < end; at++) {
      this.values[at - start] = values[at] ?? 0
      this.scales[at - start] = scales[at] ?? 0
    }
  }

  /** Undefined: none was kept. */
  read(): string | undefined {
    const { pieces } = this
    if (pieces === undefined) return this.text
    let text = pieces[0] ?? ''
    for (let index = 1; index < pieces.length; index++)
      text += textOfDigits(this.values[index - 1] ?? 0, this.scales[index - 1] ?? 0) + (pieces[index] ?? '')
    this.pieces = undefined
    return (this.text = withinBound(text))
  }

  restore(text: string | undefined): void {
    this.text = text
    this.pieces = undefined
  }
}
