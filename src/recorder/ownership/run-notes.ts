/** Notes one run in a store that keeps a list of them. A store that is away, or does not take the note, changes nothing. */
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { RunEnd, RunNote } from '../../log/run-book.ts'

/** What is known of a run when it begins. */
export type BegunRun = Omit<RunNote, 'end' | 'lastSeq'>

export class RunNotes {
  private store: EventStore | undefined
  private begun: BegunRun | undefined

  /** May be called again when the store is there at last. */
  async begin(store: EventStore | undefined, begun: BegunRun | undefined): Promise<void> {
    this.store = store
    this.begun = begun
    await this.put(null, null)
  }

  /** `lastSeq`: the last entry that is stored. */
  async end(end: RunEnd, lastSeq: Seq): Promise<void> {
    await this.put(end, lastSeq)
  }

  private async put(end: RunEnd, lastSeq: Seq | null): Promise<void> {
    if (this.begun === undefined) return
    try {
      await this.store?.runs?.put({ ...this.begun, end, lastSeq })
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error
    }
  }
}
