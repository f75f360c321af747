/** Sorts slots of numbers by what they rest on: alone, or together with others of their fields and groups. */
import {
  EFFECTS,
  FAMILY,
  FIELD_NUMBER,
  GROUP_NUMBER,
  OPERATION,
  type RowProgram,
  STEP,
} from './row-program.ts'
import { type SegmentSlots, slotsBySegment } from './segment-slots.ts'
import { CLOCK, ID, RAW, SLOPE, SLOT } from './slot-family.ts'

/** Sets that are joined; each is known by its smallest member that was never joined to another. */
class JoinedSets {
  private readonly parents: number[]

  constructor(size: number) {
    this.parents = Array.from({ length: size }, (_, member) => member)
  }

  rootOf(member: number): number {
    let root = member
    while ((this.parents[root] ?? root) !== root) root = this.parents[root] ?? root
    this.parents[member] = root
    return root
  }

  join(one: number, other: number): void {
    const [first, second] = [this.rootOf(one), this.rootOf(other)]
    this.parents[Math.max(first, second)] = Math.min(first, second)
  }
}

const isAloneByNature = (operation: number): boolean =>
  operation === RAW || operation === SLOT || operation === SLOPE || operation === CLOCK

export interface SlotComponents {
  readonly alone: SegmentSlots
  readonly components: readonly SegmentSlots[]
}

export const slotComponents = (program: RowProgram): SlotComponents => {
  const { steps, slotCount } = program
  const at = (slot: number, what: number): number => steps[slot * STEP + what] ?? 0
  const isNumber = (slot: number): boolean => at(slot, OPERATION) > 0 && at(slot, OPERATION) < ID
  const users = new Map<number, number>()
  for (let slot = 0; slot < slotCount; slot++)
    if (isNumber(slot)) users.set(at(slot, FAMILY), (users.get(at(slot, FAMILY)) ?? 0) + 1)
  const isAlone = (slot: number): boolean =>
    at(slot, OPERATION) === 0 ||
    (isAloneByNature(at(slot, OPERATION)) && at(slot, EFFECTS) === 0 && users.get(at(slot, FAMILY)) === 1)
  const fields = slotCount === 0 ? 0 : maximum(slotCount, (slot) => at(slot, FIELD_NUMBER)) + 1
  const groups = slotCount === 0 ? 0 : maximum(slotCount, (slot) => at(slot, GROUP_NUMBER)) + 1
  const sets = new JoinedSets(fields + groups)
  for (let slot = 0; slot < slotCount; slot++)
    if (at(slot, GROUP_NUMBER) > 0) sets.join(at(slot, FIELD_NUMBER), fields + at(slot, GROUP_NUMBER))
  const roots = new Set<number>()
  for (let slot = 0; slot < slotCount; slot++)
    if (isNumber(slot) && !isAlone(slot)) roots.add(sets.rootOf(at(slot, FIELD_NUMBER)))
  return {
    alone: slotsBySegment(program, (operation, slot) => operation < ID && isAlone(slot)),
    components: [...roots].map((root) =>
      slotsBySegment(
        program,
        (operation, slot) =>
          operation > 0 && operation < ID && !isAlone(slot) && sets.rootOf(at(slot, FIELD_NUMBER)) === root,
      ),
    ),
  }
}

const maximum = (count: number, of: (index: number) => number): number => {
  let most = 0
  for (let index = 0; index < count; index++) most = Math.max(most, of(index))
  return most
}
