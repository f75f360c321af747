/**
 * The one counter of a socket: with SEQ_ALL every array frame of every channel has the next number, heartbeats and
 * checksums too. Owns what a number means after the one before.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { ArrayFrame } from './array-frame.ts'
import { KeptText } from './kept-text.ts'

/** `repeat`: the very frame before, once more. `break`: frames were lost, or came out of order, or the count restarted. */
export type SequenceVerdict = 'next' | 'repeat' | 'break'

export class SocketSequence {
  private last: number | undefined
  private readonly lastText = new KeptText()

  /** The number that should come next; undefined before the first where any may be the first. */
  get expected(): number | undefined {
    return this.last === undefined ? undefined : this.last + 1
  }

  /** The counter was switched on before the socket's first array frame: it begins at 1, a higher one proves a loss. */
  beginAtOne(): void {
    this.last ??= 0
  }

  /** The frame has this number. */
  accept(sequence: number, frame: ArrayFrame): SequenceVerdict {
    const { last, lastText } = this
    const isNext = last === undefined || sequence === last + 1
    const isSame = !isNext && sequence === last && frame.text() === lastText.read()
    this.last = sequence
    lastText.keep(frame)
    return isNext ? 'next' : isSame ? 'repeat' : 'break'
  }

  save(writer: StateWriter): void {
    writer.optionalNumber(this.last)
    writer.optionalText(this.lastText.read())
  }

  restore(reader: StateReader): void {
    this.last = reader.optionalNumber()
    this.lastText.restore(reader.optionalText())
  }
}
