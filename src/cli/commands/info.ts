/** `bookreel info`: what a store holds, and how far it can be trusted. */
import type { CommandModule } from 'yargs'

import type { RunNote } from '../../log/run-book.ts'
import { microsToIso } from '../../market/time.ts'
import { type StreamInfo, streamInfo } from '../../replay/stream-info.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import { withStore } from '../options.ts'
import { bytesText, print, printJson, shareText, table } from '../output.ts'

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
  const lines = [...holes, ...aside, ...gaps, ...closed, ...kinds]
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

export const infoCommand: CommandModule<
  unknown,
  { store: string; json: boolean; streams: string[] | undefined }
> = {
  command: 'info [streams..]',
  describe: 'Show what was recorded: spans, sizes, runs, gaps and their causes',
  builder: (command) =>
    withStore(
      command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
    )
      .example('$0 info', 'every stream of ./bookreel-data')
      .example('$0 info coinbase:BTC-USD --json', 'one stream, for machines'),
  handler: async ({ store: url, json, streams }) => {
    await withStoreAt(url, 'read', async (store) => {
      const infos: (StreamInfo & { readonly runNotes: readonly RunNote[] })[] = []
      for (const { stream } of await streamsOf(store, streams ?? [])) {
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
        print(`${stream}: head ${String(lastSeq)}:${head}`)
      }
      for (const note of infos.flatMap(({ runNotes }) => runNotes.slice(-MOST_LISTED))) print(runText(note))
      for (const line of infos.flatMap(details)) print(line)
    })
  },
}
