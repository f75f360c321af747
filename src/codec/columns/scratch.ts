/**
 * Working memory that is kept from chunk to chunk: fresh memory costs more than what is done in it. Whoever takes an
 * array owns it until somebody takes that one again, which is never while a chunk is being opened.
 */

/** Arrays larger than this are made anew each time and not kept. */
const MOST_KEPT = 2 ** 22

type Numbers = Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

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

/** Of the numbers of all columns. */
export const columnValues = new KeptArray((length) => new Float64Array(length))
export const columnScales = new KeptArray((length) => new Uint8Array(length))
/** Of what groups know of ids. */
export const knownNumbers = new KeptArray((length) => new Float64Array(length))
export const knownDigits = new KeptArray((length) => new Uint8Array(length))
/** Of the bits behind tokens. */
export const tokenBits = new KeptArray((length) => new Uint8Array(length))
