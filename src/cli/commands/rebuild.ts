/** `bookreel rebuild`: derives verdicts, digests and keyframes again with the present decoder. */
import type { CommandModule } from 'yargs'

import { whileOwning } from '../../app/archive/own-stream.ts'
import { type RebuildResult, rebuildStream } from '../../recorder/upkeep/rebuild.ts'
import { checkSpool, streamsOf, withStoreAt } from '../archive.ts'
import { withSpool, withStore } from '../options.ts'
import { print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'

interface RebuildArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  spool: string | undefined
  all: boolean
}

const tellResult = (result: RebuildResult): void => {
  const { stream, chunks, rebuilt, changed, changedBooks, gapsBefore, gapsAfter } = result
  if (rebuilt === 0 && result.keyframesRemoved === 0) {
    const all = chunks === 1 ? 'its one chunk is' : `all ${String(chunks)} chunks are`
    print(`${stream}: ${all} judged by this version already (--all rebuilds)`)
    return
  }
  const verdicts = `${String(changed)} verdicts and ${String(changedBooks)} final books changed`
  const keyframes = `${String(result.keyframesWritten)} keyframes written, ${String(result.keyframesRemoved)} removed`
  const gaps = `gaps ${String(gapsBefore)} → ${String(gapsAfter)}`
  print(
    `${stream}: ${String(rebuilt)} of ${String(chunks)} chunks rebuilt, ${verdicts}; ${keyframes}; ${gaps}`,
  )
}

export const rebuildCommand: CommandModule<unknown, RebuildArguments> = {
  command: 'rebuild [streams..]',
  describe: 'Derive verdicts, digests and keyframes again after an update; entries stay as they are',
  builder: (command) =>
    withSpool(
      withStore(
        command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
      ),
    )
      .option('all', {
        type: 'boolean',
        default: false,
        describe: 'Everything, not only what another version of the decoder judged',
      })
      .example('$0 rebuild', 'what an update judges otherwise, in every stream')
      .example('$0 rebuild coinbase:BTC-USD --all', 'one stream, from its first entry'),
  handler: async ({ store: url, json, streams, spool, all }) => {
    checkSpool(url, spool)
    await withStoreAt(url, 'change', async (store) => {
      const results: RebuildResult[] = []
      for (const { stream, venue } of await streamsOf(store, streams ?? [])) {
        const progress = newProgress(`rebuild ${stream}`, await store.lastSeq(stream), 'entries')
        try {
          const onChunk = ({ entries }: { readonly entries: number }): void => {
            progress.add(entries)
          }
          const rebuild = (): Promise<RebuildResult> => rebuildStream({ store, stream, venue, all, onChunk })
          results.push(await whileOwning({ url, spool, store }, stream, rebuild))
        } finally {
          progress.stop()
        }
      }
      if (json) printJson({ streams: results })
      else if (results.length === 0) print('The store is empty: nothing to rebuild.')
      else results.forEach(tellResult)
    })
  },
}
