/** Places in a stream as users name them: an instant, or an entry by number. */
import type { ChunkHeader } from '../log/chunk.ts'
import type { EntryView, Seq } from '../log/entry.ts'
import { type Micros, microsFromIso, microsOf } from '../market/time.ts'

/** A place in a stream: an instant of receive time, or an entry by number. */
export type Position =
  { readonly kind: 'time'; readonly time: Micros } | { readonly kind: 'seq'; readonly seq: Seq }

/** What of an entry a position is compared with. */
export type EntryPlace = Pick<EntryView, 'seq' | 'receiveTime'>

/** Both ends are included; left out: from the first entry, to the last. */
export interface ReplayRange {
  readonly from?: Position | undefined
  readonly to?: Position | undefined
}

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/
const WITHOUT_SECONDS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-]\d\d:?\d\d)$/

/** Reads `seq:N`, integer microseconds, or ISO-8601 (a date alone is its midnight in UTC). Undefined: none of them. */
export const parsePosition = (text: string): Position | undefined => {
  const number = /^seq:(\d{1,15})$/.exec(text)?.[1]
  if (number !== undefined) return { kind: 'seq', seq: Number(number) }
  if (/^\d{1,16}$/.test(text)) {
    const value = Number(text)
    return Number.isSafeInteger(value) ? { kind: 'time', time: microsOf(value) } : undefined
  }
  const full = DATE_ONLY.test(text) ? `${text}T00:00:00Z` : text.replace(WITHOUT_SECONDS, '$1:00$2')
  const time = microsFromIso(full)
  return time === undefined ? undefined : { kind: 'time', time }
}

/** True when the entry lies before the position. */
export const isBefore = (entry: EntryPlace, position: Position): boolean =>
  position.kind === 'seq' ? entry.seq < position.seq : entry.receiveTime < position.time

/** True when the entry lies after the position. */
export const isAfter = (entry: EntryPlace, position: Position): boolean =>
  position.kind === 'seq' ? entry.seq > position.seq : entry.receiveTime > position.time

/** True when the entry lies in the range. */
export const isWithin = (entry: EntryPlace, { from, to }: ReplayRange): boolean =>
  (from === undefined || !isBefore(entry, from)) && (to === undefined || !isAfter(entry, to))

/** Where a chunk begins, and where it ends. */
export const endsOf = (header: ChunkHeader): readonly [EntryPlace, EntryPlace] => [
  { seq: header.firstSeq, receiveTime: header.firstReceiveTime },
  { seq: header.lastSeq, receiveTime: header.lastReceiveTime },
]

/** True when a place between both ends of a chunk lies in the range. */
export const touches = (header: ChunkHeader, { from, to }: ReplayRange): boolean => {
  const [first, last] = endsOf(header)
  return !(from !== undefined && isBefore(last, from)) && !(to !== undefined && isAfter(first, to))
}
