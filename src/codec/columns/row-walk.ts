/**
 * Walks over a chunk's rows in order and keeps what predictions rest on: ids used, values of groups, running values.
 * What is made of each scalar is for those who extend it.
 */
import type { Place, PlacedSlot } from './place.ts'
import type { RowSurvey, ScannedRows } from './row-survey.ts'
import { GroupValues, IdUses } from './running-values.ts'
import { POWERS_OF_TEN } from './token-table.ts'

/** Running values of a field: all slots of the same way and kind. */
export interface FieldState {
  last: number
  lag: number
}

// What is done with the scalars of a slot.
const NUMERIC = 0
const STILL_CONSTANT = 1
const UUID = 2
const TEXTUAL = 3
const NUMBERED = 4
const LISTED = 5

const treatmentOf = ({ kind, table, isConstant }: PlacedSlot): number => {
  if (kind === 'id') return UUID
  if (kind === 'text') return TEXTUAL
  if (kind === 'list') return LISTED
  if (table > 0) return NUMBERED
  return isConstant ? STILL_CONSTANT : NUMERIC
}

/** Running values of one slot, and what a walk needs of it at every scalar. */
export class SlotState {
  readonly slot: PlacedSlot
  /** Among all slots. */
  readonly index: number
  readonly treatment: number
  readonly field: FieldState
  readonly position: number
  readonly isTime: boolean
  readonly scale: number
  readonly group: GroupValues | undefined
  /** Positions of ids; -1: none. */
  readonly firstId: number
  readonly secondId: number
  readonly takes: boolean
  /** Microseconds in a unit of the slot's numbers, where they are told by the clock. */
  unit = 1
  last = 0
  step = 0
  /** Its numbers are no running values. */
  readonly isStill: boolean

  constructor(slot: PlacedSlot, index: number, field: FieldState, group: GroupValues | undefined) {
    this.slot = slot
    this.index = index
    this.treatment = treatmentOf(slot)
    this.field = field
    this.position = slot.position
    this.isTime = slot.kind === 'time'
    this.scale = slot.scale
    this.isStill = slot.scale < 0
    this.group = group
    this.firstId = slot.follow?.firstId ?? -1
    this.secondId = slot.follow?.secondId ?? -1
    this.takes = slot.follow?.takes === true
  }
}

interface PlaceWalk {
  readonly place: Place
  /** In the order of the text. */
  readonly states: readonly SlotState[]
  /** Ids first, where no list stands between. */
  readonly ordered: readonly SlotState[]
}

export abstract class RowWalk {
  private readonly values: Float64Array
  private readonly scales: Uint8Array
  private readonly receiveTimes: Float64Array
  protected readonly survey: RowSurvey
  /** The entry at hand. */
  protected entry = 0
  protected receiveTime = 0
  protected readonly states: readonly SlotState[]
  private readonly places: readonly PlaceWalk[]
  /** By table; 0: UUIDs. */
  private readonly uses: readonly IdUses[]
  private readonly uuids: IdUses
  private readonly numberIds: readonly Map<number, number>[]
  /** By table: the number that was new last. */
  private readonly lastNumbers: Float64Array
  /** By position in the row: the reference of the id there. */
  private readonly rowIds: Int32Array

  constructor(rows: ScannedRows, survey: RowSurvey) {
    this.values = survey.values
    this.scales = rows.scales
    this.receiveTimes = rows.receiveTimes
    this.survey = survey
    const { tree } = survey
    const fields = Array.from({ length: tree.fields.size }, () => ({ last: 0, lag: 0 }))
    const most = Math.max(survey.ids.count, ...tableSizes(tree.places))
    const groups = Array.from({ length: tree.groupCount + 1 }, () => new GroupValues(most))
    const states: SlotState[] = []
    this.places = tree.places.map((place) => {
      const own = place.slots.map((slot) => {
        const group = slot.follow === undefined ? undefined : groups[slot.follow.group]
        const state = new SlotState(slot, states.length, fields[slot.field] ?? { last: 0, lag: 0 }, group)
        states.push(state)
        return state
      })
      const isId = ({ slot }: SlotState): boolean => slot.kind === 'id' || slot.table > 0
      const rest = own.filter((state) => !isId(state) && state.treatment !== STILL_CONSTANT)
      const ordered = place.hasLists ? own : [...own.filter(isId), ...rest]
      return { place, states: own, ordered }
    })
    this.states = states
    this.uses = Array.from({ length: tree.tableCount + 1 }, () => new IdUses())
    this.uuids = this.uses[0] ?? new IdUses()
    this.numberIds = Array.from({ length: tree.tableCount + 1 }, () => new Map<number, number>())
    this.lastNumbers = new Float64Array(tree.tableCount + 1)
    this.rowIds = new Int32Array(tree.places.reduce((most, { slots }) => Math.max(most, slots.length), 1))
  }

