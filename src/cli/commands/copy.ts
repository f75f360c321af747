/** `bookreel push` and `bookreel pull`: streams of one store copied to another, resumable, proved on the way. */
import type { CommandModule } from 'yargs'

import { type CopyResult, copyStream, entriesToCopy } from '../../app/archive/copy-streams.ts'
import { whileOwning } from '../../app/archive/own-stream.ts'
import { checkIsKept, checkSpool, streamsOf, withStoreAt } from '../archive.ts'
import { withSpool, withStore } from '../options.ts'
import { bytesText, print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { usageProblem } from '../problem.ts'

interface CopyArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  spool: string | undefined
}

interface Places {
  readonly from: string
  readonly to: string
}

const tellResult = ({ stream, entries, chunks, bytes, keyframes, lastSeq, head }: CopyResult): void => {
  print(
    entries === 0
      ? `${stream}: nothing new; both end at entry ${String(lastSeq)}, head ${head.slice(0, 16)}…`
      : `${stream}: ${String(entries)} entries in ${String(chunks)} chunks (${bytesText(bytes)}) and ${String(keyframes)} keyframes copied; ` +
          `both end at entry ${String(lastSeq)}, head ${head.slice(0, 16)}…`,
  )
}

const copy = async ({ from, to }: Places, { json, streams, spool }: CopyArguments): Promise<void> => {
  if (from === to) throw usageProblem('A store is not copied to itself: name two stores.')
  checkIsKept(to)
  checkSpool(to, spool)
  const results: CopyResult[] = []
  await withStoreAt(from, 'read', async (source) => {
    const wanted = await streamsOf(source, streams ?? [])
    await withStoreAt(to, 'write', async (target) => {
      for (const { stream } of wanted) {
        const options = { source, target, stream, onEntries: () => undefined }
        const progress = newProgress(stream, await entriesToCopy(options), 'entries')
        try {
          // Nobody may record the stream meanwhile: what is copied would stand in the place of what waits.
          const result = await whileOwning(
            { url: to, spool, store: target },
            stream,
            async () => await copyStream({ ...options, onEntries: progress.add }),
          )
          results.push(result)
        } finally {
          progress.stop()
        }
      }
    })
  })
  if (json) printJson({ streams: results })
  else if (results.length === 0) print('The store is empty: nothing to copy.')
  else results.forEach(tellResult)
}

const command = (
  name: 'push' | 'pull',
  other: 'to' | 'from',
  describe: string,
): CommandModule<unknown, CopyArguments & Partial<Record<'to' | 'from', string>>> => ({
  command: `${name} [streams..]`,
  describe,
  builder: (built) =>
    withSpool(
      withStore(
        built.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
      ),
    )
      .option(other, {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: `The other store: mongodb://HOST/DATABASE or file:DIR`,
      })
      .example(
        `$0 ${name} --${other} mongodb://127.0.0.1/books`,
        'every stream; again: what is new, or what was left',
      ),
  handler: async (args) => {
    const there = args[other] ?? ''
    await copy(other === 'to' ? { from: args.store, to: there } : { from: there, to: args.store }, args)
  },
})

export const pushCommand = command(
  'push',
  'to',
  'Copy streams of --store to another store, or what is new of them',
)
export const pullCommand = command(
  'pull',
  'from',
  'Copy streams of another store into --store, or what is new of them',
)
