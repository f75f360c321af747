/**
 * A layout's places and families laid out flat for the reader's loops, in typed arrays. A place without lists is one
 * segment; lists cut others into several, so that inside a segment every slot has its fixed place.
 */
import { MalformedColumns } from './byte-stream.ts'
import type { Layout, StoredSlot } from './layout.ts'
import { columnsOf, type Family, FIXED, LIST } from './slot-family.ts'

export const CONSTANT = 0

/** Numbers of `steps` for each slot, and what each of them is. */
export const STEP = 16
/** CONSTANT or the family's predictor. */
export const OPERATION = 0
/** Its place in its segment. */
export const POSITION = 1
export const FIRST_COLUMN = 2
/** The column of digits, where the family has one. */
export const OWN_COLUMN = 3
export const FORM = 4
/** The family's scale; of a constant: its digits. */
export const SCALE = 5
export const IS_TIME = 6
export const FIELD_NUMBER = 7
/** What a scalar does to running values: the bits below. */
export const EFFECTS = 8
export const GROUP_NUMBER = 9
/** Places of ids in the segment; -1: none. */
export const FIRST_ID = 10
export const SECOND_ID = 11
export const TABLE = 12
/** Its form is FIXED, and it neither tells a group nor takes from one. */
export const IS_SIMPLE = 13
export const FAMILY = 14

export const MOVES_FIELD = 1
export const MOVES_LAG = 2
export const TELLS = 4
export const TAKES = 8

/** A list among the parts of a place. */
export interface ListPart {
  readonly family: Family
  readonly column: number
  readonly children: readonly number[]
}

export class RowProgram {
  /** By place: its segments (by number) and lists, in the order of the text. */
  readonly parts: readonly (readonly (number | ListPart)[])[]
  /** By place: the segment it is, -1 where it has lists. */
  readonly wholes: Int32Array
  readonly templates: Int32Array
  /** By segment, and one behind: its first slot. */
  readonly firstSlots: Int32Array
  readonly segmentCount: number
  readonly slotCount: number
  /** STEP numbers for each slot, segment behind segment. */
  readonly steps: Int32Array
  /** By slot. */
  readonly units: Float64Array
  /** By slot: the lag taken off; of a constant: its value. */
  readonly bases: Float64Array

  constructor({ places, families }: Pick<Layout, 'places' | 'families'>) {
    const total = places.reduce((sum, { slots }) => sum + slots.length, 0)
    this.steps = new Int32Array(total * STEP)
    this.units = new Float64Array(total)
    this.bases = new Float64Array(total)
    const firstColumns: number[] = []
    let column = 0
    for (const family of families) {
      firstColumns.push(column)
      column += columnsOf(family)
    }
    const firstSlots: number[] = [0]
    let slot = 0
    this.parts = places.map(({ slots }) => {
      const parts: (number | ListPart)[] = []
      let held = 0
      const close = (): void => {
        if (held === 0) return
        parts.push(firstSlots.length - 1)
        firstSlots.push(slot)
        held = 0
      }
      for (const stored of slots) {
        const family = families[stored.family]
        const first = firstColumns[stored.family] ?? 0
        if (family?.predictor === LIST) {
          close()
          parts.push({ family, column: first, children: stored.children })
        } else this.addSlot(slot++, stored, held++, family, first)
      }
      close()
      return parts
    })
    this.slotCount = slot
    this.segmentCount = firstSlots.length - 1
    this.firstSlots = Int32Array.from(firstSlots)
    this.wholes = Int32Array.from(this.parts, (parts) => {
      const [only] = parts
      return parts.length === 1 && typeof only === 'number' ? only : -1
    })
    this.templates = Int32Array.from(places, ({ template }) => template)
    if (slot > total) throw new MalformedColumns('there are more slots than places have')
  }

  private addSlot(
    slot: number,
    { family: number, constant, constantScale, follow }: StoredSlot,
    position: number,
    family: Family | undefined,
    column: number,
  ): void {
    const { steps } = this
    const at = slot * STEP
    this.bases[slot] = family?.base ?? constant
    this.units[slot] = family?.unit ?? 1
    steps[at + OPERATION] = family?.predictor ?? CONSTANT
    steps[at + POSITION] = position
    steps[at + SCALE] = family?.scale ?? constantScale
    steps[at + FAMILY] = number
    if (family === undefined) return
    const follows = follow === undefined ? 0 : follow.takes ? TAKES : TELLS
    steps[at + FIRST_COLUMN] = column
    steps[at + OWN_COLUMN] = column + columnsOf(family) - 1
    steps[at + FORM] = family.form
    steps[at + IS_TIME] = family.isTime ? 1 : 0
    steps[at + FIELD_NUMBER] = family.field
    steps[at + EFFECTS] = follows | (family.movesField ? MOVES_FIELD : 0) | (family.movesLag ? MOVES_LAG : 0)
    steps[at + GROUP_NUMBER] = follow?.group ?? 0
    steps[at + FIRST_ID] = follow?.firstId ?? -1
    steps[at + SECOND_ID] = follow?.secondId ?? -1
    steps[at + TABLE] = family.table
    steps[at + IS_SIMPLE] = family.form === FIXED && follow === undefined ? 1 : 0
  }
}
