/** Gives the slots of a chunk a common scale for their running values, and tells who may take part. */
import type { PlacedSlot, PlaceTree } from './place.ts'
import { FIXED, JOINT, OWN, TRIMMED } from './slot-family.ts'
import { POWERS_OF_TEN } from './token-table.ts'

/** Running values stay below 2^52, so that their differences are exact; magnitudes are known but nearly. */
const LARGEST_VALUE = 2 ** 52 - 2 ** 30

const numericSlots = (tree: PlaceTree): PlacedSlot[] =>
  tree.places
    .flatMap(({ slots }) => slots)
    .filter(({ kind, count }) => count > 0 && (kind === 'number' || kind === 'time'))

/** By field: the largest scale of its slots and of all fields that share a group with it. */
const fieldScales = (slots: readonly PlacedSlot[]): ReadonlyMap<number, number> => {
  const scales = new Map<number, number>()
  const raise = (field: number, scale: number): boolean => {
    const known = scales.get(field) ?? -1
    if (scale > known) scales.set(field, scale)
    return scale > known
  }
  for (const { field, mostScale } of slots) raise(field, mostScale)
  let isSettled = false
  while (!isSettled) {
    isSettled = true
    const groups = new Map<number, number>()
    for (const { field, follow } of slots) {
      if (follow === undefined) continue
      const scale = Math.max(scales.get(field) ?? 0, groups.get(follow.group) ?? 0)
      groups.set(follow.group, scale)
    }
    for (const { field, follow } of slots)
      if (follow !== undefined && raise(field, groups.get(follow.group) ?? 0)) isSettled = false
  }
  return scales
}

/** Where the digits behind the point of a slot's numbers come from when they follow from earlier ones. */
export const formOf = (slot: PlacedSlot): number => {
  if (slot.scale < 0) return JOINT
  const isFixed = slot.leastScale === slot.mostScale
  if (isFixed && (slot.kind === 'time' || slot.mostScale === slot.scale)) return FIXED
  return slot.isTrimmed ? TRIMMED : OWN
}

/** Sets `scale` of every slot whose numbers may follow from earlier ones; settles which numbers are ids. */
export const settleScales = (tree: PlaceTree): void => {
  const slots = numericSlots(tree)
  // Values of other scales would only add zeros to each other's differences.
  for (const slot of slots)
    if (slot.kind === 'number' && slot.follow === undefined)
      slot.field = tree.fieldOf(`${slot.name} ${String(slot.mostScale)}`)
  const scales = fieldScales(slots)
  for (const slot of slots) {
    const scale = slot.kind === 'time' ? 0 : (scales.get(slot.field) ?? 0)
    const magnitude = slot.magnitude * (POWERS_OF_TEN[scale] ?? Infinity)
    if (magnitude < LARGEST_VALUE) slot.scale = scale
    const isId =
      slot.scale === 0 && slot.mostScale === 0 && !slot.hasNegative && slot.magnitude >= slot.leastId
    if (!isId) slot.table = 0
  }
  for (const place of tree.places) {
    const isId = (position: number): boolean => {
      const slot = place.slots[position]
      return slot !== undefined && (slot.kind === 'id' || slot.table > 0)
    }
    for (const slot of place.slots) {
      const { follow } = slot
      if (follow === undefined) continue
      const isSound = isId(follow.firstId) && (follow.secondId < 0 || isId(follow.secondId))
      if (!isSound || slot.scale < 0 || slot.table > 0) slot.follow = undefined
    }
  }
}
