/** Typed arrays of twice the length, at least one longer, with what was there. */

export const grownNumbers = (before: Int32Array): Int32Array => {
  const grown = new Int32Array(before.length * 2 + 1)
  grown.set(before)
  return grown
}

export const grownBytes = (before: Uint8Array): Uint8Array => {
  const grown = new Uint8Array(before.length * 2 + 1)
  grown.set(before)
  return grown
}
