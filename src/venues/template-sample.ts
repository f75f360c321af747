/**
 * A template as a JSON value in which each scalar is a mark that says which slot it is: where a slot's value ends up is
 * then seen in the value itself, whatever the keys are, however they are escaped, and also where a key stands twice.
 */
import { Buffer } from 'node:buffer'

import type { FrameTemplate } from '../log/frame-row.ts'

const SCALAR = /\0[ntixl]/g
/** No constant text of a template has both this and a digit. */
const MARK = '\0'

/**
 * The value of a frame of this template: text scalars as marks, bare numbers as the numbers of their slots, lists as an
 * array of one mark. Undefined where not every frame of the template is JSON, whatever its numbers, times and ids; texts
 * are left to `arePlain` (plain-texts.ts), elements of lists to their own templates.
 */
export const sampleOf = (template: FrameTemplate): { readonly value: unknown } | undefined => {
  const { slots } = template
  let index = -1
  let isBound = true
  const text = template.skeleton.replace(SCALAR, () => {
    index++
    const slot = slots[index]
    // The brackets of a list stand in the skeleton.
    if (slot?.kind === 'list') return `"\\u0000${String(index)}"`
    if (slot?.isQuoted === true) return `\\u0000${String(index)}`
    if (slot?.kind !== 'number') isBound = false
    return String(index)
  })
  if (!isBound || index !== slots.length - 1) return undefined
  try {
    return { value: JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) }
  } catch {
    return undefined
  }
}

/** The slot that a scalar out of a sample stands for; -1 where it is a constant of the template, or no scalar. */
export const slotOf = (value: unknown): number => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length > 1 && value.startsWith(MARK) ? Number(value.slice(1)) : -1
}

/** The list slot that an array out of a sample stands for; -1 where it is an array of the template's own. */
export const listSlotOf = (value: unknown, template: FrameTemplate): number => {
  if (!Array.isArray(value) || value.length !== 1) return -1
  const slot = slotOf((value as readonly unknown[])[0])
  return template.slots[slot]?.kind === 'list' ? slot : -1
}
