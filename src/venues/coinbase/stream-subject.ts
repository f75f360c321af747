/**
 * What the stream is about: its product, and whether its book is one by orders or by levels. The manifest says it; what
 * a manifest leaves open is learnt from subscriptions, else from the first message that tells.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type BookFamily, familyOfChannel, readChannels } from './channels.ts'
import { Manifest } from './frames.ts'

export class StreamSubject {
  product: string | undefined
  family: BookFamily | undefined
  /** The run begins with an empty book that is taken as complete. */
  startsEmpty = false

  /** A run begins with this manifest. */
  begin(manifest: unknown): void {
    const known = Manifest.is(manifest) ? manifest : {}
    this.product = known.symbol
    this.family = typeof known.feed === 'string' ? familyOfChannel(known.feed) : undefined
    this.startsEmpty = known.assumeEmptyBook === true
  }

  /** Takes what a subscription or its acknowledgement tells; true when the product became known by it. */
  learn(message: unknown): boolean {
    if (this.product !== undefined && this.family !== undefined) return false
    const told = readChannels(message, this.product)
    if (told === undefined) return false
    const isNew = this.product === undefined && told.products.length === 1
    if (isNew) this.product = told.products[0]
    this.family ??= told.family
    return isNew
  }

  save(writer: StateWriter): void {
    writer.optionalText(this.product)
    writer.optionalText(this.family)
    writer.bool(this.startsEmpty)
  }

  restore(reader: StateReader): void {
    this.product = reader.optionalText()
    const family = reader.optionalText()
    this.family = family === 'orders' || family === 'levels' ? family : undefined
    this.startsEmpty = reader.bool()
  }
}
