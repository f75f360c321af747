/** The checksum of two runs of bytes one after the other, from the checksums of both: for a beginning that is known last. */

/** Of CRC-32, as ZIP archives have it; the highest power of x is the lowest bit. */
const POLYNOMIAL = 0xedb88320
const ONE = 0x80000000
/** x^8: one byte of zeros. */
const BYTE = 0x00800000

/** Two polynomials multiplied, modulo that of CRC-32. */
const product = (left: number, right: number): number => {
  let sum = 0
  let shifted = right
  for (let power = 31; power >= 0; power--) {
    if ((left & (1 << power)) !== 0) sum ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL
  }
  return sum
}

/** CRC-32 of two runs of bytes as one; `bytes`: how many the second one has, a whole number below 2^53. */
export const joinedChecksum = (first: number, second: number, bytes: number): number => {
  let shift = ONE
  let square = BYTE
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shift = product(shift, square)
    square = product(square, square)
  }
  return (product(shift, first) ^ second) >>> 0
}
