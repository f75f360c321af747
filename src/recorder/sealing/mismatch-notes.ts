/** Notes in the headers of stored chunks that they were not as the live book said. */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { describeStoreError, type EventStore } from '../../log/event-store.ts'

export class MismatchNotes {
  private readonly waiting: ChunkHeader[] = []

  add(header: ChunkHeader): void {
    this.waiting.push(header)
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0
  }

  /** Writes those of the chunks stored so far; `onTrouble` is told a sentence for each that could not be written. */
  async write(store: EventStore, storedSeq: Seq, onTrouble: (sentence: string) => void): Promise<void> {
    for (let header = this.waiting[0]; header !== undefined; header = this.waiting[0]) {
      if (header.lastSeq > storedSeq) return
      this.waiting.shift()
      const noted = await store.putHeader({ ...header, verdict: { ...header.verdict, sealMismatches: 1 } })()
      if (isLeft(noted)) onTrouble(`That could not be noted in the store: ${describeStoreError(noted.left)}`)
    }
  }
}
