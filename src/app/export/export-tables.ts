/** Exports a table: replays what the store holds into rows, and writes their files, one after the other. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { type ColumnNote, columnNotes } from '../../export/columns/column-notes.ts'
import { RowBuffer } from '../../export/columns/row-buffer.ts'
import { ExportProblem } from '../../export/export-problem.ts'
import { isForeign, tableFor } from '../../export/foreign/foreign-tables.ts'
import type { FileNotes } from '../../export/formats/format.ts'
import { STREAM } from '../../export/tables/common-columns.ts'
import type { EntryTable, Table, TableOptions } from '../../export/tables/table.ts'
import type { EventStore } from '../../log/event-store.ts'
import { decimalText } from '../../market/decimal.ts'
import { microsOf, microsToIso } from '../../market/time.ts'
import type { Position } from '../../replay/position.ts'
import { visit } from '../../replay/visit.ts'
import { venueOfStream } from '../production.ts'
import { OpenThreads } from '../replaying/open-threads.ts'
import { breathe } from '../replaying/pacing.ts'
import { SOFTWARE, SOFTWARE_VERSION } from '../software.ts'
import { Encoding } from './encoding.ts'
import {
  attempt,
  createFile,
  type ExportFile,
  standingAt,
  toStdout,
  type WrittenFile,
} from './export-file.ts'
import { type ExportPart, exportParts } from './export-parts.ts'
import type { ExportRequest, ExportSummary } from './export-request.ts'

/** What stands beside a file that cannot tell of itself, or of a part of a folder. */
interface FileNote extends WrittenFile {
  /** SHA-256 over what was asked for and what it was made of: the same again gives the same file. */
  readonly request: string
  readonly rows: number
  readonly notes: Readonly<Record<string, string>>
  readonly columns: Readonly<Record<string, ColumnNote>>
}

const positionText = (position: Position | undefined): string =>
  position === undefined
    ? ''
    : position.kind === 'seq'
      ? `seq:${String(position.seq)}`
      : microsToIso(position.time)

/** Microseconds, or the amount that ends a bar; empty where rows do not tell of intervals. */
const everyText = (every: number | undefined, rule: ExportRequest['barRule']): string => {
  if (rule === undefined) return every === undefined ? '' : String(every)
  return rule.by === 'trades'
    ? `${String(rule.trades)} trades`
    : `${decimalText(rule.volume, rule.sizeScale)} volume`
}

const tableOf = (
  request: ExportRequest,
): { readonly table: Table | EntryTable; readonly options: TableOptions } => {
  const table = tableFor(request.kind, request.format)
  const { streams, levels, layout, onChange, barRule } = request
  const every =
    onChange || barRule !== undefined
      ? undefined
      : (request.every ?? ('usualEvery' in table ? table.usualEvery : undefined))
  return { table, options: { streams, levels, layout, every, barRule } }
}

/** Throws ExportProblem for what a format cannot do. */
const checkFormat = ({ format, target, streams, columns, where, scales }: ExportRequest): void => {
  if (!isForeign(format)) return
  const name = format.replace('.gz', '')
  if (format === 'npz' && target.kind === 'stdout')
    throw new ExportProblem('npz says at its beginning how many rows follow, which is known at the end: name a file with --out.')
  if (columns !== undefined || where !== undefined)
    throw new ExportProblem(`--columns and --where do not go with ${name}, which has columns of its own.`)
  if (name === 'lobster' && scales.asFloats)
    throw new ExportProblem('--floats does not go with lobster, which has whole numbers alone.')
  if (!name.startsWith('tardis') && target.kind !== 'folder' && streams.length > 1)
    throw new ExportProblem(`A file of ${name} holds one stream: name one, or a folder for a file each stream and day.`)
} // prettier-ignore

class TableExport {
  private readonly store: EventStore
  private readonly request: ExportRequest
  private readonly table: Table | EntryTable
  private readonly options: TableOptions
  private readonly encoding = new Encoding()
  private readonly opener = new OpenThreads()
  private readonly every: number | undefined

  constructor(store: EventStore, request: ExportRequest) {
    const { table, options } = tableOf(request)
    this.store = store
    this.request = request
    this.table = table
    this.every = options.every
    this.options = options
  }

  async run(): Promise<ExportSummary> {
    checkFormat(this.request)
    const parts = await exportParts(this.store, this.request, this.every)
    const summary = { files: parts.length, skipped: 0, rows: 0, bytes: 0 }
    try {
      for (const part of parts) {
        const earlier = await this.earlier(part)
        const note = earlier ?? (await this.write(part))
        if (earlier !== undefined) {
          summary.skipped++
          this.request.onEntries?.(part.entries)
        }
        summary.rows += note.rows
        summary.bytes += note.bytes
      }
    } finally {
      await this.encoding.close()
      await this.opener.close()
    }
    return summary
  }

  private notePath({ path: name }: ExportPart): string | undefined {
    const { format, target } = this.request
    if (name === undefined) return undefined
    if (target.kind === 'folder') return path.join(path.dirname(name), `_${path.basename(name)}.json`)
    return format === 'parquet' || format.startsWith('arrow') ? undefined : `${name}.meta.json`
  }

