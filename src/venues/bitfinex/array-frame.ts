/** An array frame taken apart: channel, body, and the tail that the connection's flags add. Owns where the tail is. */
import { type Micros, microsOf } from '../../market/time.ts'
import { FLAGS } from './requests.ts'

/** Past this a time in microseconds is no safe integer any more. */
const LAST_MILLISECOND = Math.floor(Number.MAX_SAFE_INTEGER / 1000)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** Milliseconds of the venue in our unit; undefined when they are no time. */
export const microsFromMilliseconds = (value: unknown): Micros | undefined =>
  isCount(value) && value <= LAST_MILLISECOND ? microsOf(value * 1000) : undefined

/** One object for every frame of a decoder: it is valid only while its frame is decoded. */
export class ArrayFrame {
  text = ''
  items: readonly unknown[] = []
  /** Where the tail begins. */
  end = 0
  sequence: number | undefined
  exchangeTime: Micros | undefined
  receiveTime = microsOf(0)

  /** The time bursts are told by. */
  get burstTime(): Micros {
    return this.exchangeTime ?? this.receiveTime
  }

  /** -1 where the frame names none. */
  get chanId(): number {
    const id = this.items[0]
    return isCount(id) ? id : -1
  }

  /** The item after the channel, undefined where the tail begins there already. */
  get body(): unknown {
    return this.end > 1 ? this.items[1] : undefined
  }

  /** What a named frame (`te`, `cs`) tells. */
  get argument(): unknown {
    return this.end > 2 ? this.items[2] : undefined
  }

  /** Takes a frame apart. False when the tail that these flags promise is not there. */
  read(text: string, items: readonly unknown[], flags: number, receiveTime: Micros): boolean {
    this.text = text
    this.items = items
    this.receiveTime = receiveTime
    this.sequence = undefined
    this.exchangeTime = undefined
    let end = items.length
    let isWhole = true
    // Frames may grow: the tail is found from the end, time last, the sequence before it.
    if ((flags & FLAGS.timestamp) !== 0) {
      this.exchangeTime = microsFromMilliseconds(items[--end])
      isWhole = this.exchangeTime !== undefined
    }
    if ((flags & FLAGS.sequence) !== 0) {
      const sequence = items[--end]
      // The first item is the channel, however short the frame is.
      if (end > 0 && isCount(sequence)) this.sequence = sequence
      else isWhole = false
    }
    this.end = end
    return isWhole && end > 0
  }
}
