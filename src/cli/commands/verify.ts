/** `bookreel verify`: proves what is stored, changes nothing. */
import type { CommandModule } from 'yargs'

import { type StreamProof, verifyStream } from '../../replay/verify.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import { withStore } from '../options.ts'
import { print, printJson } from '../output.ts'
import { EXIT } from '../problem.ts'
import { newProgress } from '../progress.ts'

const MOST_LISTED = 20

const tellProof = (proof: StreamProof): void => {
  const { stream, entries, chunks, keyframes, problems, ok } = proof
  const extent = `${String(entries)} entries, ${String(chunks)} chunks, ${String(keyframes)} keyframes`
  print(`${ok ? 'ok     ' : 'PROBLEM'} ${stream}: ${extent}, head ${proof.head.slice(0, 16)}…`)
  for (const { kind, seq, detail } of problems.slice(0, MOST_LISTED))
    print(`        ${kind} at entry ${String(seq)}: ${detail}`)
  if (problems.length > MOST_LISTED)
    print(`        … and ${String(problems.length - MOST_LISTED)} more (--json)`)
}

export const verifyCommand: CommandModule<
  unknown,
  { store: string; json: boolean; streams: string[] | undefined }
> = {
  command: 'verify [streams..]',
  describe: 'Prove what is stored: hashes, chain, order, books, keyframes; exit 3 on damage or gaps',
  builder: (command) =>
    withStore(
      command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
    )
      .example('$0 verify', 'every stream of ./bookreel-data')
      .example('$0 verify bitfinex:BTC-USD --json', 'one stream, for machines'),
  handler: async ({ store: url, json, streams }) => {
    await withStoreAt(url, 'read', async (store) => {
      const proofs: StreamProof[] = []
      for (const { stream, venue } of await streamsOf(store, streams ?? [])) {
        const progress = newProgress(stream, await store.lastSeq(stream), 'entries')
        proofs.push(await verifyStream(store, stream, venue, ({ entries }) => progress.add(entries)))
        progress.stop()
      }
      const ok = proofs.every((proof) => proof.ok)
      if (json) printJson({ ok, streams: proofs })
      else if (proofs.length === 0) print('The store is empty: nothing to verify.')
      else proofs.forEach(tellProof)
      if (!ok) process.exitCode = EXIT.damage
    })
  },
}
