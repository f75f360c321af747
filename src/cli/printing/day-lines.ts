/** The digests of stream-days, as `bookreel info --digest` tells them. */
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { type Micros, microsToIso } from '../../market/time.ts'
import { type DayDigest, dayDigests } from '../../replay/proof/day-digest.ts'
import { streamsOf } from '../archive.ts'
import { Problem } from '../problem.ts'
import { print, printJson, tell } from './output.ts'
import { newProgress } from './progress.ts'

export interface DayDigestRequest {
  readonly names: readonly string[]
  /** Undefined: all days. */
  readonly day: Micros | undefined
  readonly json: boolean
}

const incompleteness = ({ begins, ends, missing }: DayDigest): string => {
  const reasons = [
    ...(begins ? ['the recording begins on this day'] : []),
    ...(ends ? ['what is stored ends on this day'] : []),
    ...missing.map(
      ({ kind, firstSeq, lastSeq }) =>
        `entries ${String(firstSeq)} to ${String(lastSeq)} are missing (${kind})`,
    ),
  ]
  return reasons.length === 0 ? '' : `; incomplete: ${reasons.join(', ')}`
}

const lineOf = (day: DayDigest): string =>
  `${day.stream} ${day.day} ${day.digest} ${String(day.entries)} entries${incompleteness(day)}`

/** Prints them as they come. Throws Problem at the end where streams were damaged: those before are told. */
export const tellDayDigests = async (
  store: EventStore,
  { names, day, json }: DayDigestRequest,
): Promise<void> => {
  const streams = await streamsOf(store, names)
  const days: DayDigest[] = []
  let told = 0
  let damaged: string | undefined
  let total = 0
  // A day is reached by a keyframe: how many entries there are on the way is not known before.
  if (day === undefined)
    for (const { stream } of streams)
      for (const part of await store.parts(stream)) if (part.kind === 'chunk') total += part.header.entries
  const progress = newProgress('digest', total, 'entries')
  try {
    for (const { stream, venue } of streams)
      try {
        for await (const found of dayDigests(store, stream, venue, { day, onEntries: progress.add })) {
          told++
          if (json) days.push(found)
          else print(lineOf(found))
        }
      } catch (error) {
        if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
        damaged ??= `${error.message} No digest is told of ${stream} from there on: see bookreel verify.`
      }
  } finally {
    progress.stop()
  }
  if (json) printJson({ days })
  else if (streams.length === 0) print('The store is empty.')
  else if (told === 0 && day !== undefined) tell(`Nothing was received on ${microsToIso(day).slice(0, 10)}.`)
  if (damaged !== undefined) throw new Problem(damaged)
}
