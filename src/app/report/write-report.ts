/** Writes the report of one stream: collects it in one replay, renders it, and gives it its name when it is complete. */
import { Buffer } from 'node:buffer'

import { ExportProblem } from '../../export/export-problem.ts'
import type { EventStore } from '../../log/event-store.ts'
import { splitArchive, splitStreamId, type StreamId } from '../../market/instrument.ts'
import type { Micros } from '../../market/time.ts'
import { visitAll } from '../../replay/derived/visit-all.ts'
import type { ReplayRange } from '../../replay/position.ts'
import type { ReplaySummary } from '../../replay/replay-summary.ts'
import type { ReplayVisitor } from '../../replay/stream-state.ts'
import { visit } from '../../replay/visit.ts'
import { ReportCollector } from '../../report/collecting/report-collector.ts'
import { TimeColumns } from '../../report/collecting/time-columns.ts'
import { renderReport } from '../../report/render-report.ts'
import type { Incident, Report, ReportFigures } from '../../report/report.ts'
import { attempt, createFile, standingAt, toStdout } from '../export/export-file.ts'
import { venueOfStream } from '../production.ts'
import { OpenThreads } from '../replaying/open-threads.ts'
import { breathe } from '../replaying/pacing.ts'
import { SOFTWARE } from '../software.ts'
import { type RangeFacts, rangeFacts } from './range-facts.ts'

export interface ReportRequest {
  readonly stream: StreamId
  readonly range: ReplayRange
  /** Undefined: stdout. */
  readonly out: string | undefined
  /** A file that is there already is replaced. */
  readonly overwrite: boolean
  /** Told now and then how many further entries were passed. */
  readonly onEntries?: ((entries: number) => void) | undefined
}

const MOST_INCIDENTS = 200

/** When the entries with these numbers were received; in order. */
const timesOf = (wanted: readonly number[], times: Map<number, Micros>): ReplayVisitor => {
  let next = 0
  return {
    entryEnded: ({ seq, receiveTime }) => {
      while ((wanted[next] ?? Infinity) <= seq) times.set(wanted[next++] ?? 0, receiveTime)
    },
  }
}

const figuresOf = (facts: RangeFacts, summary: ReplaySummary): ReportFigures => {
  const { events, trades, gaps, disconnects, checksums, undecodedFrames } = summary
  const { entries, firstSeq, lastSeq, frames, missingEntries, decoderVersions, head } = facts
  const [stream] = summary.streams
  return {
    ...{ entries, firstSeq, lastSeq, frames, events, trades, gaps, disconnects, checksums, undecodedFrames },
    ...{ missingEntries, decoderVersions, head },
    book: {
      valid: stream?.valid ?? false,
      reason: stream?.reason ?? null,
      verified: stream?.verified ?? false,
      digest: stream?.digest ?? '',
      digestSeq: stream?.digestSeq ?? 0,
      bestBid: stream?.bestBid ?? null,
      bestAsk: stream?.bestAsk ?? null,
    },
  }
}

const namesOf = (stream: StreamId): Pick<Report, 'venue' | 'base' | 'quote'> => {
  const { venue, pair } = splitStreamId(stream) ?? { venue: '', pair: stream }
  const name = splitArchive(pair)?.name ?? pair
  const dash = name.indexOf('-')
  return {
    venue: venueOfStream(stream)?.name ?? venue,
    base: dash < 0 ? name : name.slice(0, dash),
    quote: dash < 0 ? '' : name.slice(dash + 1),
  }
}

const collect = async (store: EventStore, request: ReportRequest): Promise<Report> => {
  const { stream, range, onEntries } = request
  const facts = await rangeFacts(store, stream, range)
  if (facts === undefined)
    throw new ExportProblem(`The range holds no entry of ${stream}: there is nothing to report.`)
  const collector = new ReportCollector(new TimeColumns(facts.start, facts.end))
  const gaps = facts.gaps.slice(0, MOST_INCIDENTS)
  const disconnects = facts.disconnects.slice(0, MOST_INCIDENTS)
  const seqs = [...gaps, ...disconnects].map(({ seq }) => seq).sort((one, other) => one - other)
  const times = new Map<number, Micros>()
  const opener = new OpenThreads()
  try {
    const options = {
      ...{ venueOf: venueOfStream, streams: [stream], range: facts.range, opener, onEntries, breathe },
    }
    const summary = await visit(store, options, visitAll([collector.visitor(), timesOf(seqs, times)]))
    const told = (incident: { readonly seq: number; readonly cause: string }): Incident => ({
      expected: '',
      found: '',
      ...incident,
      time: times.get(incident.seq),
    })
    return {
      stream,
      ...namesOf(stream),
      software: SOFTWARE,
      figures: figuresOf(facts, summary),
      gaps: gaps.map(told),
      disconnects: disconnects.map(told),
      collected: collector,
    }
  } finally {
    await opener.close()
  }
}

const checkTarget = async (out: string, overwrite: boolean): Promise<void> => {
  const standing = await attempt(out, () => Promise.resolve(standingAt(out)))
  if (standing === 'folder') throw new ExportProblem(`${out} is a folder: name a file in it.`)
  if (standing === 'file' && !overwrite)
    throw new ExportProblem(`${out} exists already: name another file, or add --overwrite.`)
}

/** Bytes written. Throws ExportProblem, with one sentence for people, StoreFailure and ReplayFailure. */
export const writeReport = async (store: EventStore, request: ReportRequest): Promise<number> => {
  const { out, overwrite } = request
  if (out !== undefined) await checkTarget(out, overwrite)
  // Begun first: a place that cannot be written to is told before the work.
  const file = out === undefined ? toStdout() : await createFile(out)
  try {
    await file.write(Buffer.from(renderReport(await collect(store, request))))
    return (await file.finish()).bytes
  } catch (error) {
    await file.abandon()
    throw error
  }
}
