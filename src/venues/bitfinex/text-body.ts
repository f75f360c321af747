/** The body of a frame as JSON.parse made it, and with its numbers exact where rows are asked for. */
import type { RowCells } from './exact-cell.ts'
import type { FrameBody } from './frame-body.ts'
import { explain, type RowShape } from './frames.ts'
import { type ExactNumber, parseExactly } from './literals.ts'

/** One object for every frame of a decoder: it is valid only while its frame is decoded. */
export class TextBody implements FrameBody {
  name: string | undefined
  isKnown = false
  private text = ''
  private items: readonly unknown[] = []
  /** Where the tail begins. */
  private end = 0
  private isExact = false
  /** What holds the rows, with exact numbers; undefined where it is no array of a sensible depth. */
  private content: unknown
  /** The content where it is nested. */
  private list: readonly (readonly ExactNumber[])[] | undefined

  take(text: string, items: readonly unknown[], end: number): void {
    const body = end > 1 ? items[1] : undefined
    this.text = text
    this.items = items
    this.end = end
    this.isExact = false
    this.name = typeof body === 'string' ? body : undefined
    this.isKnown = this.name !== undefined || Array.isArray(body)
  }

  get argument(): number | undefined {
    const value = this.end > 2 ? this.items[2] : undefined
    return typeof value === 'number' ? value : undefined
  }

  private makeExact(): void {
    if (this.isExact) return
    this.isExact = true
    const items = parseExactly(this.text, this.items)
    // A name comes before its row.
    const index = this.name === undefined ? 1 : 2
    this.content = Array.isArray(items) && index < this.end ? items[index] : undefined
    this.list = this.name === undefined && isNested(this.content) ? this.content : undefined
  }

  get isList(): boolean {
    this.makeExact()
    return this.list !== undefined
  }

  get rowCount(): number {
    this.makeExact()
    return this.list?.length ?? 1
  }

  refusalOf(shape: RowShape): string | undefined {
    this.makeExact()
    const codec = this.list === undefined ? shape.row : shape.rowList
    return codec.is(this.content) ? undefined : explain(codec, this.content)
  }

  load(index: number, cells: RowCells): void {
    const row = this.list === undefined ? (this.content as readonly ExactNumber[]) : this.list[index]
    cells.first.setParsed(row?.[0] ?? 0)
    cells.second.setParsed(row?.[1] ?? 0)
    cells.third.setParsed(row?.[2] ?? 0)
    cells.fourth.setParsed(row?.[3] ?? 0)
  }
}

/** Nested rows, or none. That all of them are rows is the codec's to say. */
const isNested = (content: unknown): content is readonly (readonly ExactNumber[])[] =>
  Array.isArray(content) && (content.length === 0 || Array.isArray(content[0]))
