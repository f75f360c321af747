/**
 * Working memory that is kept from chunk to chunk: fresh memory costs more than what is done in it. Whoever takes an
 * array owns it until somebody takes that one again, which is never while a chunk is being opened.
 */

/** Arrays larger than this are made anew each time and not kept. */
const MOST_KEPT = 2 ** 22

type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

/** One array that is made anew only where it is too small; its content is whatever was left in it. */
class KeptArray<A extends Numbers> {
  private kept: A
  private readonly make: (length: number) => A

  constructor(make: (length: number) => A) {
    this.make = make
    this.kept = make(0)
  }

  take(length: number): A {
    if (length > MOST_KEPT) return this.make(length)
    if (this.kept.length < length) this.kept = this.make(Math.min(MOST_KEPT, Math.ceil(length * 1.25)))
    return this.kept.subarray(0, length) as A
  }
}

const doubles = (length: number): Float64Array<ArrayBuffer> => new Float64Array(length)
const wholes = (length: number): Int32Array<ArrayBuffer> => new Int32Array(length)
const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length)

/** Of the numbers of all columns. */
export const columnValues = new KeptArray(doubles)
export const columnScales = new KeptArray(bytes)
/** Of segments in the order of the rows. */
export const structureSegments = new KeptArray(wholes)
export const structureStarts = new KeptArray(wholes)
export const structureEntries = new KeptArray(wholes)
/** Of the same, segment by segment. */
export const sortedStarts = new KeptArray(wholes)
export const sortedEntries = new KeptArray(wholes)
