/**
 * A layout's places and families laid out flat for the reader's loops, in typed arrays. A place without lists is one
 * segment; lists cut others into several, so that inside a segment every slot has its fixed place. Each slot is one
 * operation, ids before all others.
 */
import { MalformedColumns } from './byte-stream.ts'
import type { Layout, StoredFollow, StoredSlot } from './layout.ts'
import {
  CLOCK,
  CLOCK_STEP,
  columnsOf,
  type Family,
  FIELD,
  FIXED,
  GROUP,
  ID,
  LIST,
  NUMBER_ID,
  RAW,
  SLOPE,
  SLOT,
  TEXT,
  TRIMMED,
} from './slot-family.ts'

/** Numbers of `steps` for each operation, and what each of them is. */
export const STEP = 16
/** What is to be done: one of the codes below. */
export const CODE = 0
/** The slot's place in its segment. */
export const POSITION = 1
export const COLUMN = 2
/** The register that a prediction rests on. */
export const FROM = 3
/** Registers that take the number; 0: none. */
export const TO = 4
export const ALSO_TO = 5
/** The register that takes the lag behind the receive time; 0: none. */
export const LAG_TO = 6
/** The family's scale; of a constant: its digits. */
export const SCALE = 7
export const GROUP_NUMBER = 8
/** Places of ids in the segment; -1: none. */
export const FIRST_ID = 9
export const SECOND_ID = 10
/** The column of digits, where the family has one. */
export const OWN_COLUMN = 11
export const FORM = 12
export const IS_TIME = 13
/** What the number does to its group: 0, TELLS or TAKES. */
export const EFFECT = 14
/** Of ids that are numbers: their table. Of what follows ids: FIRST_NUMBERED and SECOND_NUMBERED, where these are such. */
export const TABLE = 15

export const FIRST_NUMBERED = 1
export const SECOND_NUMBERED = 2

export const TELLS = 1
const TAKES = 2

/** Always the same number: the one in its register. */
export const CONSTANT = 0
/** A register and the number that remains; fixed digits, no group. Tight passes do it, and all before STANDING. */
export const LEAN = 1
/** The same with the receive time added. */
export const LEAN_CLOCK = 2
/** The number that is stored, which moves nothing. */
export const STANDING = 3
/** A group's value of one id, which mostly comes back as it was. */
export const REPEATED = 4
export const UUID = 5
const NUMBERED = 6
export const TEXTUAL = 7
/** The number that is stored, which moves registers or groups. */
export const MOVING = 8
/** A group's value of the ids beside it. */
export const FOLLOWED = 9
/** All else that rests on a register. */
export const PREDICTED = 10
/** The same with the receive time added, in units. */
export const PREDICTED_CLOCK = 11
export const SLOPED = 12

/** A list among the parts of a place. */
export interface ListPart {
  readonly column: number
  readonly children: readonly number[]
}

const takesTime = ({ predictor }: Family): boolean => predictor === CLOCK || predictor === CLOCK_STEP

const codeOf = (family: Family, follow: StoredFollow | undefined): number => {
  const { predictor, form, isTime, movesField, movesLag, unit } = family
  if (predictor === ID) return UUID
  if (predictor === NUMBER_ID) return NUMBERED
  if (predictor === TEXT) return TEXTUAL
  if (predictor === RAW) return follow === undefined && !movesField && !movesLag ? STANDING : MOVING
  if (predictor === GROUP) {
    const isAlike = form === TRIMMED && !isTime && !movesLag
    return isAlike && follow !== undefined && follow.secondId < 0 && !follow.takes ? REPEATED : FOLLOWED
  }
  if (predictor === SLOPE) return SLOPED
  const isLean = form === FIXED && follow === undefined && (unit === 1 || !(movesLag || takesTime(family)))
  if (takesTime(family)) return isLean ? LEAN_CLOCK : PREDICTED_CLOCK
  return isLean ? LEAN : PREDICTED
}

const isId = ({ predictor }: Family): boolean => predictor === ID || predictor === NUMBER_ID

const numberedOf = (follow: StoredFollow | undefined, slots: readonly OrderedSlot[]): number => {
  const isNumbered = (position: number): boolean => slots[position]?.family?.predictor === NUMBER_ID
  if (follow === undefined) return 0
  return (
    (isNumbered(follow.firstId) ? FIRST_NUMBERED : 0) | (isNumbered(follow.secondId) ? SECOND_NUMBERED : 0)
  )
}

interface OrderedSlot {
  readonly stored: StoredSlot
  readonly family: Family | undefined
  readonly position: number
}

