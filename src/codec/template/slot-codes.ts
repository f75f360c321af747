/** Slot kinds as small numbers: their letters in skeletons and their places in tables. */
import type { SlotKind } from '../../log/frame-row.ts'

export const NUMBER = 0
export const TIME = 1
export const ID = 2
export const TEXT = 3
export const LIST = 4

/** In the order of the codes. */
export const SLOT_KINDS: readonly SlotKind[] = ['number', 'time', 'id', 'text', 'list']

/** Their letters in a skeleton, behind U+0000. */
const LETTERS = 'ntixl'

export const letterOf = (code: number): number => LETTERS.charCodeAt(code)

/** -1 for a byte that is none of the letters. */
export const codeOfLetter = (byte: number): number =>
  byte === 0 ? -1 : LETTERS.indexOf(String.fromCharCode(byte))
