/** `bookreel compact`: many small chunks become few full ones. */
import type { CommandModule } from 'yargs'

import { CHUNK_LIMITS } from '../../recorder/feed/entry-log.ts'
import { type CompactionResult, compactStream } from '../../recorder/upkeep/compaction.ts'
import { checkIsKept, streamsOf, withStoreAt } from '../archive.ts'
import { countOf, withStore } from '../options.ts'
import { bytesText, print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { Problem } from '../problem.ts'

interface CompactArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  'chunk-entries': number
  'dry-run': boolean
}

const tellResult = ({
  stream,
  entries,
  chunksBefore,
  chunksAfter,
  bytesBefore,
  bytesAfter,
}: CompactionResult): void => {
  const chunks = `${String(chunksBefore)} chunks become ${String(chunksAfter)}`
  const bytes =
    bytesAfter === null ? bytesText(bytesBefore) : `${bytesText(bytesBefore)} become ${bytesText(bytesAfter)}`
  print(`${stream}: ${String(entries)} entries, ${chunks}, ${bytes}`)
}

export const compactCommand: CommandModule<unknown, CompactArguments> = {
  command: 'compact [streams..]',
  describe:
    'Make full chunks of the small ones of quiet or restarted streams; entries and chain stay the same',
  builder: (command) =>
    withStore(
      command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
    )
      .option('chunk-entries', {
        type: 'number',
        default: CHUNK_LIMITS.entries,
        requiresArg: true,
        describe: 'Entries of a full chunk',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only show what would be done' })
      .example('$0 compact', 'every stream of ./bookreel-data, also while it is being recorded')
      .example('$0 compact coinbase:BTC-USD --dry-run', 'what there is to gain'),
  handler: async ({ store: url, json, streams, 'chunk-entries': chunkEntries, 'dry-run': isDryRun }) => {
    const limits = { entries: countOf('chunk-entries', chunkEntries), bytes: CHUNK_LIMITS.bytes }
    checkIsKept(url)
    await withStoreAt(url, isDryRun ? 'read' : 'change', async (store) => {
      const results: CompactionResult[] = []
      for (const { stream, venue } of await streamsOf(store, streams ?? [])) {
        const progress = newProgress(stream, await store.lastSeq(stream), 'entries')
        const onEntries = (entries: number): void => {
          progress.add(entries)
        }
        try {
          results.push(
            await compactStream(store, stream, { limits, hints: venue.columnHints, isDryRun, onEntries }),
          )
          if (!isDryRun) await store.sweep?.(stream)
        } finally {
          progress.stop()
        }
      }
      if (json) printJson({ dryRun: isDryRun, streams: results })
      else if (results.length === 0) print('The store is empty: nothing to compact.')
      else results.forEach(tellResult)
      const damaged = results.filter(({ damaged: seqs }) => seqs.length > 0).map(({ stream }) => stream)
      if (damaged.length > 0)
        throw new Problem(
          `Some chunks of ${damaged.join(', ')} are damaged and were left as they are: "bookreel verify" names them.`,
        )
    })
  },
}