export class RowProgram {
  /** By place: its segments (by number) and lists, in the order of the text. */
  readonly parts: readonly (readonly (number | ListPart)[])[]
  /** By place: the segment it is, -1 where it has lists. */
  readonly wholes: Int32Array
  readonly templates: Int32Array
  /** By segment, and one behind: where its operations begin in `steps`. */
  readonly first: Int32Array
  /** By segment: how many scalars it has. */
  readonly lengths: Int32Array
  /** STEP numbers for each operation, segment behind segment. */
  readonly steps: Int32Array
  /** What the registers hold at the beginning; 0 is never read. */
  readonly registers: Float64Array
  /** By operation: microseconds in a unit of its numbers. */
  readonly units: Float64Array
  private readonly fieldCount: number
  private readonly firstColumns: readonly number[]
  private operations = 0

  constructor({ places, families, fieldCount }: Pick<Layout, 'places' | 'families' | 'fieldCount'>) {
    const total = places.reduce((sum, { slots }) => sum + slots.length, 0)
    this.steps = new Int32Array(total * STEP)
    this.units = new Float64Array(total)
    this.registers = new Float64Array(1 + fieldCount * 2 + total)
    this.fieldCount = fieldCount
    let column = 0
    this.firstColumns = families.map((family) => (column += columnsOf(family)) - columnsOf(family))
    const first: number[] = [0]
    this.parts = places.map(({ slots }) => {
      const parts: (number | ListPart)[] = []
      let held: OrderedSlot[] = []
      const close = (): void => {
        if (held.length === 0) return
        parts.push(first.length - 1)
        this.addSegment(held)
        first.push(this.operations * STEP)
        held = []
      }
      for (const stored of slots) {
        const family = families[stored.family]
        if (family?.predictor === LIST) {
          close()
          parts.push({ column: this.firstColumns[stored.family] ?? 0, children: stored.children })
        } else held.push({ stored, family, position: held.length })
      }
      close()
      return parts
    })
    this.first = Int32Array.from(first)
    this.lengths = Int32Array.from(first, (from, segment) => ((first[segment + 1] ?? from) - from) / STEP)
    this.wholes = Int32Array.from(this.parts, (parts) => {
      const [only] = parts
      return parts.length === 1 && typeof only === 'number' ? only : -1
    })
    this.templates = Int32Array.from(places, ({ template }) => template)
    if (this.operations > total) throw new MalformedColumns('there are more slots than places have')
  }

  private addSegment(slots: readonly OrderedSlot[]): void {
    for (const slot of slots) if (slot.family !== undefined && isId(slot.family)) this.add(slot, slots)
    for (const slot of slots) if (slot.family === undefined || !isId(slot.family)) this.add(slot, slots)
  }

  private add({ stored, family, position }: OrderedSlot, segment: readonly OrderedSlot[]): void {
    const { steps, units, registers, fieldCount } = this
    const operation = this.operations++
    const at = operation * STEP
    // Registers: none, last values of fields, their lags, one of each slot.
    const own = 1 + fieldCount * 2 + operation
    steps[at + POSITION] = position
    steps[at + FROM] = own
    if (family === undefined) {
      steps[at + CODE] = CONSTANT
      steps[at + SCALE] = stored.constantScale
      registers[own] = stored.constant
      return
    }
    const { predictor, field, movesField, movesLag } = family
    const { follow } = stored
    const rests = predictor === SLOT || predictor === SLOPE
    const column = this.firstColumns[stored.family] ?? 0
    if (predictor === FIELD || predictor === GROUP) steps[at + FROM] = 1 + field
    if (predictor === CLOCK_STEP) steps[at + FROM] = 1 + fieldCount + field
    if (predictor === CLOCK) registers[own] = family.base
    units[operation] = family.unit
    steps[at + CODE] = codeOf(family, follow)
    steps[at + COLUMN] = column
    steps[at + TO] = rests ? own : 0
    steps[at + ALSO_TO] = movesField ? 1 + field : 0
    steps[at + LAG_TO] = movesLag ? 1 + fieldCount + field : 0
    steps[at + SCALE] = family.scale
    steps[at + GROUP_NUMBER] = follow?.group ?? 0
    steps[at + FIRST_ID] = follow?.firstId ?? -1
    steps[at + SECOND_ID] = follow?.secondId ?? -1
    steps[at + OWN_COLUMN] = column + columnsOf(family) - 1
    steps[at + FORM] = family.form
    steps[at + IS_TIME] = family.isTime ? 1 : 0
    steps[at + EFFECT] = follow === undefined ? 0 : follow.takes ? TAKES : TELLS
    steps[at + TABLE] = predictor === NUMBER_ID ? family.table : numberedOf(follow, segment)
  }
}
