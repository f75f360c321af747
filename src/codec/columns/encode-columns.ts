/** Makes the payload of a columnar chunk of scanned entries: places, families, columns, tables, blocks. */
import { Buffer } from 'node:buffer'

import type { ColumnHints } from '../../log/column-hints.ts'
import { RECORD_HEADER_BYTES } from '../../log/entry.ts'
import type { ChunkScan } from '../chunk-scan.ts'
import type { TemplateScope } from '../template/template-scope.ts'
import { BlockWriter } from './block-stream.ts'
import { MalformedColumns } from './byte-stream.ts'
import { clearedRoom, giveRoom } from './column-room.ts'
import { COLUMNS_HEAD } from './columns-head.ts'
import { differingEntries } from './differing-entries.ts'
import { entryColumns, type EntryHeads } from './entry-columns.ts'
import { chooseFamilies } from './family-choice.ts'
import { type IdPlanes, splitIds } from './id-planes.ts'
import type { Layout, StoredPlace } from './layout.ts'
import { openColumns } from './open-columns.ts'
import type { ContentLimits } from './open-directory.ts'
import type { Place, PlacedSlot } from './place.ts'
import { RowSurvey, type ScannedRows } from './row-survey.ts'
import { ColumnBuffer, RowWriter } from './row-writer.ts'
import type { Family } from './slot-family.ts'
import { settleScales } from './slot-scales.ts'
import { type TokenColumn, tokenise } from './token-writer.ts'
import { writeLayout } from './write-layout.ts'

/** Tokens that fill a block; larger columns have one of their own. */
const SEGMENT_TOKENS = 16_384
/** Brotli's qualities. */
interface Qualities {
  readonly tokens: number
  readonly tables: number
  readonly verbatim: number
}
const FAST: Qualities = { tokens: 4, tables: 6, verbatim: 5 }
/** Takes ten times as long for each byte. */
const SMALLEST: Qualities = { tokens: 10, tables: 11, verbatim: 11 }
/** Of tokens, skeletons, texts and verbatim payloads together: so much is made as small as it can be. */
const SMALL_BYTES = 262_144
const MOST_ATTEMPTS = 3

const storedSlot = (
  slot: PlacedSlot,
  families: ReadonlyMap<Family, number>,
): StoredPlace['slots'][number] => ({
  family: slot.family === undefined ? -1 : (families.get(slot.family) ?? -1),
  constant: slot.first,
  constantScale: slot.firstScale,
  follow: slot.follow,
  children: slot.children.map(({ number }) => number),
})

const storedPlaces = (places: readonly Place[], families: readonly Family[]): StoredPlace[] => {
  const numbers = new Map(families.map((family, number) => [family, number]))
  return places.map(({ template, slots }) => ({
    template,
    slots: slots.map((slot) => storedSlot(slot, numbers)),
  }))
}

/** How many columns go into each block. */
const segmentsOf = (columns: readonly TokenColumn[]): number[] => {
  const segments: number[] = []
  let held = 0
  let tokens = 0
  for (const column of columns) {
    if (held > 0 && tokens + column.tokens.length > SEGMENT_TOKENS) {
      segments.push(held)
      held = 0
      tokens = 0
    }
    held++
    tokens += column.tokens.length
  }
  if (held > 0) segments.push(held)
  return segments
}

const lengthsOf = (parts: readonly Uint8Array[]): ColumnBuffer => {
  const lengths = new ColumnBuffer(false)
  for (const { length } of parts) lengths.push(length)
  return lengths
}

/** What is encoded: the entries of a chunk, some of them verbatim. */
interface Entries {
  readonly heads: EntryHeads
  readonly rows: ScannedRows
  readonly scope: TemplateScope
  /** Payloads of those that stay verbatim. */
  readonly verbatim: readonly Uint8Array[]
  readonly firstSeq: number
}

const headsOf = ({ entries, arrays }: ChunkScan): EntryHeads => ({
  kindsAndFlags: arrays.kindsAndFlags.subarray(0, entries),
  connections: arrays.connections.subarray(0, entries),
  receiveTimes: arrays.receiveTimes.subarray(0, entries),
})

const verbatimOf = ({ arrays, packed }: ChunkScan, templates: Int32Array): Uint8Array[] => {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const payloads: Uint8Array[] = []
  templates.forEach((template, entry) => {
    if (template >= 0) return
    const at = arrays.starts[entry] ?? 0
    const payload = at + RECORD_HEADER_BYTES
    payloads.push(packed.subarray(payload, payload + view.getUint32(at, true)))
  })
  return payloads
}

const entriesOf = (scan: ChunkScan): Entries => {
  const heads = headsOf(scan)
  const { scope, values, scales, end: length } = scan.rows
  const entryTemplates = scan.arrays.templates.subarray(0, scan.entries)
  const rows: ScannedRows = {
    templates: scope.templates,
    values,
    scales,
    length,
    idCount: scope.ids.count,
    textCount: scope.texts.count,
    entryTemplates,
    receiveTimes: heads.receiveTimes,
  }
  const verbatim = verbatimOf(scan, entryTemplates)
  return { heads, rows, scope, verbatim, firstSeq: scan.seq - scan.entries + 1 }
}

const concatenated = (columns: readonly TokenColumn[], part: 'tokens' | 'bits'): Buffer =>
  Buffer.concat(columns.map((column) => column[part]))

interface Encoded {
  readonly payload: Uint8Array
  readonly survey: RowSurvey
}

