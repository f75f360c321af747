/** The different values of a column of 64-bit words, and the place of each row's value among them. Used again and again. */

const EMPTY = -1

export class WordDictionary {
  /** Low and high word of each different value, in the order in which they came. */
  words = new Int32Array(2)
  count = 0
  places = new Int32Array(0)
  private slots = new Int32Array(0)

  /** False: there are more than `most` different values, and no places. */
  build(words: Int32Array, rows: number, most: number): boolean {
    this.begin(rows, most)
    const { places, slots, words: known } = this
    const mask = slots.length - 1
    let count = 0
    for (let row = 0; row < rows; row++) {
      const low = words[2 * row] ?? 0
      const high = words[2 * row + 1] ?? 0
      let slot = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high + 0x7f4a7c15, 0x85ebca6b)) >>> 8
      slot &= mask
      for (;;) {
        const place = slots[slot] ?? EMPTY
        if (place === EMPTY) {
          if (count === most) return false
          known[2 * count] = low
          known[2 * count + 1] = high
          slots[slot] = count
          places[row] = count++
          break
        }
        if (known[2 * place] === low && known[2 * place + 1] === high) {
          places[row] = place
          break
        }
        slot = (slot + 1) & mask
      }
    }
    this.count = count
    return true
  }

  private begin(rows: number, most: number): void {
    if (this.places.length < rows) this.places = new Int32Array(rows)
    if (this.words.length < 2 * most) this.words = new Int32Array(2 * most)
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * most)))
    if (this.slots.length !== slots) this.slots = new Int32Array(slots)
    this.slots.fill(EMPTY)
    this.count = 0
  }
}
