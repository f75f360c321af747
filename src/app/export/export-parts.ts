/** Cuts an export into its files: one, or one for each stream and day that holds entries. */
import { createHash } from 'node:crypto'
import path from 'node:path'

import { ExportProblem } from '../../export/export-problem.ts'
import { EXTENSIONS } from '../../export/formats/new-encoder.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { DAY, microsOf, microsToIso, MINUTE } from '../../market/time.ts'
import { type ReplayRange, touches } from '../../replay/position.ts'
import type { ExportRequest } from './export-request.ts'

/** One file. */
export interface ExportPart {
  /** Undefined: stdout. */
  readonly path: string | undefined
  readonly streams: readonly StreamId[]
  readonly range: ReplayRange
  /** Rows of times outside are another file's: microseconds, the second one excluded. */
  readonly from: number
  readonly until: number
  /** What of the log it is made of: SHA-256 over the heads of the chain, hex. */
  readonly source: string
  readonly entries: number
}

interface Held {
  readonly stream: StreamId
  readonly headers: readonly ChunkHeader[]
}

const sourceOf = (held: readonly Held[]): string => {
  const hash = createHash('sha256')
  for (const { stream, headers } of held) {
    hash.update(`${stream}\n`)
    for (const { firstSeq, lastSeq, chainBefore, chainAfter } of headers)
      hash.update(`${String(firstSeq)} ${String(lastSeq)} ${chainBefore} ${chainAfter}\n`)
  }
  return hash.digest('hex')
}

const entriesOf = (held: readonly Held[]): number =>
  held.reduce((sum, { headers }) => sum + headers.reduce((own, { entries }) => own + entries, 0), 0)

/** A stream in the name of a folder: what stands for itself in no path is written as %XX, as readers expect. */
const folderOf = (stream: StreamId): string => `stream=${encodeURIComponent(stream)}`

/** Intervals that begin or end at midnight are told whole: the replay begins this much earlier, and goes on this much longer. */
const leadOf = (every: number | undefined): number => (every === undefined ? 0 : Math.max(every, MINUTE))
const restOf = (every: number | undefined): number =>
  every === undefined ? 0 : DAY % every === 0 ? 1 : every + 1

const dayPart = (
  { stream, headers }: Held,
  day: number,
  request: ExportRequest,
  root: string,
  every: number | undefined,
): ExportPart | undefined => {
  const { from: first, to: last } = request.range
  const from = Math.max(day, first?.kind === 'time' ? first.time : -Infinity)
  const end = Math.min(day + DAY - 1, last?.kind === 'time' ? last.time : Infinity)
  const within = (begin: number, until: number): ReplayRange => ({
    from: { kind: 'time', time: microsOf(begin) },
    to: { kind: 'time', time: microsOf(until) },
  })
  const inDay = within(from, end)
  if (!headers.some((header) => touches(header, inDay))) return undefined
  const isCut = from > day
  const isOpen = end === day + DAY - 1
  const range = within(isCut ? from : day - leadOf(every), isOpen ? end + restOf(every) : end)
  const held = { stream, headers: headers.filter((header) => touches(header, range)) }
  const date = `date=${microsToIso(microsOf(day)).slice(0, 10)}`
  return {
    path: path.join(root, folderOf(stream), date, `part-0${EXTENSIONS[request.format]}`),
    streams: [stream],
    range,
    // Other rows begin with what rests already, which the entry before told.
    from: every === undefined ? -Infinity : from,
    until: every === undefined ? Infinity : day + DAY,
    source: sourceOf([held]),
    entries: entriesOf([held]),
  }
}

const dayParts = (
  held: readonly Held[],
  request: ExportRequest,
  root: string,
  every: number | undefined,
): readonly ExportPart[] => {
  const { from, to } = request.range
  if (from?.kind === 'seq' || to?.kind === 'seq')
    throw new ExportProblem('Entries (seq:N) bound one file: name a file in --out, or give instants.')
  const parts: ExportPart[] = []
  for (const one of held) {
    const days = new Set<number>()
    for (const { firstReceiveTime, lastReceiveTime } of one.headers)
      for (let day = Math.floor(firstReceiveTime / DAY) * DAY; day <= lastReceiveTime; day += DAY)
        days.add(day)
    for (const day of days) {
      const part = dayPart(one, day, request, root, every)
      if (part !== undefined) parts.push(part)
    }
  }
  return parts
}

/** `every`: of tables that tell of intervals, microseconds. Throws ExportProblem where the range holds nothing. */
export const exportParts = async (
  store: EventStore,
  request: ExportRequest,
  every: number | undefined,
): Promise<readonly ExportPart[]> => {
  const { streams, range, target } = request
  const held: Held[] = []
  for (const stream of streams) {
    const headers = await store.headers(stream)
    held.push({ stream, headers: headers.filter((header) => touches(header, range)) })
  }
  const parts =
    target.kind === 'folder'
      ? dayParts(held, request, target.path, every)
      : [
          {
            path: target.kind === 'file' ? target.path : undefined,
            streams,
            range,
            from: -Infinity,
            until: Infinity,
            source: sourceOf(held),
            entries: entriesOf(held),
          },
        ]
  if (parts.every(({ entries }) => entries === 0))
    throw new ExportProblem(`The range holds no entry of ${streams.join(', ')}: there is nothing to export.`)
  return parts
}
