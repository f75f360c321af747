/** Finds which slots of a template a binding reads, and notes when one of them cannot be read by position. */
import type { FrameTemplate, SlotKind } from '../../../log/frame-row.ts'
import { slotOf } from '../../template-sample.ts'

/** No slot: the field is absent, or a constant that the binding knows. */
export const NO_SLOT = -1

export class SlotFinder {
  /** False once a field was found that only its text can tell. */
  isBound = true
  private readonly template: FrameTemplate

  constructor(template: FrameTemplate) {
    this.template = template
  }

  /** The slot of a field that every frame has as this kind. `value`: the field out of the template's sample. */
  find(value: unknown, kind: SlotKind): number {
    const slot = slotOf(value)
    if (this.template.slots[slot]?.kind === kind) return slot
    this.isBound = false
    return NO_SLOT
  }

  /** The slot of a field that may be left out, null or empty in the template. */
  findOptional(value: unknown, kind: SlotKind): number {
    return value === undefined || value === null || value === '' ? NO_SLOT : this.find(value, kind)
  }
}

/** The slots of texts, which are JSON only where they are plain. */
export const textSlotsOf = (template: FrameTemplate): readonly number[] =>
  template.slots.flatMap(({ kind }, slot) => (kind === 'text' ? [slot] : []))

export const hasLists = (template: FrameTemplate): boolean =>
  template.slots.some(({ kind }) => kind === 'list')
