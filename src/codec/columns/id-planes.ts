/**
 * UUIDs of a chunk, byte by byte: the first bytes of all, then the second bytes of all … A place whose bytes are all
 * alike random is stored as it is, the others compress.
 */
const BYTES = 16
/** Bytes joined at once. */
const WORD = 4
const SAMPLE = 4096
/** Random bytes of the sample size have hardly less. */
const RANDOM_BITS = 7.6

export interface IdPlanes {
  /** Bit k: the bytes at place k compress. */
  readonly mask: number
  readonly random: Uint8Array
  readonly others: Uint8Array
}

const isRandom = (plane: Uint8Array): boolean => {
  const sample = plane.subarray(0, SAMPLE)
  const counts = new Int32Array(256)
  for (const byte of sample) counts[byte] = (counts[byte] ?? 0) + 1
  let bits = 0
  for (const count of counts)
    if (count > 0) bits += (count / sample.length) * Math.log2(sample.length / count)
  // A small sample cannot have more than its own logarithm.
  return bits >= Math.min(RANDOM_BITS, Math.log2(Math.max(2, sample.length)) * 0.93)
}

/** `ids`: 16 bytes each; `order`: which ones, in their order in the chunk. */
export const splitIds = (ids: Uint8Array, order: Int32Array, count: number): IdPlanes => {
  const planes = Array.from({ length: BYTES }, () => new Uint8Array(count))
  planes.forEach((plane, place) => {
    for (let id = 0; id < count; id++) plane[id] = ids[(order[id] ?? 0) * BYTES + place] ?? 0
  })
  let mask = 0
  const random: Uint8Array[] = []
  const others: Uint8Array[] = []
  planes.forEach((plane, place) => {
    if (isRandom(plane)) random.push(plane)
    else {
      mask |= 1 << place
      others.push(plane)
    }
  })
  return { mask, random: joined(random, count), others: joined(others, count) }
}

const joined = (planes: readonly Uint8Array[], count: number): Uint8Array => {
  const bytes = new Uint8Array(planes.length * count)
  planes.forEach((plane, index) => {
    bytes.set(plane, index * count)
  })
  return bytes
}

/** The ids, 16 bytes each; undefined when the planes are not as many or as long as they should be. */
export const joinIds = (
  { mask, random, others }: IdPlanes,
  count: number,
): Uint8Array<ArrayBuffer> | undefined => {
  const ids = new Uint8Array(count * BYTES)
  const words = new DataView(ids.buffer)
  let inRandom = 0
  let inOthers = 0
  for (let word = 0; word < BYTES / WORD; word++) {
    const planes: Uint8Array[] = []
    for (let place = word * WORD; place < (word + 1) * WORD; place++) {
      const isOther = (mask & (1 << place)) !== 0
      const from = isOther ? inOthers : inRandom
      const plane = (isOther ? others : random).subarray(from, from + count)
      if (plane.length < count) return undefined
      planes.push(plane)
      if (isOther) inOthers += count
      else inRandom += count
    }
    const [first, second, third, fourth] = planes
    if (first === undefined || second === undefined || third === undefined || fourth === undefined)
      return undefined
    fillWords(words, word, first, second, third, fourth)
  }
  return inRandom === random.length && inOthers === others.length ? ids : undefined
}

/** Word `word` of every id, of the bytes in these planes. */
const fillWords = (
  words: DataView,
  word: number,
  first: Uint8Array,
  second: Uint8Array,
  third: Uint8Array,
  fourth: Uint8Array,
): void => {
  for (let id = 0, at = word * WORD; id < first.length; id++, at += BYTES) {
    const low = (first[id] ?? 0) | ((second[id] ?? 0) << 8)
    words.setInt32(at, low | ((third[id] ?? 0) << 16) | ((fourth[id] ?? 0) << 24), true)
  }
}
