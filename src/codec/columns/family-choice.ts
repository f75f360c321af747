/** Chooses how every slot of a chunk is stored: a walk over the rows that tries each prediction. */
import type { PlacedSlot } from './place.ts'
import { Fit } from './prediction-fit.ts'
import type { RowSurvey, ScannedRows } from './row-survey.ts'
import { RowWalk, type SlotState } from './row-walk.ts'
import {
  CLOCK,
  CLOCK_STEP,
  type Family,
  FIELD,
  GROUP,
  ID,
  JOINT,
  LIST,
  NUMBER_ID,
  RAW,
  SLOPE,
  SLOT,
  TEXT,
} from './slot-family.ts'
import { formOf } from './slot-scales.ts'

/** A slot that comes so often has columns of its own. */
const OWN_COLUMNS = 1024
/** Of the first so many numbers every one is tried, then of every SAMPLED entries one. */
const ALL_TRIED = 256
const SAMPLED = 2
/** Entries behind these are not looked at. */
const TRIED_ENTRIES = 12_000
/** A slope may be twice as far off, a lag as well. */
const LARGEST_SLOPED = 2 ** 51
/** Numbers so near to the receive time are times. */
const NEAR = 86_400_000_000
const UNITS = [1, 1000, 1_000_000]

const keyOf = (slot: PlacedSlot, index: number): string => {
  if (slot.count >= OWN_COLUMNS) return `slot ${String(index)}`
  const digits = slot.kind === 'time' && slot.leastScale === slot.mostScale ? slot.mostScale : ''
  const follows = slot.follow === undefined ? '' : 'follows'
  return `${String(slot.field)} ${String(formOf(slot))} ${follows} ${String(slot.table)} ${String(digits)}`
}

class FitWalk extends RowWalk {
  /** By slot. */
  readonly fits: readonly Fit[]

  constructor(rows: ScannedRows, survey: RowSurvey) {
    super(rows, survey)
    const fits = new Map<string, Fit>()
    this.fits = this.states.map(({ slot }, index) => {
      const key = keyOf(slot, index)
      const fit = fits.get(key) ?? new Fit()
      fits.set(key, fit)
      if (slot.follow !== undefined) fit.hasGroup = true
      if (slot.magnitude * 10 ** Math.max(0, slot.scale) >= LARGEST_SLOPED) fit.maySlope = false
      return fit
    })
  }

  /** Slots with their fits. */
  pairs(): readonly (readonly [SlotState, Fit])[] {
    return this.states.flatMap((state) => {
      const fit = this.fits[state.index]
      return fit === undefined ? [] : [[state, fit] as const]
    })
  }

  protected number(state: SlotState, value: number, _scale: number, normal: number, known: number): void {
    const fit = this.fits[state.index]
    if (fit === undefined) return
    if (fit.seen++ >= ALL_TRIED && this.entry % SAMPLED !== 0) return
    fit.add(RAW, value)
    if (state.isStill) return
    const { field } = state
    const isZero = normal === 0
    fit.add(SLOT, isZero ? 0 : normal - state.last)
    fit.add(FIELD, isZero ? 0 : normal - field.last)
    fit.add(SLOPE, isZero ? 0 : normal - (state.last + state.step))
    if (known === known) fit.add(GROUP, isZero ? 0 : normal - known)
    else if (fit.hasGroup) fit.addFallback(isZero ? 0 : normal - field.last)
    if (fit.unit < 0) fit.unit = unitOf(normal, this.receiveTime)
    state.unit = fit.unit > 0 ? fit.unit : 1
    if (fit.unit === 0 || isZero) return
    const lag = normal - Math.floor(this.receiveTime / fit.unit)
    fit.addLag(lag)
    fit.add(CLOCK_STEP, lag - field.lag)
  }

  protected id(): void {}
  protected newNumberId(): void {}
  protected text(): void {}
  protected list(): void {}
  protected child(): void {}
}

/** Microseconds in one unit of a number that is a time near the receive time; 0: it is none. */
const unitOf = (value: number, receiveTime: number): number => {
  for (const unit of UNITS)
    if (Math.abs(value * unit - receiveTime) < NEAR && receiveTime > NEAR * 2) return unit
  return 0
}

const familyOf = (slot: PlacedSlot, fit: Fit): Family => {
  const base = { isTime: slot.kind === 'time', movesField: false, movesLag: false, field: slot.field, unit: 1, base: 0, table: slot.table } // prettier-ignore
  const plain = { ...base, form: 0, scale: 0 }
  if (slot.kind === 'id') return { ...plain, predictor: ID }
  if (slot.kind === 'text') return { ...plain, predictor: TEXT }
  if (slot.kind === 'list') return { ...plain, predictor: LIST }
  if (slot.table > 0) return { ...plain, predictor: NUMBER_ID }
  const predictor = slot.scale < 0 ? RAW : fit.best()
  const form = predictor === RAW ? JOINT : formOf(slot)
  const unit = Math.max(1, fit.unit)
  const scale = slot.kind === 'time' ? slot.mostScale : Math.max(0, slot.scale)
  return { ...base, predictor, form, scale, unit, base: predictor === CLOCK ? fit.base() : 0 }
}

/** Families whose numbers rest on the last one of their field. */
const readsField = ({ predictor }: Family): boolean => predictor === FIELD || predictor === GROUP

const isStored = ({ kind, table, count, isConstant }: PlacedSlot): boolean =>
  count > 0 && !(isConstant && table === 0 && (kind === 'number' || kind === 'time'))

/** Gives every slot that is not constant its family, and returns the families in the order of their slots. */
export const chooseFamilies = (rows: ScannedRows, survey: RowSurvey): readonly Family[] => {
  const walk = new FitWalk(rows, survey)
  walk.run(Math.min(TRIED_ENTRIES, survey.entryPlaces.length))
  const chosen = new Map<Fit, Family>()
  const still = new Set<Family>()
  for (const [{ slot, isStill }, fit] of walk.pairs()) {
    if (!isStored(slot) || chosen.has(fit)) continue
    const family = familyOf(slot, fit)
    chosen.set(fit, family)
    if (isStill || slot.table > 0) still.add(family)
  }
  const families = [...chosen.values()]
  const read = new Set(families.filter(readsField).map(({ field }) => field))
  const timed = new Map<number, number>()
  for (const { predictor, field, unit } of families) if (predictor === CLOCK_STEP) timed.set(field, unit)
  for (const [fit, family] of chosen) {
    if (still.has(family)) continue
    const unit = timed.get(family.field) ?? family.unit
    chosen.set(fit, {
      ...family,
      unit,
      movesField: read.has(family.field),
      movesLag: timed.has(family.field),
    })
  }
  for (const [{ slot }, fit] of walk.pairs()) if (isStored(slot)) slot.family = chosen.get(fit)
  return [...chosen.values()]
}
