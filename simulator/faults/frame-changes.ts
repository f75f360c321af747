/** What a fault makes of a frame's text, and whether it can befall a frame at all. Pure. */
import type { FrameFault } from './fault.ts'
import type { FrameDialect } from './frame-dialect.ts'

/** Whether the fault can happen to this frame. */
export const fitsFrame = (fault: FrameFault, text: string, dialect: FrameDialect): boolean => {
  if (fault.kind === 'checksum') return dialect.spoilChecksum(text) !== undefined
  if (fault.kind === 'extra-field') return dialect.addField(text) !== undefined
  return fault.kind !== 'sequence-restart' || dialect.canRestart(text)
}

/** The texts that leave in place of these. */
export const changedFrames = (
  texts: readonly string[],
  fault: FrameFault,
  dialect: FrameDialect,
): readonly string[] => {
  if (fault.kind === 'lose') return []
  if (fault.kind === 'duplicate') return [...texts, ...texts]
  return texts.map((text) => {
    if (fault.kind === 'truncate') return text.slice(0, fault.keep ?? Math.floor(text.length / 2))
    if (fault.kind === 'checksum') return dialect.spoilChecksum(text) ?? text
    return fault.kind === 'extra-field' ? (dialect.addField(text) ?? text) : text
  })
}

/** A frame that comes behind the one at hand; undefined where the fault brings none. */
export const addedFrame = (fault: FrameFault, dialect: FrameDialect): string | Buffer | undefined => {
  if (fault.kind === 'unknown-type') return dialect.unknownFrame('')
  if (fault.kind === 'oversized') return dialect.unknownFrame('x'.repeat(fault.bytes))
  if (fault.kind === 'malformed') return fault.text ?? dialect.malformedFrame
  return fault.kind === 'binary' ? Buffer.alloc(fault.bytes, 0x9f) : undefined
}
