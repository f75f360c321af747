/** Values on their way out of a replaying thread: told in batches; the thread stands still while too many are not taken. */
import { DROPPED, type FromReplayer, STOP, TAKEN } from './replay-messages.ts'

/** Values told at once, and batches that may wait to be taken. */
const BATCH = 512
const MOST_WAITING = 4

/** Thrown where nobody wants the values any more. */
class Dropped extends Error {}

export class ValueBatches {
  private readonly shared: Int32Array
  private readonly tell: (message: FromReplayer) => void
  private values: unknown[] = []
  private told = 0

  constructor(shared: Int32Array, tell: (message: FromReplayer) => void) {
    this.shared = shared
    this.tell = tell
  }

  readonly emit = (value: unknown): void => {
    this.values.push(value)
    if (this.values.length >= BATCH) this.flush()
  }

  flush(): void {
    if (this.values.length === 0) return
    this.tell({ kind: 'values', values: this.values })
    this.values = []
    this.told++
    for (;;) {
      const taken = Atomics.load(this.shared, TAKEN)
      if (this.told - taken <= MOST_WAITING) return
      if (Atomics.load(this.shared, STOP) === DROPPED) throw new Dropped()
      Atomics.wait(this.shared, TAKEN, taken)
    }
  }

  /** What was not told yet is never told. */
  clear(): void {
    this.values = []
  }
}
