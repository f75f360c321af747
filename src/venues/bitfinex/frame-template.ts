/**
 * What is known of an array frame's template, or of an element's in its list, before any frame is read: where the
 * scalars stand. Owns which templates can be read as rows; all others take the way of the text.
 */
import type { FrameTemplate } from '../../log/frame-row.ts'
import { listSlotOf, sampleOf } from '../template-sample.ts'
import { ORDER_ROWS, TRADE_ROWS } from './frames.ts'

/** Frames of this template are read as rows. The channel is their first scalar. */
export interface BoundFrame {
  readonly kind: 'frame'
  /** `hb`, `cs`, `te` …; undefined: rows. */
  readonly name: string | undefined
  /** Nested rows or none. Their count, where there is one, is the second scalar. */
  readonly isList: boolean
  readonly hasCount: boolean
  /** How many numbers the one row begins with, from the second scalar on; 0: no row. */
  readonly columns: number
  /** Whether the second scalar is a number behind a name. */
  readonly hasArgument: boolean
  /** Items of the frame, its tail included. */
  readonly items: number
  /** How far before the row's end the last item stands, and the one before it; 0: it is no number. */
  readonly last: number
  readonly lastButOne: number
  /** The text around the scalars. */
  readonly pieces: readonly string[]
}

/** Elements of this template are rows of a list. */
export interface BoundElement {
  readonly kind: 'element'
  /** How many numbers it begins with. */
  readonly columns: number
  readonly scalars: number
}

/** Whatever stands in this template takes the way of the text. */
export interface Unbound {
  readonly kind: 'unbound'
}

const UNBOUND: Unbound = { kind: 'unbound' }

const EXECUTIONS: readonly string[] = ['te', 'tu']
const SCALAR = /\0[nl]/
/** Numbers are scalars and stand by themselves; pieces of text are of one byte a character. */
const STRANGE = /[0-9\x7f-\uffff]|(?<![[,:\s])\0n|\0n(?![\],}\s])/

/** The template's items with the numbers of their slots in place of numbers; undefined when it has other scalars. */
const itemsOf = (template: FrameTemplate): readonly unknown[] | undefined => {
  for (const { kind, isQuoted } of template.slots)
    if (isQuoted || (kind !== 'number' && kind !== 'list')) return undefined
  if (STRANGE.test(template.skeleton)) return undefined
  const items = sampleOf(template)?.value
  return Array.isArray(items) ? items : undefined
}

/** How many items from the first on are the slots from this one on. */
const columnsOf = (row: unknown, firstSlot: number): number => {
  if (!Array.isArray(row)) return 0
  let columns = 0
  while (columns < row.length && row[columns] === firstSlot + columns) columns++
  return columns
}

const listsOf = ({ slots }: FrameTemplate): number => slots.filter(({ kind }) => kind === 'list').length

/** The body's part of a binding; undefined when it cannot be read as a row. */
const bodyOf = (
  items: readonly unknown[],
  template: FrameTemplate,
): Pick<BoundFrame, 'name' | 'isList' | 'hasCount' | 'columns' | 'hasArgument'> | undefined => {
  const body = items[1]
  const plain = { name: undefined, isList: false, hasCount: false, columns: 0, hasArgument: false }
  if (typeof body === 'string') {
    if (listsOf(template) > 0) return undefined
    if (!EXECUTIONS.includes(body)) return { ...plain, name: body, hasArgument: items[2] === 1 }
    return TRADE_ROWS.row.is(items[2]) && columnsOf(items[2], 1) >= TRADE_ROWS.columns
      ? { ...plain, name: body, columns: columnsOf(items[2], 1) }
      : undefined
  }
  if (listSlotOf(body, template) === 1)
    return listsOf(template) === 1 ? { ...plain, isList: true, hasCount: true } : undefined
  if (listsOf(template) > 0 || !Array.isArray(body)) return undefined
  if (body.length === 0) return { ...plain, isList: true }
  const columns = columnsOf(body, 1)
  return ORDER_ROWS.row.is(body) && columns >= ORDER_ROWS.columns ? { ...plain, columns } : undefined
}

export const bindFrame = (template: FrameTemplate): BoundFrame | Unbound => {
  const items = itemsOf(template)
  if (items?.[0] !== 0) return UNBOUND
  const body = bodyOf(items, template)
  if (body === undefined) return UNBOUND
  const { slots, skeleton } = template
  const fromEnd = (item: unknown): number => (typeof item === 'number' ? slots.length - item : 0)
  return {
    kind: 'frame',
    ...body,
    items: items.length,
    last: fromEnd(items.at(-1)),
    lastButOne: fromEnd(items.at(-2)),
    pieces: skeleton.split(SCALAR),
  }
}

export const bindElement = (template: FrameTemplate): BoundElement | Unbound => {
  const row = itemsOf(template)
  const columns = columnsOf(row, 0)
  if (!ORDER_ROWS.row.is(row) || columns < ORDER_ROWS.columns || listsOf(template) > 0) return UNBOUND
  return { kind: 'element', columns, scalars: template.slots.length }
}
