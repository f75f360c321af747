/**
 * The connections of a recording with several at a time, each held against the one of the venue that it was: which that is
 * tell its frames, all of them. Knows the numbers of Coinbase's messages; judges nothing.
 */
import { EntryCursor, type EntryView } from '../../src/log/entry.ts'
import { frameHash, type SentConnection } from './sent-frames.ts'

const NUMBERED = ['received', 'open', 'done', 'match', 'change']
/** No number, or none yet. */
export const NONE = -1

/** The number of a message that can be read whole; NONE where it has none. */
const numberOf = (entry: EntryView): number => {
  if (entry.isBinary) return NONE
  try {
    const { type, sequence } = JSON.parse(entry.text()) as { type?: unknown; sequence?: unknown }
    return NUMBERED.includes(String(type)) && typeof sequence === 'number' ? sequence : NONE
  } catch {
    return NONE
  }
}

/** One connection as it was recorded. */
export interface RecordedLink {
  /** Ours of it. */
  readonly number: number
  readonly hashes: number[]
  /** Of the same frames. */
  readonly numbers: number[]
  /** Undefined: none of its frames came, or what came is nothing that the venue sent. */
  sent: SentConnection | undefined
  /** Frames that were not sent so. */
  lost: number
}

const commonLength = (one: readonly number[], other: readonly number[]): number => {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}

/** The longest choose first: where one is the beginning of two, either will do. */
const match = (links: readonly RecordedLink[], sent: readonly SentConnection[]): void => {
  const free = new Set(sent)
  const longestFirst = [...links].sort((one, other) => other.hashes.length - one.hashes.length)
  for (const link of longestFirst) {
    if (link.hashes.length === 0) continue
    let best: SentConnection | undefined
    let length = 0
    for (const each of free) {
      const common = commonLength(link.hashes, each.hashes)
      if (common > length) [best, length] = [each, common]
    }
    if (best !== undefined) free.delete(best)
    link.sent = best
    link.lost = link.hashes.length - length
  }
}

/** By our number of them. */
export const linksOf = (
  batches: readonly Uint8Array[],
  sent: readonly SentConnection[],
): ReadonlyMap<number, RecordedLink> => {
  const links = new Map<number, RecordedLink>()
  for (const records of batches) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      if (cursor.kind !== 'frame') continue
      const known = links.get(cursor.connection)
      const link = known ?? { number: cursor.connection, hashes: [], numbers: [], sent: undefined, lost: 0 }
      if (known === undefined) links.set(cursor.connection, link)
      link.hashes.push(frameHash(cursor.bytes()))
      link.numbers.push(numberOf(cursor))
    }
  }
  match([...links.values()], sent)
  return links
}
