/** Reads a skeleton: the slots in it, their kinds and paths. Bytes of frames are the scanner's business. */
import { Buffer } from 'node:buffer'

import type { TemplateSlot } from '../../log/frame-row.ts'
import { codeOfLetter, LIST, SLOT_KINDS } from './slot-codes.ts'

/** The deepest brackets inside one template. */
const MAX_BRACKETS = 64

/** A slot and where its two bytes stand in the skeleton. */
export interface SkeletonSlot extends TemplateSlot {
  readonly code: number
  readonly at: number
}

interface Place {
  readonly isArray: boolean
  name: string
  index: number
}

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9

/** Where the string that begins at `at` (its opening quote) ends; -1 when it does not. */
const stringEnd = (skeleton: Uint8Array, at: number): number => {
  for (let place = at + 1; place < skeleton.length; place++) {
    if (skeleton[place] === BACKSLASH) place++
    else if (skeleton[place] === QUOTE) return place
  }
  return -1
}

const pathOf = (places: readonly Place[]): string =>
  places.map(({ isArray, name, index }) => (isArray ? String(index) : name)).join('.')

/** Skeletons read lately: one chunk after the other has the same. */
const readLately = new Map<string, readonly SkeletonSlot[] | undefined>()
const MOST_KEPT = 2048
/** Longer ones are read each time. */
const LONGEST_KEPT = 2048

/** Undefined when the bytes are no skeleton that a scan gives. */
export const slotsOf = (skeleton: Uint8Array): readonly SkeletonSlot[] | undefined => {
  if (skeleton.length > LONGEST_KEPT) return readSlots(skeleton)
  const key = Buffer.from(skeleton.buffer, skeleton.byteOffset, skeleton.byteLength).toString('latin1')
  const known = readLately.get(key)
  if (known !== undefined) return known
  const slots = readSlots(skeleton)
  if (readLately.size === MOST_KEPT) readLately.clear()
  readLately.set(key, slots)
  return slots
}

const readSlots = (skeleton: Uint8Array): readonly SkeletonSlot[] | undefined => {
  const slots: SkeletonSlot[] = []
  const places: Place[] = []
  const add = (at: number, isQuoted: boolean): boolean => {
    const code = codeOfLetter(skeleton[at + 1] ?? 0)
    const kind = SLOT_KINDS[code]
    if (kind === undefined) return false
    // A list stands inside the brackets of its array.
    const path = pathOf(code === LIST ? places.slice(0, -1) : places)
    slots.push({ kind, isQuoted, path, code, at })
    return true
  }
  for (let at = 0; at < skeleton.length; at++) {
    const byte = skeleton[at]
    const place = places.at(-1)
    if (byte === 0) {
      if (!add(at, false)) return undefined
      at++
    } else if (byte === QUOTE && skeleton[at + 1] === 0) {
      if (!add(at + 1, true) || skeleton[at + 3] !== QUOTE) return undefined
      at += 3
    } else if (byte === QUOTE) {
      const end = stringEnd(skeleton, at)
      if (end < 0) return undefined
      let next = end + 1
      while (isSpace(skeleton[next])) next++
      if (skeleton[next] === COLON && place !== undefined)
        place.name = Buffer.from(skeleton.subarray(at + 1, end)).toString('utf8')
      at = end
    } else if (byte === 0x5b || byte === 0x7b) {
      if (places.length === MAX_BRACKETS) return undefined
      places.push({ isArray: byte === 0x5b, name: '', index: 0 })
    } else if (byte === 0x5d || byte === 0x7d) {
      places.pop()
    } else if (byte === COMMA && place !== undefined) place.index++
  }
  return slots
}
