/**
 * Places: where a template stands. A frame's template is a place of its own, and so is each template of an element in
 * each list of each place; so the levels of two sides, alike in shape, are told apart. Owns the tree that encoding
 * fills, and what it learns of every slot on the way.
 */
import type { ColumnHints, FollowHint } from '../../log/column-hints.ts'
import type { FrameTemplate, SlotKind } from '../../log/frame-row.ts'
import type { Family } from './slot-family.ts'
import { MOST_GROUPS } from './slot-family.ts'
import { POWERS_OF_TEN } from './token-table.ts'

/** By digits behind the point: what one unit is. Not exact: whoever compares magnitudes leaves a margin. */
const UNITS = Float64Array.from(POWERS_OF_TEN, (power) => 1 / power)

/** What a slot's scalar does to the values of the ids beside it. */
export interface Follow {
  /** From 1. */
  readonly group: number
  readonly takes: boolean
  /** Slots of the ids in the same place; -1: no second one. */
  readonly firstId: number
  readonly secondId: number
}

export class PlacedSlot {
  readonly kind: SlotKind
  /** The whole way to it from a frame's root, its kind included: names its field. */
  readonly name: string
  /** Slots of one field share a last value; see slot-scales. */
  field: number
  /** Its place among the place's slots. */
  readonly position: number
  count = 0
  first = 0
  firstScale = 0
  isConstant = true
  hasZero = false
  leastScale = 255
  mostScale = 0
  /** No number has a zero at the end that it could do without. */
  isTrimmed = true
  /** The largest magnitude, the point regarded, nearly; of times in microseconds. */
  magnitude = 0
  follow: Follow | undefined
  /** The set its numbers are in, from 1; 0: they are no ids. */
  table = 0
  leastId = 0
  hasNegative = false
  /** Undefined: constant. */
  family: Family | undefined
  /** Digits behind the point of its running values; -1: it takes part in none. */
  scale = -1
  /** Places of the list's elements, in the order of first sight. */
  readonly children: Place[] = []
  private readonly childOf = new Map<number, number>()
  private lastChild = -1

  constructor(kind: SlotKind, name: string, field: number, position: number) {
    this.kind = kind
    this.name = name
    this.field = field
    this.position = position
  }

  /** Takes one more scalar into account. */
  add(value: number, scale: number): void {
    if (this.count++ === 0) {
      this.first = value
      this.firstScale = scale
    } else if (value !== this.first || scale !== this.firstScale) this.isConstant = false
    if (value === 0) this.hasZero = true
    else if (value < 0) this.hasNegative = true
    if (scale < this.leastScale) this.leastScale = scale
    if (scale > this.mostScale) this.mostScale = scale
    const unit = this.kind === 'time' ? 1 : (UNITS[scale] ?? 0)
    const magnitude = (value < 0 ? -value : value) * unit
    if (magnitude > this.magnitude) this.magnitude = magnitude
    if (this.isTrimmed && scale > 0) this.isTrimmed = isTrimmed(value, scale, this.kind === 'time')
  }

  /** The index among `children` of the elements of this template, or -1. */
  child(template: number): number {
    const { lastChild } = this
    if (lastChild >= 0 && this.children[lastChild]?.template === template) return lastChild
    this.lastChild = this.childOf.get(template) ?? -1
    return this.lastChild
  }

  addChild(place: Place): number {
    this.childOf.set(place.template, this.children.length)
    this.children.push(place)
    return this.children.length - 1
  }
}

const isTrimmed = (value: number, scale: number, isTime: boolean): boolean => {
  if (!isTime) return value % 10 !== 0
  return scale <= 6 && value % (POWERS_OF_TEN[7 - scale] ?? 1) !== 0
}

export class Place {
  readonly number: number
  readonly template: number
  readonly slots: readonly PlacedSlot[]
  readonly hasLists: boolean
  /** How often it came. */
  count = 0

  constructor(number: number, template: number, slots: readonly PlacedSlot[]) {
    this.number = number
    this.template = template
    this.slots = slots
    this.hasLists = slots.some(({ kind }) => kind === 'list')
  }
}

/** All places of a chunk, in the order of first sight. */
export class PlaceTree {
  readonly places: Place[] = []
  /** Names of fields; a field's number is its place here. */
  readonly fields = new Map<string, number>()
  private readonly hints: ColumnHints
  private readonly groups = new Map<string, number>()
  private readonly tables = new Map<string, number>()

  constructor(hints: ColumnHints) {
    this.hints = hints
  }

  /** The field of this name, a new one when needed. */
  fieldOf(name: string): number {
    return numberIn(this.fields, name)
  }

  get groupCount(): number {
    return this.groups.size
  }

  get tableCount(): number {
    return this.tables.size
  }

  /** `way`: what stands before the paths of the template's slots. */
  add(number: number, template: FrameTemplate, way: string): Place {
    const slots = template.slots.map(({ kind, path }, position) => {
      const name = `${way}${path} ${kind}`
      const slot = new PlacedSlot(kind, name, this.fieldOf(name), position)
      if (kind === 'number') this.setTable(slot, way + path)
      return slot
    })
    const place = new Place(this.places.length, number, slots)
    if (!place.hasLists) this.follow(place, template)
    this.places.push(place)
    return place
  }

  private setTable(slot: PlacedSlot, path: string): void {
    const hint = this.hints.numberIds.find((numberId) => numberId.path === path)
    if (hint === undefined || (this.tables.size === MOST_GROUPS && !this.tables.has(hint.set))) return
    slot.table = numberIn(this.tables, hint.set) + 1
    slot.leastId = hint.least
  }

  private follow(place: Place, template: FrameTemplate): void {
    for (const slot of place.slots) {
      if (slot.kind !== 'number') continue
      const path = slot.name.slice(0, -' number'.length)
      for (const hint of this.hints.follows) {
        if (hint.path !== path || (hint.within !== undefined && !template.skeleton.includes(hint.within)))
          continue
        const [first, second = -1] = hint.ids.map((id) => idSlot(place, id))
        if (first === undefined || first < 0 || slot.follow !== undefined) continue
        slot.follow = this.followOf(hint, place, first, second)
      }
    }
  }

  private followOf(hint: FollowHint, place: Place, firstId: number, secondId: number): Follow | undefined {
    const table = place.slots[firstId]?.table ?? 0
    const other = place.slots[secondId]?.table ?? table
    const name = `${hint.group} ${String(table)}`
    if (other !== table || (!this.groups.has(name) && this.groups.size === MOST_GROUPS)) return undefined
    return { group: numberIn(this.groups, name) + 1, takes: hint.effect === 'take', firstId, secondId }
  }
}

const idSlot = (place: Place, path: string): number =>
  place.slots.findIndex(({ kind, name, table }) => (kind === 'id' || table > 0) && name === `${path} ${kind}`)

const numberIn = (numbers: Map<string, number>, name: string): number => {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, numbers.size)
  return numbers.size - 1
}
