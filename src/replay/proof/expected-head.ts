/** A head of the chain that was noted earlier, and whether a log still goes through it. */
import type { Seq } from '../../log/entry.ts'
import type { LogWalk } from '../reading/log-walk.ts'

export interface ExpectedHead {
  /** Hex. */
  readonly head: string
  /** The entry it was noted at; undefined: the last one of the stream. */
  readonly seq: Seq | undefined
}

/** Reads `HEX` or `SEQ:HEX`; undefined: it is neither. */
export const parseExpectedHead = (text: string): ExpectedHead | undefined => {
  const match = /^(?:(\d{1,15}):)?([0-9a-f]{64})$/i.exec(text)
  const head = match?.[2]?.toLowerCase()
  if (head === undefined) return undefined
  return { head, seq: match?.[1] === undefined ? undefined : Number(match[1]) }
}

/** What is wrong after the walk, one sentence; undefined: the log goes through this head. */
export const headProblem = ({ head, seq }: ExpectedHead, walk: LogWalk): string | undefined => {
  const last = walk.lastSeq
  const found = seq === undefined ? walk.chain.head : walk.chain.askedHead
  if (found === head) return undefined
  const at = `entry ${String(seq ?? last)}`
  if (seq !== undefined && seq > last)
    return `The log ends at entry ${String(last)}: its end is missing, as a head was noted at entry ${String(seq)}.`
  if (found === undefined) return `The head at ${at} cannot be computed: there is damage before it.`
  const cause = seq === undefined ? 'entries were changed, added or cut off' : 'entries were changed'
  return `The head at ${at} is ${found}, not the one that was noted: ${cause}.`
}
