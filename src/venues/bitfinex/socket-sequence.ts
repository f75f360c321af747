/**
 * The one counter of a socket: with SEQ_ALL every array frame of every channel has the next number, heartbeats and
 * checksums too. Owns what a number means after the one before.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

/** `repeat`: the very frame before, once more. `break`: frames were lost, or came out of order, or the count restarted. */
export type SequenceVerdict = 'next' | 'repeat' | 'break'

/** Longer frames are not kept for comparison: a repeated number is then a break, which only costs a fresh start. */
const KEPT_TEXT = 4096

export class SocketSequence {
  private last: number | undefined
  private lastText: string | undefined

  /** The number that should come next; undefined before the first where any may be the first. */
  get expected(): number | undefined {
    return this.last === undefined ? undefined : this.last + 1
  }

  /** The counter was switched on before the socket's first array frame: it begins at 1, a higher one proves a loss. */
  beginAtOne(): void {
    this.last ??= 0
  }

  accept(sequence: number, text: string): SequenceVerdict {
    const { last, lastText } = this
    this.last = sequence
    this.lastText = text.length <= KEPT_TEXT ? text : undefined
    if (last === undefined || sequence === last + 1) return 'next'
    return sequence === last && text === lastText ? 'repeat' : 'break'
  }

  save(writer: StateWriter): void {
    writer.optionalNumber(this.last)
    writer.optionalText(this.lastText)
  }

  restore(reader: StateReader): void {
    this.last = reader.optionalNumber()
    this.lastText = reader.optionalText()
  }
}
