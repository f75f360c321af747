/** What predictions rest on while rows are walked in order: the same for the writer, the chooser and the reader. */

/** Uses of ids that a reference may name by how long ago they were. */
const RECENT_USES = 8

/** The ids of one table, in the order of first sight, and which were used last. */
export class IdUses {
  count = 0
  private readonly recent = new Int32Array(RECENT_USES).fill(-1)
  private uses = 0

  /** How to name a reference: 0 new, 1 … 8 so many uses ago, else 9 and how many ids are newer. Notes its use. */
  codeOf(reference: number): number {
    const code = this.find(reference)
    if (code === 0) this.count++
    this.recent[this.uses++ & (RECENT_USES - 1)] = reference
    return code
  }

  private find(reference: number): number {
    if (reference === this.count) return 0
    for (let back = 1; back <= RECENT_USES; back++)
      if (this.recent[(this.uses - back) & (RECENT_USES - 1)] === reference) return back
    return RECENT_USES + this.count - reference
  }

  /** The reference that a code names, -1 when there is none. Notes its use. */
  referenceOf(code: number): number {
    let reference: number
    if (code === 0) reference = this.count++
    else if (code <= RECENT_USES) reference = this.recent[(this.uses - code) & (RECENT_USES - 1)] ?? -1
    else reference = this.count + RECENT_USES - code
    if (!(reference >= 0)) return -1
    this.recent[this.uses++ & (RECENT_USES - 1)] = reference
    return reference
  }
}

/** Larger values of a group are forgotten, so that differences stay exact. */
const LARGEST_VALUE = 2 ** 52

/** Whether a value may be remembered; NaN may not. */
export const isRunning = (value: number): boolean => value > -LARGEST_VALUE && value < LARGEST_VALUE

/** What the ids of one table are known to have: a price, a size. NaN: nothing known. */
export class GroupValues {
  /** By id. */
  readonly values: Float64Array

  /** `size`: how many ids the table has at most. */
  constructor(size: number) {
    this.values = new Float64Array(size).fill(Number.NaN)
  }

  /** The smallest value known of one or two ids (-1: none); NaN when none is. */
  known(first: number, second: number): number {
    const one = this.values[first] ?? Number.NaN
    if (second < 0) return one
    const other = this.values[second] ?? Number.NaN
    if (one !== one) return other
    return other < one ? other : one
  }

  tell(id: number, value: number): void {
    this.values[id] = value
  }

  take(id: number, value: number): void {
    if (id < 0) return
    const left = (this.values[id] ?? Number.NaN) - value
    this.values[id] = isRunning(left) ? left : Number.NaN
  }
}
