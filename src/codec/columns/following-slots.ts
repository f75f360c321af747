/** The slots of one pass laid out for its loop, place by place of the pass. */
import {
  EFFECTS,
  FIELD_NUMBER,
  FIRST_COLUMN,
  FIRST_ID,
  FORM,
  GROUP_NUMBER,
  IS_TIME,
  MOVES_FIELD,
  MOVES_LAG,
  OPERATION,
  POSITION,
  type RowProgram,
  SECOND_ID,
  STEP,
  TAKES,
} from './row-program.ts'
import type { SegmentSlots } from './segment-slots.ts'
import { GROUP, TRIMMED } from './slot-family.ts'

export interface FollowingSlots {
  readonly positions: Int32Array
  readonly columns: Int32Array
  /** Places of ids in the segment. */
  readonly ids: Int32Array
  readonly groupOf: Int32Array
  /** The field that the slot moves; -1: none. */
  readonly fields: Int32Array
  /** 1: where the number is 0 the scalar is what the group knows of one id, written without zeros at its end. */
  readonly repeats: Uint8Array
}

export const followingSlots = ({ steps }: RowProgram, { slots }: SegmentSlots): FollowingSlots => {
  const of = (what: number): Int32Array => slots.map((slot) => steps[slot * STEP + what] ?? 0)
  const repeats = Uint8Array.from(slots, (slot) => {
    const at = (what: number): number => steps[slot * STEP + what] ?? 0
    const isAlike = at(OPERATION) === GROUP && at(FORM) === TRIMMED && at(IS_TIME) === 0
    return isAlike && at(SECOND_ID) < 0 && at(EFFECTS) < TAKES && (at(EFFECTS) & MOVES_LAG) === 0 ? 1 : 0
  })
  const fields = slots.map((slot) =>
    ((steps[slot * STEP + EFFECTS] ?? 0) & MOVES_FIELD) > 0 ? (steps[slot * STEP + FIELD_NUMBER] ?? 0) : -1,
  )
  const [positions, columns, ids, groupOf] = [of(POSITION), of(FIRST_COLUMN), of(FIRST_ID), of(GROUP_NUMBER)]
  return { positions, columns, ids, groupOf, fields, repeats }
}
