/** CSV and JSON lines. Exact decimals; CSV has times as ISO-8601 unless told otherwise, JSON lines as whole microseconds. */
import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'

import { DAY } from '../../market/time.ts'
import { cellText, numberAt, type Spelling } from '../columns/cell-text.ts'
import type { Batch, ColumnData } from '../columns/column-data.ts'
import type { ColumnShape } from '../columns/definition.ts'
import type { FileEncoder, FilePlan } from './format.ts'

const BLOCK_CHARACTERS = 1 << 20

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Which kinds of values JSON writes without quotes. */
const BARE: ReadonlySet<ColumnShape['kind']> = new Set(['integer', 'time', 'number', 'flag'])

abstract class LineEncoder implements FileEncoder {
  protected readonly plan: FilePlan

  constructor(plan: FilePlan) {
    this.plan = plan
  }

  encode(batch: Batch): readonly Uint8Array[] {
    const pieces: Uint8Array[] = []
    const line = this.lines(batch)
    let block = this.names()
    for (let row = 0; row < batch.rows; row++) {
      block += line(row)
      if (block.length < BLOCK_CHARACTERS) continue
      pieces.push(Buffer.from(block, 'utf8'))
      block = ''
    }
    if (block !== '') pieces.push(Buffer.from(block, 'utf8'))
    return pieces
  }

  end(): readonly Uint8Array[] {
    const names = this.names()
    return names === '' ? [] : [Buffer.from(names, 'utf8')]
  }

  /** What stands in front of the first row; empty afterwards. */
  protected abstract names(): string
  protected abstract lines(batch: Batch): (row: number) => string

  protected cells(batch: Batch, spelling: Spelling): readonly ((row: number) => string | undefined)[] {
    return this.plan.shapes.map((shape, index) => {
      const data: ColumnData | undefined = batch.columns[index]
      if (data === undefined) throw new Error('a batch has every column')
      return cellText(shape, data, spelling)
    })
  }
}

/** Which CSV it is. */
interface CsvForm {
  /** Whether a line of names stands in front. */
  readonly hasNames: boolean
  /** `from-midnight`: of the day (UTC) of the first row, in seconds. */
  readonly times: 'iso' | 'micros' | 'from-midnight'
  readonly decimals: Spelling['decimals']
}

const OWN_FORM: CsvForm = { hasNames: true, times: 'iso', decimals: 'exact' }

/** As those who sell normalised market data write it. */
export const TARDIS_FORM: CsvForm = { hasNames: true, times: 'micros', decimals: 'shortest' }

/** Numbers alone. */
export const LOBSTER_FORM: CsvForm = { hasNames: false, times: 'from-midnight', decimals: 'units' }

/** A line of names, then a line a row; what is absent is empty. */
export class CsvEncoder extends LineEncoder {
  private readonly form: CsvForm
  private hasBegun = false
  private midnight: number | undefined

  constructor(plan: FilePlan, form: CsvForm = OWN_FORM) {
    super(plan)
    this.form = form
  }

  protected names(): string {
    if (this.hasBegun || !this.form.hasNames) return ''
    this.hasBegun = true
    return `${this.plan.shapes.map(({ name }) => name).join(',')}\n`
  }

  private timesOf(batch: Batch): Spelling['times'] {
    const { times } = this.form
    if (times !== 'from-midnight') return times
    const place = this.plan.shapes.findIndex(({ kind }) => kind === 'time')
    const first = numberAt(batch.columns[place]?.words ?? new Int32Array(2), 0)
    this.midnight ??= Math.floor(first / DAY) * DAY
    return { midnight: this.midnight }
  }

  protected lines(batch: Batch): (row: number) => string {
    const cells = this.cells(batch, { times: this.timesOf(batch), decimals: this.form.decimals })
    const isText = this.plan.shapes.map(({ kind }) => kind === 'text')
    return (row) => {
      let line = ''
      for (let column = 0; column < cells.length; column++) {
        const text = cells[column]?.(row) ?? ''
        line += (column === 0 ? '' : ',') + (isText[column] === true ? quoted(text) : text)
      }
      return `${line}\n`
    }
  }
}

/** An object a row; what is absent is null, decimals are texts. */
export class JsonLinesEncoder extends LineEncoder {
  protected names(): string {
    return ''
  }

  protected lines(batch: Batch): (row: number) => string {
    const cells = this.cells(batch, { times: 'micros', decimals: 'exact' })
    const names = this.plan.shapes.map(({ name }) => JSON.stringify(name))
    const isBare = this.plan.shapes.map(({ kind }) => BARE.has(kind))
    return (row) => {
      let line = ''
      for (let column = 0; column < cells.length; column++) {
        const text = cells[column]?.(row)
        const value = text === undefined ? 'null' : isBare[column] === true ? text : JSON.stringify(text)
        line += `${column === 0 ? '{' : ','}${names[column] ?? ''}:${value}`
      }
      return `${line}}\n`
    }
  }
}

/** Another encoder's pieces, compressed one by one: a reader of gzip sees one text. */
export class GzipEncoder implements FileEncoder {
  private readonly inner: FileEncoder
  private isEmpty = true

  constructor(inner: FileEncoder) {
    this.inner = inner
  }

  private compressed(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    if (pieces.length > 0) this.isEmpty = false
    return pieces.map((piece) => gzipSync(piece, { level: 6 }))
  }

  encode(batch: Batch): readonly Uint8Array[] {
    return this.compressed(this.inner.encode(batch))
  }

  end(): readonly Uint8Array[] {
    const last = this.compressed(this.inner.end())
    return this.isEmpty ? [gzipSync(new Uint8Array(0))] : last
  }
}
