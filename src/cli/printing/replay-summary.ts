/** What `replay` prints in the end. */
import type { ReplaySummary, StreamSummary } from '../../replay/replay-summary.ts'
import { print, printJson, table } from './output.ts'

const rowOf = ({
  stream,
  lastSeq,
  valid,
  reason,
  verified,
  bestBid,
  bestAsk,
  digest,
  digestSeq,
}: StreamSummary): readonly string[] => [
  stream,
  String(lastSeq),
  valid ? (verified ? 'valid, verified' : 'valid') : `not valid: ${reason ?? ''}`,
  bestBid ?? '-',
  bestAsk ?? '-',
  `${digest.slice(0, 16)}…`,
  String(digestSeq),
]

/** `summary` undefined: nothing was there to replay. */
export const tellSummary = (summary: ReplaySummary | undefined, seconds: number, json: boolean): void => {
  const { entries = 0, events = 0, isComplete = false, position = '', streams = [] } = summary ?? {}
  const eventsPerSecond = seconds > 0 ? Math.round(events / seconds) : 0
  if (json) {
    printJson({ entries, events, seconds, eventsPerSecond, isComplete, position, streams })
    return
  }
  const head = ['stream', 'entry', 'book', 'best bid', 'best ask', 'digest', 'at entry']
  print(table([head, ...streams.map(rowOf)]))
  const rate = `${eventsPerSecond.toLocaleString('en-US')} events/s`
  print(`${String(entries)} entries, ${String(events)} events in ${seconds.toFixed(2)} s: ${rate}`)
  if (!isComplete && position !== '') print(`Left before its end. To go on: --resume ${position}`)
}