  /** Walks over the rows of the first `entries` entries, once. */
  run(entries: number): void {
    const { entryPlaces } = this.survey
    let at = 0
    for (let entry = 0; entry < entries; entry++) {
      const place = entryPlaces[entry]
      this.entry = entry
      this.receiveTime = this.receiveTimes[entry] ?? 0
      if (place !== undefined) at = this.walk(place.number, at)
    }
  }

  private walk(number: number, at: number): number {
    const walk = this.places[number]
    if (walk === undefined) throw new Error(`there is no place ${String(number)}`)
    const { states, ordered } = walk
    if (!walk.place.hasLists) {
      for (let index = 0; index < ordered.length; index++) {
        const state = ordered[index]
        if (state !== undefined) this.scalar(state, at + state.position)
      }
      return at + states.length
    }
    for (let index = 0; index < states.length; index++) {
      const state = states[index]
      if (state === undefined) continue
      if (state.treatment !== LISTED) {
        this.scalar(state, at++)
        continue
      }
      const count = this.values[at++] ?? 0
      this.list(state, count)
      for (let element = 0; element < count; element++) {
        const child = state.slot.child(this.values[at] ?? 0)
        this.child(state, child)
        at = this.walk(state.slot.children[child]?.number ?? -1, at + 1)
      }
    }
    return at
  }

  private scalar(state: SlotState, at: number): void {
    const value = this.values[at] ?? 0
    switch (state.treatment) {
      case NUMERIC:
        this.numeric(state, value, this.scales[at] ?? 0)
        return
      case UUID:
        this.rowIds[state.position] = value
        this.id(state, this.uuids.codeOf(value))
        return
      case TEXTUAL:
        this.text(state, value)
        return
      case NUMBERED:
        this.numberId(state, value)
        return
      default:
        return
    }
  }

  private numberId(state: SlotState, value: number): void {
    const { slot } = state
    const known = this.numberIds[slot.table]
    const uses = this.uses[slot.table]
    if (known === undefined || uses === undefined) return
    let reference = known.get(value)
    const isNew = reference === undefined
    reference ??= uses.count
    if (isNew) known.set(value, reference)
    this.rowIds[slot.position] = reference
    this.id(state, uses.codeOf(reference))
    if (!isNew) return
    this.newNumberId(state, value - (this.lastNumbers[slot.table] ?? 0))
    this.lastNumbers[slot.table] = value
  }

  private numeric(state: SlotState, value: number, scale: number): void {
    if (state.isStill) {
      this.number(state, value, scale, 0, Number.NaN)
      return
    }
    const isNormal = scale === state.scale || state.isTime
    const normal = isNormal ? value : value * (POWERS_OF_TEN[state.scale - scale] ?? 1)
    const { group, field, secondId } = state
    const first = group === undefined ? -1 : (this.rowIds[state.firstId] ?? -1)
    const second = secondId < 0 ? -1 : (this.rowIds[secondId] ?? -1)
    this.number(state, value, scale, normal, group === undefined ? Number.NaN : group.known(first, second))
    if (normal === 0) return
    state.step = normal - state.last
    state.last = normal
    field.last = normal
    field.lag = normal - (state.unit === 1 ? this.receiveTime : Math.floor(this.receiveTime / state.unit))
    if (group === undefined) return
    if (!state.takes) group.tell(first, normal)
    else {
      group.take(first, normal)
      group.take(second, normal)
    }
  }

  /** A number; `normal`: at the slot's scale; `known`: what its group predicts, NaN: nothing. */
  protected abstract number(
    state: SlotState,
    value: number,
    scale: number,
    normal: number,
    known: number,
  ): void
  protected abstract id(state: SlotState, code: number): void
  protected abstract newNumberId(state: SlotState, residual: number): void
  /** `reference`: in the chunk. */
  protected abstract text(state: SlotState, reference: number): void
  protected abstract list(state: SlotState, count: number): void
  protected abstract child(state: SlotState, child: number): void
}

/** By table of number ids: the most numbers it can hold. */
const tableSizes = (places: readonly Place[]): number[] => {
  const sizes: number[] = []
  for (const { slots } of places)
    for (const { table, count } of slots) if (table > 0) sizes[table] = (sizes[table] ?? 0) + count
  return sizes.flatMap((size) => [size])
}
