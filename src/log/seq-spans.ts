/** Stretches of entries, collected entry by entry and joined chunk by chunk, in bounded space. */
import type { SeqSpans } from './chunk.ts'
import type { Seq } from './entry.ts'

/** Stretches listed; further ones are only counted. */
export const MOST_SPANS = 64

/** Collects stretches while entries are told in order. */
export class SpanCollector {
  private readonly listed: (readonly [Seq, Seq])[] = []
  private further = 0
  /** Where the open stretch began; 0: none is open. */
  private openSince: Seq = 0

  /** Whether entry `seq` belongs to a stretch. Needs to be told only where that changes. */
  note(seq: Seq, belongs: boolean): void {
    if (belongs) {
      if (this.openSince === 0) this.openSince = seq
    } else if (this.openSince !== 0) {
      this.close(seq - 1)
    }
  }

  private close(last: Seq): void {
    if (this.listed.length < MOST_SPANS) this.listed.push([this.openSince, last])
    else this.further++
    this.openSince = 0
  }

  /** All stretches; one that is open ends with the last entry told. */
  finish(last: Seq): SeqSpans {
    if (this.openSince !== 0) this.close(last)
    return { listed: this.listed, further: this.further }
  }
}

/** The stretches of consecutive chunks as one list; those that touch are joined. At most `most` are listed. */
export const joinSpans = (parts: readonly SeqSpans[], most = MOST_SPANS): SeqSpans => {
  const listed: (readonly [Seq, Seq])[] = []
  let further = 0
  for (const part of parts) {
    for (const span of part.listed) {
      const last = listed.at(-1)
      if (last !== undefined && last[1] + 1 === span[0] && further === 0)
        listed[listed.length - 1] = [last[0], span[1]]
      else if (listed.length < most) listed.push(span)
      else further++
    }
    further += part.further
  }
  return { listed, further }
}