const encode = ({ heads, rows, scope, verbatim, firstSeq }: Entries, hints: ColumnHints): Encoded => {
  const survey = new RowSurvey(rows, hints)
  const { tree, ids, texts } = survey
  settleScales(tree)
  const families = chooseFamilies(rows, survey)
  const written = new RowWriter(rows, survey, families)
  const entry = entryColumns(heads, survey.entryPlaces)
  const skeletons = scope.templates.map((_, template) => scope.skeletonOf(template))
  const textParts = Array.from({ length: texts.count }, (_, text) =>
    scope.texts.bytes(texts.order[text] ?? 0),
  )
  const buffers = [...written.columns, ...entry.columns, lengthsOf(textParts), lengthsOf(verbatim)]
  const columns = buffers.map((buffer) => tokenise(buffer, buffer.scales !== undefined))
  const planes = splitIds(scope.ids.bytes(), ids.order, ids.count)
  const segments = segmentsOf(columns)
  const layout: Layout = {
    firstSeq,
    firstReceiveTime: heads.receiveTimes[0] ?? 0,
    entries: survey.entryPlaces.length,
    scalars: rows.length,
    skeletonLengths: skeletons.map(({ length }) => length),
    textCount: texts.count,
    idCount: ids.count,
    idMask: planes.mask,
    verbatimCount: verbatim.length,
    fieldCount: tree.fields.size,
    groupCount: tree.groupCount,
    tableCount: tree.tableCount,
    families,
    places: storedPlaces(tree.places, families),
    classes: entry.classes,
    classColumns: entry.classColumns,
    timeColumns: entry.timeColumns,
    columns: columns.map(({ ranges, isScaled }, index) => ({
      length: buffers[index]?.length ?? 0,
      ranges,
      isScaled,
    })),
    segments,
  }
  const tables = Buffer.concat([...skeletons, ...textParts])
  return { payload: blocksOf(layout, tables, planes, columns, verbatim), survey }
}

const blocksOf = (
  layout: Layout,
  tables: Uint8Array,
  planes: IdPlanes,
  columns: readonly TokenColumn[],
  verbatim: readonly Uint8Array[],
): Uint8Array => {
  const blocks = new BlockWriter()
  const kept = Buffer.concat(verbatim)
  const bytes = columns.reduce((sum, { tokens }) => sum + tokens.length, tables.length + kept.length)
  const quality = bytes > SMALL_BYTES ? FAST : SMALLEST
  blocks.add(writeLayout(layout), quality.tables)
  blocks.add(tables, quality.tables)
  blocks.add(planes.others, FAST.tokens)
  blocks.add(planes.random, 0)
  blocks.add(concatenated(columns, 'bits'), 0)
  let first = 0
  for (const count of layout.segments) {
    blocks.add(concatenated(columns.slice(first, first + count), 'tokens'), quality.tokens)
    first += count
  }
  blocks.add(kept, quality.verbatim)
  return blocks.finish(COLUMNS_HEAD)
}

/** The same entries, some of them verbatim instead. */
const withVerbatim = (
  scan: ChunkScan,
  entries: Entries,
  hints: ColumnHints,
  chosen: ReadonlySet<number>,
): Entries => {
  const { rows } = entries
  const { rowStarts } = new RowSurvey(rows, hints)
  const entryTemplates = rows.entryTemplates.map((template, entry) => (chosen.has(entry) ? -1 : template))
  const values = new Float64Array(rows.length)
  const scales = new Uint8Array(rows.length)
  let length = 0
  entryTemplates.forEach((template, entry) => {
    if (template < 0) return
    const start = rowStarts[entry] ?? 0
    const end = rowStarts[entry + 1] ?? 0
    values.set(rows.values.subarray(start, end), length)
    scales.set(rows.scales.subarray(start, end), length)
    length += end - start
  })
  return {
    ...entries,
    rows: { ...rows, entryTemplates, values, scales, length },
    verbatim: verbatimOf(scan, entryTemplates),
  }
}

/** What reads back otherwise than it was; undefined: the payload cannot be read at all. */
const checked = (
  { payload, survey }: Encoded,
  entries: Entries,
  limits: ContentLimits,
): ReadonlySet<number> | undefined => {
  try {
    // Cleared: what an earlier chunk left in a kept room must not pass for what was read.
    const opened = openColumns(payload, limits, clearedRoom)
    const differing = differingEntries(opened, entries, survey)
    giveRoom(opened.room)
    return differing
  } catch (error) {
    if (error instanceof MalformedColumns) return undefined
    throw error
  }
}

/**
 * Makes the payload, and reads it back: an entry whose row is not the one that was scanned stays verbatim. `scan` has come
 * to its end and holds one entry at least; `verbatim`: entries that are to stay so in any case. Undefined: no payload that
 * reads back could be made.
 */
export const encodeColumns = (
  scan: ChunkScan,
  hints: ColumnHints,
  verbatim: ReadonlySet<number> = new Set(),
): Uint8Array | undefined => {
  const scanned = entriesOf(scan)
  const limits = { entries: scan.entries, rawBytes: scan.packed.length - scan.entries * RECORD_HEADER_BYTES }
  let chosen = verbatim
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const entries = chosen.size === 0 ? scanned : withVerbatim(scan, scanned, hints, chosen)
    const encoded = encode(entries, hints)
    const differing = checked(encoded, entries, limits)
    if (differing?.size === 0) return encoded.payload
    chosen = new Set([...chosen, ...(differing ?? scanned.rows.entryTemplates.keys())])
  }
  return undefined
}
