/**
 * A table of order ids as saved state, in columns: UUIDs as bytes, decimal numbers as numbers, others as text. Owns the
 * layout; what handles mean is the table's.
 */
import type { StateReader, StateWriter } from './state-bytes.ts'

/** What a handle holds; the numbers are stored. */
export const HELD = { nothing: 0, uuid: 1, number: 2, text: 3 } as const

const UUID_BYTES = 16

/** A table's ids apart by kind, each kind in the order of the handles. */
export interface IdColumns {
  /** What each handle ever given holds, see HELD. */
  readonly kinds: Uint8Array
  /** 16 bytes each. */
  readonly uuids: Uint8Array
  readonly numbers: ArrayLike<number>
  readonly texts: readonly string[]
  /** The handles that hold nothing, the one to be used next last. */
  readonly free: ArrayLike<number>
}

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,15})$/

/** Whether the text is that of a whole number below 2^53 and of nothing else. */
export const isNumberText = (text: string): boolean =>
  WHOLE_NUMBER.test(text) && Number(text) <= Number.MAX_SAFE_INTEGER

/**
 * UUIDs stand in 16 planes: the first byte of each, then the second of each … Two of the sixteen are not quite random,
 * which a compressor sees only where they stand together.
 */
export const writeIds = (writer: StateWriter, { kinds, uuids, numbers, texts, free }: IdColumns): void => {
  const count = uuids.length / UUID_BYTES
  const planes = new Uint8Array(uuids.length)
  for (let index = 0; index < count; index++)
    for (let byte = 0; byte < UUID_BYTES; byte++)
      planes[byte * count + index] = uuids[index * UUID_BYTES + byte] ?? 0
  writer.block(kinds)
  writer.append(planes)
  writer.numbers(numbers)
  for (const text of texts) writer.text(text)
  writer.numbers(free)
}

/** Throws RangeError when the bytes are cut or hold no such table. */
export const readIds = (reader: StateReader): IdColumns => {
  const kinds = reader.block()
  const counts = [0, 0, 0, 0]
  for (const kind of kinds) {
    if (kind > HELD.text) throw contradiction()
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  const count = counts[HELD.uuid] ?? 0
  const planes = reader.take(count * UUID_BYTES)
  const uuids = new Uint8Array(planes.length)
  for (let byte = 0; byte < UUID_BYTES; byte++)
    for (let index = 0; index < count; index++)
      uuids[index * UUID_BYTES + byte] = planes[byte * count + index] ?? 0
  const numbers = reader.numbers()
  const texts: string[] = []
  while (texts.length < (counts[HELD.text] ?? 0)) texts.push(reader.text())
  const free = reader.numbers()
  const isFree = kinds.map((kind) => (kind === HELD.nothing ? 1 : 0))
  for (const handle of free) {
    if (isFree[handle] !== 1) throw contradiction()
    isFree[handle] = 0
  }
  if (isFree.includes(1) || numbers.length !== counts[HELD.number]) throw contradiction()
  return { kinds, uuids, numbers, texts, free }
}

const contradiction = (): RangeError => new RangeError('saved order ids contradict themselves')
