/** Frames of channels that the venue has not confirmed yet. Owns their bound. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'

/** A frame kept until its channel is known. */
export interface WaitingFrame {
  readonly chanId: number
  readonly text: string
  readonly receiveTime: Micros
}

// A channel's frames were seen 7 s before its confirmation; a snapshot of 250 a side has about 20 kB.
const MOST_FRAMES = 512
const MOST_CHARACTERS = 1_000_000
const MOST_CHANNELS = 256

/** Frames of channels that the venue has not confirmed yet. Bounded: the oldest are given up first, and that is known. */
export class WaitingFrames {
  private frames: WaitingFrame[] = []
  private characters = 0
  private incomplete = new Set<number>()

  add(frame: WaitingFrame): void {
    this.frames.push(frame)
    this.characters += frame.text.length
    while (this.frames.length > MOST_FRAMES || this.characters > MOST_CHARACTERS) this.dropOldest()
  }

  private dropOldest(): void {
    const dropped = this.frames.shift()
    if (dropped === undefined) return
    this.characters -= dropped.text.length
    this.lose(dropped.chanId)
  }

  /** A frame of this channel cannot be kept. */
  lose(chanId: number): void {
    if (this.incomplete.size < MOST_CHANNELS) this.incomplete.add(chanId)
  }

  /** Frames were lost: what waits is incomplete. */
  dropAll(): void {
    while (this.frames.length > 0) this.dropOldest()
  }

  /** Frames of this channel were given up. */
  isIncomplete(chanId: number): boolean {
    return this.incomplete.has(chanId)
  }

  /** Hands over what is left of a channel's frames, in order, and forgets that there were more. */
  take(chanId: number): readonly WaitingFrame[] {
    const taken = this.frames.filter((frame) => frame.chanId === chanId)
    if (taken.length > 0) {
      this.frames = this.frames.filter((frame) => frame.chanId !== chanId)
      this.characters -= taken.reduce((sum, frame) => sum + frame.text.length, 0)
    }
    this.incomplete.delete(chanId)
    return taken
  }

  save(writer: StateWriter): void {
    writer.uint(this.frames.length)
    for (const frame of this.frames) {
      writer.uint(frame.chanId)
      writer.text(frame.text)
      writer.uint(frame.receiveTime)
    }
    writer.uint(this.incomplete.size)
    for (const chanId of this.incomplete) writer.uint(chanId)
  }

  restore(reader: StateReader): void {
    this.frames = []
    this.characters = 0
    const count = reader.uint()
    for (let index = 0; index < count; index++) {
      const chanId = reader.uint()
      const text = reader.text()
      this.frames.push({ chanId, text, receiveTime: microsOf(reader.uint()) })
      this.characters += text.length
    }
    this.incomplete = new Set(Array.from({ length: reader.uint() }, () => reader.uint()))
  }
}
