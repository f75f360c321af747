/** Which slots of each segment a pass is about. */
import { OPERATION, type RowProgram, STEP } from './row-program.ts'

export interface SegmentSlots {
  /** By segment, and one behind: where its slots begin in `slots`. */
  readonly first: Int32Array
  readonly slots: Int32Array
}

/** Slots chosen by what is to be done with them, in the order of the text. */
export const slotsBySegment = (
  { segmentCount, firstSlots, steps }: RowProgram,
  isChosen: (operation: number, slot: number) => boolean,
): SegmentSlots => {
  const first = new Int32Array(segmentCount + 1)
  const slots: number[] = []
  for (let segment = 0; segment < segmentCount; segment++) {
    const end = firstSlots[segment + 1] ?? 0
    for (let slot = firstSlots[segment] ?? 0; slot < end; slot++)
      if (isChosen(steps[slot * STEP + OPERATION] ?? 0, slot)) slots.push(slot)
    first[segment + 1] = slots.length
  }
  return { first, slots: Int32Array.from(slots) }
}
