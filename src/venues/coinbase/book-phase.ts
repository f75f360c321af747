/** Where the book of a sequenced feed stands. Owns the remembering alone: when it changes is the feed's to say. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

export class BookPhase {
  /** True while the book takes messages as they come; a hole open meanwhile makes it invalid, not given up. */
  isLive = false
  /** The book is loaded but no message has confirmed its number yet. */
  isUnproven = false
  /** The first message is to find an empty book. */
  startsEmpty = false
  hasToldUnrepresentable = false

  /** Live, and nothing is left to be proven. */
  get isSteady(): boolean {
    return this.isLive && !this.isUnproven
  }

  /** The book was given up. */
  giveUp(): void {
    this.isLive = false
    this.isUnproven = false
  }

  /** The connection is gone: what it said counts no more. */
  disconnect(): void {
    this.giveUp()
    this.hasToldUnrepresentable = false
  }

  /** A whole book is loaded. */
  load(isUnproven: boolean): void {
    this.isLive = true
    this.isUnproven = isUnproven
    this.startsEmpty = false
    this.hasToldUnrepresentable = false
  }

  save(writer: StateWriter): void {
    writer.bool(this.isLive)
    writer.bool(this.isUnproven)
    writer.bool(this.startsEmpty)
    writer.bool(this.hasToldUnrepresentable)
  }

  restore(reader: StateReader): void {
    this.isLive = reader.bool()
    this.isUnproven = reader.bool()
    this.startsEmpty = reader.bool()
    this.hasToldUnrepresentable = reader.bool()
  }
}
