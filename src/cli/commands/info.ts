/** `bookreel info`: what a store holds, and how far it can be trusted. */
import type { CommandModule } from 'yargs'

import type { EventStore } from '../../log/event-store.ts'
import type { RunNote } from '../../log/run-book.ts'
import { type Micros, microsFromIso, microsToIso } from '../../market/time.ts'
import { type StreamInfo, streamInfo } from '../../replay/proof/stream-info.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import { withStore } from '../options.ts'
import { tellDayDigests } from '../printing/day-lines.ts'
import { bytesText, print, printJson, shareText, table } from '../printing/output.ts'
import { usageProblem } from '../problem.ts'

const MOST_LISTED = 10

const details = (info: StreamInfo): readonly string[] => {
  const gaps = info.gaps.map(
    ({ seq, cause, expected, found }) =>
      `${info.stream}: gap at entry ${String(seq)}: ${cause}` +
      (expected === '' ? ` (${found})` : `, expected ${expected}, found ${found}`),
  )
  const closed = info.disconnects.map(
    ({ seq, cause }) => `${info.stream}: interrupted at entry ${String(seq)}: ${cause}`,
  )
  const kinds = Object.entries(info.undecoded.kinds).map(
    ([kind, count]) => `${info.stream}: not understood: ${kind} × ${String(count)}`,
  )
  const holes = info.holes.map(
    ({ kind, firstSeq, lastSeq, reason }) =>
      `${info.stream}: ${kind === 'damaged' ? 'damaged, put aside' : kind}: entries ${String(firstSeq)} to ${String(lastSeq)}: ${reason}`,
  )
  const aside = info.quarantined.map(
    ({ number, firstSeq, headerBytes, payloadBytes }) =>
      `${info.stream}: put aside as number ${String(number)}: what was stored at entry ${String(firstSeq)}, ${bytesText(headerBytes + payloadBytes)}`,
  )
  const unreadable = info.unreadable.map(
    ({ firstSeq, detail }) => `${info.stream}: damaged at entry ${String(firstSeq)}: ${detail}`,
  )
  const mismatches =
    info.sealMismatches === 0
      ? []
      : [`${info.stream}: ${String(info.sealMismatches)} chunks not as the live book said`]
  const lines = [...unreadable, ...mismatches, ...holes, ...aside, ...gaps, ...closed, ...kinds]
  const more = lines.length - MOST_LISTED
  return more > 0
    ? [...lines.slice(0, MOST_LISTED), `${info.stream}: … and ${String(more)} more (--json)`]
    : lines
}

const asTable = (infos: readonly StreamInfo[]): string => {
  const head = [
    'stream', 'entries', 'chunks', 'raw', 'stored', 'B/entry', 'runs', 'gaps', 'checksums', 'valid', 'verified',
  ] // prettier-ignore
  const rows = infos.map((info) => [
    info.stream,
    String(info.entries),
    String(info.chunks),
    bytesText(info.rawBytes),
    bytesText(info.storedBytes),
    info.bytesPerEntry.toFixed(1),
    String(info.runs),
    String(info.gaps.length),
    `${String(info.checksums.right)}/${String(info.checksums.wrong)}`,
    shareText(info.validShare),
    shareText(info.verifiedShare),
  ])
  return table([head, ...rows])
}

const runText = ({
  stream,
  epoch,
  recorder,
  software,
  firstSeq,
  startedAt,
  end,
  lastSeq,
}: RunNote): string => {
  const how = end === null ? 'goes on' : lastSeq === null ? end : `${end} after entry ${String(lastSeq)}`
  return `${stream}: run ${String(epoch)}: from entry ${String(firstSeq)}, ${microsToIso(startedAt)}, ${software}, recorder ${recorder.slice(0, 8)}: ${how}`
}

const tellInfos = async (store: EventStore, json: boolean, names: readonly string[]): Promise<void> => {
  const infos: (StreamInfo & { readonly runNotes: readonly RunNote[] })[] = []
  for (const { stream } of await streamsOf(store, names)) {
    const runNotes = (await store.runs?.list(stream)) ?? []
    infos.push({ ...(await streamInfo(store, stream)), runNotes })
  }
  if (json) {
    printJson({ streams: infos })
    return
  }
  if (infos.length === 0) {
    print('The store is empty.')
    return
  }
  print(asTable(infos))
  print('(checksums: right/wrong)')
  for (const { stream, firstReceiveTime, lastReceiveTime, lastSeq, head } of infos) {
    if (firstReceiveTime !== null && lastReceiveTime !== null)
      print(`${stream}: ${microsToIso(firstReceiveTime)} to ${microsToIso(lastReceiveTime)}`)
    if (head !== '') print(`${stream}: head ${String(lastSeq)}:${head}`)
  }
  for (const note of infos.flatMap(({ runNotes }) => runNotes.slice(-MOST_LISTED))) print(runText(note))
  for (const line of infos.flatMap(details)) print(line)
}

interface InfoArguments {
  readonly store: string
  readonly json: boolean
  readonly streams: string[] | undefined
  readonly digest: boolean
  readonly day: string | undefined
}

const dayOf = (text: string): Micros => {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? microsFromIso(`${text}T00:00:00Z`) : undefined
  if (day === undefined) throw usageProblem(`--day "${text}" is no day: write YYYY-MM-DD, a day in UTC.`)
  return day
}

export const infoCommand: CommandModule<unknown, InfoArguments> = {
  command: 'info [streams..]',
  describe: 'Show what was recorded: spans, sizes, runs, gaps and their causes',
  builder: (command) =>
    withStore(
      command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
    )
      .option('digest', {
        type: 'boolean',
        default: false,
        describe:
          'One line for each stream and UTC day instead: a digest that proves what was recorded on it',
      })
      .option('day', {
        type: 'string',
        requiresArg: true,
        implies: 'digest',
        describe: 'With --digest: this day alone, YYYY-MM-DD',
      })
      .example('$0 info', 'every stream of ./bookreel-data')
      .example('$0 info coinbase:BTC-USD --json', 'one stream, for machines')
      .example('$0 info --digest', 'what others compare with theirs'),
  handler: async ({ store: url, json, streams, digest, day }) => {
    const wanted = day === undefined ? undefined : dayOf(day)
    await withStoreAt(url, 'read', async (store) => {
      if (digest) await tellDayDigests(store, { names: streams ?? [], day: wanted, json })
      else await tellInfos(store, json, streams ?? [])
    })
  },
}
