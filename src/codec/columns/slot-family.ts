/**
 * Families: slots whose scalars are stored alike, in the same columns. Owns what a family says, and its stored form;
 * the reader needs nothing else to undo it.
 */
import { type ByteSink, type ByteSource, MalformedColumns } from './byte-stream.ts'
import { POWERS_OF_TEN } from './token-table.ts'

/** How a scalar's number follows from earlier ones; stored. */
export const RAW = 1
export const SLOT = 2
export const FIELD = 3
export const SLOPE = 4
export const GROUP = 5
export const CLOCK = 6
export const CLOCK_STEP = 7
export const ID = 8
export const TEXT = 9
export const NUMBER_ID = 10
export const LIST = 11

/** Where the digits behind the point come from; stored. */
export const FIXED = 0
export const TRIMMED = 1
export const JOINT = 2
export const OWN = 3

export const MOST_GROUPS = 8

export interface Family {
  readonly predictor: number
  readonly form: number
  readonly isTime: boolean
  /** Whether its scalars move the running value of the field. */
  readonly movesField: boolean
  /** Whether they move the field's last lag behind the receive time. */
  readonly movesLag: boolean
  /** Digits behind the point of running values. */
  readonly scale: number
  readonly field: number
  /** CLOCK, CLOCK_STEP: microseconds in one of the number's units. CLOCK: what is taken off the lag. */
  readonly unit: number
  readonly base: number
  /** NUMBER_ID: the table its numbers are in. */
  readonly table: number
}

/** Columns of a family, in their order: what follows from the predictor, then digits where they have their own. */
export const columnsOf = ({ predictor, form }: Family): number => {
  const own = predictor === GROUP || predictor === NUMBER_ID || predictor === LIST ? 2 : 1
  return form === OWN ? own + 1 : own
}

const hasUnit = ({ predictor, movesLag }: Pick<Family, 'predictor' | 'movesLag'>): boolean =>
  movesLag || predictor === CLOCK || predictor === CLOCK_STEP

export const writeFamily = (sink: ByteSink, family: Family): void => {
  sink.byte(family.predictor)
  sink.byte(family.form | (family.isTime ? 4 : 0) | (family.movesField ? 8 : 0) | (family.movesLag ? 16 : 0))
  sink.uint(family.scale)
  sink.uint(family.field)
  if (hasUnit(family)) sink.uint(family.unit)
  if (family.predictor === CLOCK) sink.int(family.base)
  if (family.predictor === NUMBER_ID) sink.uint(family.table)
}

/** `fields`: how many fields there are. */
export const readFamily = (source: ByteSource, fields: number): Family => {
  const predictor = source.byte()
  if (predictor < RAW || predictor > LIST) throw new MalformedColumns('a family has an unknown predictor')
  const flags = source.byte()
  if (flags > 31) throw new MalformedColumns('a family has unknown flags')
  const scale = source.uint(POWERS_OF_TEN.length - 1)
  const field = source.uint(fields - 1)
  const movesLag = (flags & 16) > 0
  const unit = hasUnit({ predictor, movesLag }) ? source.uint(1e9) : 1
  const base = predictor === CLOCK ? source.int() : 0
  const table = predictor === NUMBER_ID ? source.uint(MOST_GROUPS) : 0
  if (unit === 0 || (predictor === NUMBER_ID && table === 0))
    throw new MalformedColumns('a family has a number that it cannot have')
  return { predictor, form: flags & 3, isTime: (flags & 4) > 0, movesField: (flags & 8) > 0, movesLag, scale, field, unit, base, table } // prettier-ignore
}
