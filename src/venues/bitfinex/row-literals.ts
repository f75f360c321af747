/** Number texts of the rows that JavaScript would write differently. Normally empty: the checksum needs them where not. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { ExactCell } from './exact-cell.ts'

export class RowLiterals {
  private entries = new Map<string, string>()

  get isEmpty(): boolean {
    return this.entries.size === 0
  }

  /** The checksum entry of a row as it came, or undefined where the book's own numbers print the same. */
  find(key: string): string | undefined {
    return this.entries.size === 0 ? undefined : this.entries.get(key)
  }

  /** Nothing of this row needs noting and nothing is noted that it could replace: its key need not be made. */
  passes(first: ExactCell, amount: ExactCell): boolean {
    return this.isEmpty && first.isPlain && amount.isPlain
  }

  /** A row came under this key: its first number and its amount. */
  note(key: string, first: ExactCell, amount: ExactCell): void {
    if (first.isPlain && amount.isPlain) this.forget(key)
    else this.entries.set(key, `${first.text}:${amount.text}`)
  }

  forget(key: string): void {
    if (this.entries.size > 0) this.entries.delete(key)
  }

  clear(): void {
    this.entries.clear()
  }

  save(writer: StateWriter): void {
    writer.uint(this.entries.size)
    for (const [key, entry] of this.entries) {
      writer.text(key)
      writer.text(entry)
    }
  }

  restore(reader: StateReader): void {
    this.entries = new Map()
    const count = reader.uint()
    for (let index = 0; index < count; index++) {
      const key = reader.text()
      this.entries.set(key, reader.text())
    }
  }
}