  /** The note of a file that an earlier run finished; undefined: it is to be written. Throws where another one is there. */
  private async earlier(part: ExportPart): Promise<FileNote | undefined> {
    const { path: name } = part
    if (name === undefined) return undefined
    const standing = await attempt(name, () => Promise.resolve(standingAt(name)))
    if (standing === 'folder') throw new ExportProblem(`${name} is a folder: name a file in it.`)
    if (standing !== 'file' || this.request.overwrite) return undefined
    const note = this.request.target.kind === 'folder' ? await this.readNote(part) : undefined
    if (note?.request === this.requestDigest(part)) {
      const content = await attempt(name, async () => await readFile(name))
      if (createHash('sha256').update(content).digest('hex') === note.sha256) return note
    }
    throw new ExportProblem(
      this.request.target.kind === 'folder'
        ? `${name} exists already and is another export: name another folder, or add --overwrite.`
        : `${name} exists already: name another file, or add --overwrite.`,
    )
  }

  private async readNote(part: ExportPart): Promise<FileNote | undefined> {
    const name = this.notePath(part)
    if (name === undefined) return undefined
    try {
      return JSON.parse(await readFile(name, 'utf8')) as FileNote
    } catch {
      return undefined
    }
  }

  private requestDigest(part: ExportPart): string {
    const { kind, format, scales, columns, where, layout, levels, barRule } = this.request
    const { streams, range, from, until, source } = part
    const asked = [kind, format, scales, columns, where, layout, levels, this.every ?? null, barRule]
    const parts = [streams, positionText(range.from), positionText(range.to), String(from), String(until), source]
    return createHash('sha256').update(JSON.stringify([SOFTWARE, asked, parts])).digest('hex')
  } // prettier-ignore

  private notes(part: ExportPart): FileNotes {
    const { kind, scales, where, barRule } = this.request
    const { streams, range, from, until, source } = part
    const instant = (time: number): string => (Number.isFinite(time) ? microsToIso(microsOf(time)) : '')
    return new Map([
      ['bookreel.kind', kind],
      ['bookreel.streams', streams.join(',')],
      ['bookreel.from', instant(from) || positionText(range.from)],
      ['bookreel.to', instant(until - 1) || positionText(range.to)],
      ['bookreel.price_scale', scales.asFloats ? 'float64' : String(scales.price)],
      ['bookreel.size_scale', scales.asFloats ? 'float64' : String(scales.size)],
      ['bookreel.every', everyText(this.every, barRule)],
      ['bookreel.where', where?.map(({ column, comparison, text }) => `${column} ${comparison} ${text}`).join(' and ') ?? ''],
      ['bookreel.software', SOFTWARE_VERSION],
      ['bookreel.source', source],
    ])
  } // prettier-ignore

  private async write(part: ExportPart): Promise<FileNote> {
    const notes = this.notes(part)
    const rows = this.newRows(part)
    let count = 0
    const buffer = rows((batchRows) => {
      count += batchRows
    })
    const file = part.path === undefined ? toStdout() : await createFile(part.path)
    let note: FileNote
    try {
      const plan = { shapes: buffer.shapes(), notes, sortedBy: part.streams.length === 1 ? 'seq' : 'fill' in this.table ? undefined : 'receive_time' } // prettier-ignore
      await this.encoding.begin(this.request.format, plan, file.write.bind(file))
      await this.replay(part, buffer)
      const head = await this.encoding.end()
      if (head.length > 0) await file.writeHead(head)
      const written = await file.finish()
      note = {
        request: this.requestDigest(part),
        rows: count,
        ...written,
        notes: Object.fromEntries(notes),
        columns: columnNotes(plan.shapes),
      }
    } catch (error) {
      await file.abandon()
      throw error
    }
    await this.writeNote(part, note)
    return note
  }

  private newRows(part: ExportPart): (onRows: (rows: number) => void) => RowBuffer {
    const { columns, where, scales, target } = this.request
    const definition = this.table.define(this.options)
    const all = definition.columns.map(({ name }) => name)
    // The path of a part names its stream.
    const usual = target.kind === 'folder' ? all.filter((name) => name !== STREAM) : all
    return (onRows) => {
      const buffer = new RowBuffer(definition, {
        scales,
        selected: columns ?? usual,
        where,
        onBatch: (batch) => {
          onRows(batch.rows)
          this.encoding.add(batch)
        },
      })
      buffer.from = part.from
      buffer.until = part.until
      return buffer
    }
  }

  private async replay({ streams, range }: ExportPart, buffer: RowBuffer): Promise<void> {
    const { table } = this
    if ('fill' in table) {
      await table.fill(this.store, { streams, range }, buffer, async (entries) => {
        this.request.onEntries?.(entries)
        await this.encoding.room()
        await breathe()
      })
      buffer.flush()
      return
    }
    const options = {
      venueOf: venueOfStream,
      streams,
      range,
      opener: this.opener,
      mayBeEmpty: true,
      onEntries: this.request.onEntries,
      breathe: async (): Promise<void> => {
        await this.encoding.room()
        await breathe()
      },
    }
    await visit(this.store, options, table.visitor(buffer, this.options))
    buffer.flush()
  }

  private async writeNote(part: ExportPart, note: FileNote): Promise<void> {
    const name = this.notePath(part)
    if (name === undefined) return
    const file: ExportFile = await createFile(name)
    await file.write(new TextEncoder().encode(`${JSON.stringify(note)}\n`))
    await file.finish()
  }
}

/** Throws ExportProblem for a table, columns or conditions that are none. Reads nothing. */
export const checkRequest = (request: ExportRequest): void => {
  checkFormat(request)
  const { table, options } = tableOf(request)
  const { scales, columns: selected, where } = request
  new RowBuffer(table.define(options), { scales, selected, where, capacity: 1, onBatch: () => undefined })
}

/** Throws ExportProblem, with one sentence for people, StoreFailure and ReplayFailure. */
export const exportTable = async (store: EventStore, request: ExportRequest): Promise<ExportSummary> =>
  await new TableExport(store, request).run()
